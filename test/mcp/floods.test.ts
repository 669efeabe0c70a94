/** Attacks by number and by size: sessions, pages, bodies without end, ids that are guessed. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { temporaryFolder } from '../helpers/folders.ts';
import { call, fail, toolboxFor } from './calls.ts';
import { startSite } from './site.ts';

it('makes no more sessions than the limit, with any number of parallel requests', async () => {
  const toolbox = await toolboxFor(null, { maxSessions: 5 });
  const flood = async (client: string): Promise<number> => {
    const all = Array.from({ length: 40 }, () => toolbox.call('session_create', {}, { client }));
    return (await Promise.all(all)).filter(({ isError }) => isError !== true).length;
  };
  expect(await flood('a')).toBe(5);
  expect(await fail(toolbox, 'session_create', {}, 'a')).toMatchObject({ code: 'ERR_TOO_MANY_SESSIONS' });
  // A flood of one client takes nothing from another, and a closed session makes room.
  expect(await flood('b')).toBe(5);
  const { sessions } = await call(toolbox, 'session_list', {}, 'a');
  await call(toolbox, 'session_close', { session_id: Reflect.get(Object(sessions), 0).session_id }, 'a');
  await call(toolbox, 'session_create', {}, 'a');
});

it('does not keep a session whose first page did not open', async () => {
  const toolbox = await toolboxFor(null);
  await fail(toolbox, 'session_create', { url: 'http://127.0.0.1:1/' });
  expect(await call(toolbox, 'session_list', {})).toEqual({ sessions: [] });
});

it('keeps the pages that were used last, of each client', async () => {
  const site = await startSite({ '/': 'page' });
  const toolbox = await toolboxFor(site, { maxPages: 3 });
  const open = async (client: string): Promise<unknown> => {
    const { session_id } = await call(toolbox, 'session_create', { base_url: site.url }, client);
    return (await call(toolbox, 'page_open', { session_id, url: '/' }, client)).page_id;
  };
  const own = await open('a');
  const first = await open('b');
  const second = await open('b');
  await call(toolbox, 'page_snapshot', { page_id: first }, 'b');
  for (let count = 0; count < 2; count++) await open('b');
  expect(await fail(toolbox, 'page_snapshot', { page_id: second }, 'b')).toMatchObject({
    code: 'ERR_PAGE_NOT_FOUND',
    next: expect.stringContaining('page_open'),
  });
  await call(toolbox, 'page_snapshot', { page_id: first }, 'b');
  await call(toolbox, 'page_snapshot', { page_id: own }, 'a');
});

it('keeps no more than 20 million characters of pages', async () => {
  const size = 1_900_000;
  const site = await startSite({ '/': `<p>${'x'.repeat(size)}` });
  const toolbox = await toolboxFor(site);
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url });
  const ids: unknown[] = [];
  for (let count = 0; count < 12; count++) {
    ids.push((await call(toolbox, 'page_open', { session_id, url: '/', max_chars: 100 })).page_id);
  }
  const kept = await Promise.all(ids.map((page_id) => toolbox.call('page_links', { page_id })));
  expect(kept.map(({ isError }) => isError !== true)).toEqual([
    ...Array(2).fill(false),
    ...Array(10).fill(true),
  ]);
});

it.each(['text/html', 'text/plain', 'application/json'])(
  'ends a body of %s that has no end',
  async (type) => {
    let closed = 0;
    const site = await startSite({
      '/': (_, response) => {
        response.setHeader('content-type', type);
        response.once('close', () => closed++);
        const write = (): void => {
          while (response.write('x'.repeat(65_536)));
        };
        response.on('drain', write);
        write();
      },
    });
    const toolbox = await toolboxFor(site, { tools: 'all', folder: await temporaryFolder() });
    const { session_id } = await call(toolbox, 'session_create', { base_url: site.url });
    const tooLarge = { code: expect.stringMatching(/^ERR_(PAGE|BODY)_TOO_LARGE$/) };
    for (const as of ['text', 'html', 'json', ...(type === 'text/html' ? ['markdown'] : [])]) {
      expect(await fail(toolbox, 'fetch', { session_id, url: '/', as })).toMatchObject(tooLarge);
    }
    if (type === 'text/html') {
      expect(await fail(toolbox, 'page_open', { session_id, url: '/' })).toMatchObject(tooLarge);
    }
    await vi.waitFor(() => expect(closed).toBe(site.seen.length));
  },
);

it('ends an endless download, and leaves no file', async () => {
  const folder = await temporaryFolder();
  const site = await startSite({
    '/': (_, response) => {
      const write = (): void => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
    },
    '/just': (_, response) => void response.end('x'.repeat(2000)),
    '/small': (_, response) => void response.end('x'.repeat(1000)),
  });
  const toolbox = await toolboxFor(site, { tools: 'all', folder, maxFileBytes: 1000 });
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url });
  for (const url of ['/', '/just']) {
    expect(await fail(toolbox, 'download', { session_id, url, file: 'new.bin' })).toMatchObject({
      code: 'ERR_BODY_TOO_LARGE',
    });
  }
  expect(await readdir(folder)).toEqual([]);
  expect(await call(toolbox, 'download', { session_id, url: '/small', file: 'small.bin' })).toEqual({
    file: 'small.bin',
    size: 1000,
  });
});

it('replaces no file', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'kept.txt'), 'kept');
  const site = await startSite({ '/': 'new' });
  const toolbox = await toolboxFor(site, { tools: 'all', folder });
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url, record: true });
  const given = { session_id, url: '/', file: 'kept.txt' };
  expect(await fail(toolbox, 'download', given)).toMatchObject({ code: 'ERR_FILE' });
  expect(await fail(toolbox, 'har_export', { session_id, file: 'kept.txt' })).toMatchObject({
    code: 'ERR_FILE',
  });
});

it('keeps a recording until it has been written', async () => {
  const site = await startSite({ '/': 'new' });
  const toolbox = await toolboxFor(site, { tools: 'all', folder: await temporaryFolder() });
  const create = () => call(toolbox, 'session_create', { base_url: site.url, record: true });
  const both = await Promise.all([create(), create()]);
  const ends = await Promise.allSettled(
    both.map(({ session_id }) => call(toolbox, 'har_export', { session_id, file: 'same.har' })),
  );
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const { session_id } = both[ends[0]?.status === 'rejected' ? 0 : 1] ?? {};
  expect(await call(toolbox, 'har_export', { session_id, file: 'other.har' })).toMatchObject({
    file: 'other.har',
  });
});

it('ends an endless call', async () => {
  const site = await startSite({ '/': '<p>never' });
  const toolbox = await toolboxFor(site, { tools: 'all', timeout: 30 });
  const { session_id } = await call(toolbox, 'session_create', { base_url: site.url });
  const wait = { session_id, url: '/', until: 'text=ready', timeout_s: 120 };
  expect(await fail(toolbox, 'page_wait', wait)).toMatchObject({
    code: 'ERR_TIMEOUT',
    message: 'The call took too long',
  });
});

it('ends a session after its time limit', async () => {
  const toolbox = await toolboxFor(null);
  const { session_id } = await call(toolbox, 'session_create', { ttl_s: 60 });
  await call(toolbox, 'session_create', {});
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_001);
  try {
    expect(await call(toolbox, 'session_list', {})).toMatchObject({ sessions: [{ expires_at: null }] });
    expect(await fail(toolbox, 'fetch', { session_id, url: '/' })).toMatchObject({
      code: 'ERR_SESSION_NOT_FOUND',
    });
  } finally {
    vi.restoreAllMocks();
  }
});

it('gives ids of 128 random bits, and accepts only whole ids', async () => {
  const site = await startSite({ '/': 'x'.repeat(1000) });
  const toolbox = await toolboxFor(site, { maxSessions: 100 });
  const ids: string[] = [];
  for (let count = 0; count < 50; count++) {
    const { session_id } = await call(toolbox, 'session_create', { base_url: site.url });
    const { page_id } = await call(toolbox, 'page_open', { session_id, url: '/' });
    const { next_cursor } = await call(toolbox, 'fetch', { session_id, url: '/', max_chars: 100 });
    ids.push(...[session_id, page_id, String(next_cursor).split(':')[0]].map(String));
  }
  expect(ids.filter((id) => !/^[spt]_[0-9a-f]{32}$/.test(id))).toEqual([]);
  // Each of the 32 digits takes most of its 16 values: none is of a clock or of a counter.
  for (let digit = 2; digit < 34; digit++) {
    expect(new Set(ids.map((id) => id[digit])).size).toBeGreaterThan(10);
  }
  const [session_id = ''] = ids;
  for (const near of [
    '',
    session_id.slice(0, -1),
    `${session_id}0`,
    session_id.toUpperCase(),
    '__proto__',
    '../s',
  ]) {
    expect(await fail(toolbox, 'page_open', { session_id: near, url: '/' })).toMatchObject({
      code: 'ERR_SESSION_NOT_FOUND',
    });
    expect(await fail(toolbox, 'page_snapshot', { page_id: near })).toMatchObject({
      code: 'ERR_PAGE_NOT_FOUND',
    });
  }
});
