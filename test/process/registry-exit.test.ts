import { describe, expect, it, onTestFinished } from 'vitest';
import { redisStore } from '../../src/registry/index.ts';
import { startChild } from '../helpers/child.ts';
import { hasRedis, startRedis } from '../helpers/redis.ts';

/** A process with so many sessions, all changed and none of them saved, that only saves when it ends. */
const program = `
  import { createRegistry, redisStore } from 'jarfetch/registry';
  const [url, count, exitTimeout] = process.argv.slice(1);
  const registry = createRegistry({
    store: redisStore(url, { timeout: 60_000 }),
    saveInterval: false,
    closeOnExit: true,
    exitTimeout: Number(exitTimeout),
  });
  for (let index = 0; index < Number(count); index++) {
    const session = await registry.create('s' + index);
    session.setCookie('sid', String(index), 'https://example.com/');
  }
  console.log('ready');
  setInterval(() => {}, 60_000);
`;

async function changedSessions(count: number, exitTimeout: number) {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const child = startChild(program, [server.url, String(count), String(exitTimeout)]);
  await child.printed('ready');
  return { server, child };
}

describe.skipIf(!hasRedis)('F2 SIGTERM with 10,000 changed sessions on Redis', () => {
  it('saves them all', { timeout: 120_000 }, async () => {
    const { server, child } = await changedSessions(10_000, 60_000);
    child.process.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ signal: 'SIGTERM', errors: '' });
    const store = redisStore(server.url, { timeout: 60_000 });
    onTestFinished(() => store.close());
    expect((await store.ids()).length).toBe(10_000);
    expect((await store.load('s9999'))?.cookies[0]?.value).toBe('9999');
  });

  it('says how many it could not save in time', { timeout: 120_000 }, async () => {
    const { server, child } = await changedSessions(10_000, 1000);
    // A Redis that stands still.
    server.process.kill('SIGSTOP');
    child.process.kill('SIGTERM');
    const { signal, errors } = await child.ended;
    expect(signal).toBe('SIGTERM');
    expect(errors).toMatch(/Registry was not closed within 1000 ms: 10000 sessions are not saved/);
  });
});
