import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createToolbox } from '../../../src/mcp/index.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { call } from '../calls.ts';
import { startSite } from '../site.ts';

it('closes all sessions, saves the others and ends the connections when one cannot be saved', async () => {
  const released = Promise.withResolvers<void>();
  const site = await startSite({
    '/': async (_, response) => {
      await released.promise;
      response.setHeader('set-cookie', 'a=1; Max-Age=60').end('x');
    },
  });
  const storeFolder = await temporaryFolder();
  const options = { storeFolder, encryptionKey: null, allowHosts: [site.host] };
  const first = await createToolbox(options);
  const ids: string[] = [];
  for (let count = 0; count < 3; count++) {
    const { session_id } = await call(first, 'session_create', { base_url: site.url });
    ids.push(String(session_id));
  }
  const fetched = ids.map((session_id) => call(first, 'fetch', { session_id, url: '/' }));
  await vi.waitFor(() => expect(site.seen).toHaveLength(3));
  // Nothing can be written where a folder is.
  const broken = `session-${ids[1]?.replace('_', '_5f')}.json`;
  await mkdir(join(storeFolder, broken, 'in-the-way'), { recursive: true });
  released.resolve();
  await Promise.all(fetched);
  await expect(first.close()).rejects.toThrow('could not be closed');
  for (const session_id of ids) {
    const { isError } = await first.call('fetch', { session_id, url: '/' });
    expect(isError).toBe(true);
  }
  await rm(join(storeFolder, broken), { recursive: true });
  const second = await createToolbox(options);
  const { sessions } = await call(second, 'session_list', {});
  const kept = (sessions as { session_id: string; cookies: number }[]).filter(({ cookies }) => cookies === 1);
  expect(kept.map(({ session_id }) => session_id).sort()).toEqual([ids[0], ids[2]].sort());
  await second.close();
});
