import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mockTransport, readHar, recordHar, replayHar } from '../../src/har/index.ts';
import { createSession } from '../../src/index.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { harOf } from '../helpers/hars.ts';

const url = 'https://shop.example/';

async function fileOf(content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'calls.har');
  await writeFile(path, content);
  return path;
}

describe('a file', () => {
  it('of recordHar is read by its path and by its URL', async () => {
    const path = join(await temporaryFolder(), 'calls.har');
    await using session = await createSession({ transport: mockTransport(() => new Response('hello')) });
    const recording = recordHar(session, { path });
    await (await session.fetch(url)).text();
    const har = await recording.stop();
    expect(await readHar(path)).toEqual(har);
    await using again = await createSession({ transport: replayHar(await readHar(pathToFileURL(path))) });
    expect(await (await again.fetch(url)).text()).toBe('hello');
  });

  it('with a byte order mark is read', async () => {
    expect(await readHar(await fileOf(`\ufeff${JSON.stringify(harOf({ url }))}`))).toMatchObject({ log: {} });
  });

  it('of Playwright has its bodies in files beside it', async () => {
    const har = harOf({ url, method: 'POST', size: 5 });
    const [entry] = har.log.entries;
    Object.assign(entry?.request ?? {}, { postData: { mimeType: 'text/plain', _file: 'sent.txt' } });
    Object.assign(entry?.response.content ?? {}, { _file: 'came.bin' });
    const path = await fileOf(JSON.stringify(har));
    await writeFile(join(path, '../sent.txt'), 'tea');
    await writeFile(join(path, '../came.bin'), new Uint8Array([255, 0]));
    await using session = await createSession({ transport: replayHar(await readHar(path)) });
    const response = await session.fetch(url, { method: 'POST', body: 'tea' });
    expect([...(await response.bytes())]).toEqual([255, 0]);
    await expect(readHar(path, { maxBytes: 1 + JSON.stringify(har).length })).rejects.toThrow(
      'sent.txt is larger',
    );
  });

  it.each(['../secret', '/etc/passwd', '.hidden', 'a/b'])(
    'that names %s as a body is refused',
    async (name) => {
      const har = harOf({ url, size: 5 });
      Object.assign(har.log.entries[0]?.response.content ?? {}, { _file: name });
      await expect(readHar(await fileOf(JSON.stringify(har)))).rejects.toMatchObject({
        code: 'ERR_INVALID_DOCUMENT',
        message: 'calls.har names a body outside of its folder',
      });
    },
  );

  it.each<[string, string, string]>([
    ['a page', '<!doctype html> canary', 'calls.har is not a HAR: it is not JSON'],
    ['an archive', 'PK\u0003\u0004', 'calls.har is a zip archive: unpack it, and read the .har file in it'],
    ['nothing', '', 'calls.har is not a HAR: it is not JSON'],
  ])('that is %s is refused', async (_, content, message) => {
    await expect(readHar(await fileOf(content))).rejects.toMatchObject({
      code: 'ERR_INVALID_DOCUMENT',
      message,
    });
  });

  it('that is larger than allowed is not read', async () => {
    await expect(readHar(await fileOf('{"a":1}'), { maxBytes: 6 })).rejects.toThrow(
      'calls.har is larger than maxBytes of readHar allows',
    );
  });

  it('that is missing fails as the file system says', async () => {
    await expect(readHar(join(await temporaryFolder(), 'none.har'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it.each<[unknown, object, string]>([
    ['', {}, 'path must be a path, or a file: URL'],
    [{}, {}, 'path must be a path, or a file: URL'],
    ['x', { maxBytes: 0 }, 'maxBytes must be greater than 0'],
    ['x', { limit: 1 }, 'unknown option: "limit"'],
  ])('is refused as %j with %j', async (path, options, message) => {
    await expect(readHar(path as string, options)).rejects.toThrow(message);
  });
});

describe('an error for a file that is not a HAR names the position', () => {
  const entry = () =>
    structuredClone(harOf({ url, body: 'a' }).log.entries[0] ?? {}) as Record<string, never>;
  const withEntry = (change: (entry: Record<string, never>) => void): object => {
    const changed = entry();
    change(changed);
    return { log: { entries: [entry(), changed] } };
  };
  it.each<[object, string]>([
    [[], 'log must be an object, got undefined'],
    [{ log: 'canary' }, 'log must be an object, got a string'],
    [{ log: {} }, 'log.entries must be an array, got undefined'],
    [{ log: { entries: Array(100_001) } }, 'log.entries must be an array of at most 100000, got "100001"'],
    [{ log: { entries: [null] } }, 'log.entries[0].request.method must be a string, got undefined'],
    [
      withEntry((it) => Object.assign(it.request ?? {}, { url: '/canary' })),
      'log.entries[1].request.url must be an absolute URL, got a string',
    ],
    [
      withEntry((it) => Object.assign(it.request ?? {}, { headers: {} })),
      'log.entries[1].request.headers must be an array, got an object',
    ],
    [
      withEntry((it) => Object.assign(it.request ?? {}, { headers: [{ name: 'a' }] })),
      'log.entries[1].request.headers[0] must be an object with a name and a value, got an object',
    ],
    [
      withEntry((it) => Object.assign(it.request ?? {}, { postData: { text: 1 } })),
      'log.entries[1].request.postData.text must be a string, got 1',
    ],
    [
      withEntry((it) => Object.assign(it.response ?? {}, { status: '200' })),
      'log.entries[1].response.status must be a number, got "200"',
    ],
    [
      withEntry((it) => Object.assign(it.response ?? {}, { content: null })),
      'log.entries[1].response.content must be an object, got null',
    ],
  ])('%j', (har, message) => {
    const refused = {
      code: 'ERR_INVALID_DOCUMENT',
      message: `This HAR cannot be replayed: ${message}`,
    };
    expect(() => replayHar(har)).toThrow(expect.objectContaining(refused));
  });
});
