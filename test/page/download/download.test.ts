import { createHash, randomBytes } from 'node:crypto';
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createSession, type Progress } from '../../../src/index.ts';
import { type DownloadOptions, download } from '../../../src/page/index.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { turns } from '../../helpers/raw.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { headerOf, startServer, type TestServer } from '../../helpers/servers.ts';

const file = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7 + (at >> 8)) & 255));
const digest = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const half = 50_000;

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Waits until the client has written the first half; the path of its part is in the URL. */
async function whenHalfIsWritten({ url }: IncomingMessage): Promise<void> {
  const part = new URLSearchParams(url?.slice(url.indexOf('?'))).get('part') ?? '';
  while ((await stat(part).catch(() => null))?.size !== half) await turns(1);
}

/** Sends the first half with a validator, and is gone. */
const cutOff =
  (headers: Record<string, string> = { etag: '"1"' }): Answer =>
  async (request, response) => {
    response.writeHead(200, { 'content-length': file.length, ...headers });
    response.write(file.subarray(0, half));
    await whenHalfIsWritten(request);
    response.destroy();
  };

/** Sends what Range asks for, by the book. */
const ranged =
  (headers: Record<string, string> = { etag: '"1"' }, bytes: Buffer = file): Answer =>
  (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
    const isSame = [headers.etag, headers['last-modified']].includes(String(request.headers['if-range']));
    if (Number.isNaN(start) || !isSame) {
      response.writeHead(200, { 'content-length': bytes.length, ...headers }).end(bytes);
      return;
    }
    const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(206, { 'content-range': range, ...headers }).end(bytes.subarray(start));
  };

/** Answers one after the other, the last one again and again. */
function play(...answers: Answer[]): Promise<TestServer> {
  let at = 0;
  return startServer(async (request, response) => {
    const answer = answers[Math.min(at++, answers.length - 1)];
    await answer?.(request, response);
  });
}

const urlFor = (path: string): string => `/report?part=${encodeURIComponent(`${path}.part`)}`;

interface Place {
  readonly path: string;
  get(options?: DownloadOptions): ReturnType<typeof download>;
  /** What is in the folder. */
  names(): Promise<string[]>;
}

async function placeFor(server: TestServer): Promise<Place> {
  const folder = await temporaryFolder();
  const path = join(folder, 'report.bin');
  const session = await createSession({ baseUrl: server.url });
  return {
    path,
    get: (options) => download(session, urlFor(path), path, options),
    names: async () => (await readdir(folder)).sort(),
  };
}

const partNames = ['report.bin.part', 'report.bin.part.json'];

describe('download', () => {
  it('writes the file and leaves nothing else', async () => {
    const server = await play(ranged());
    const place = await placeFor(server);
    const { response, ...rest } = await place.get({ checksum: digest(file) });
    expect(rest).toEqual({ path: place.path, size: file.length, resumedFrom: 0 });
    expect([response.status, response.headers.get('etag')]).toEqual([200, '"1"']);
    expect(await readFile(place.path)).toEqual(file);
    expect(await place.names()).toEqual(['report.bin']);
    expect(headerOf(server.seen[0], 'range')).toBeUndefined();
  });

  it('replaces a file, with the permissions of the umask', async () => {
    const place = await placeFor(await play(ranged()));
    await writeFile(place.path, 'old');
    await place.get();
    expect(await readFile(place.path)).toEqual(file);
    await writeFile(`${place.path}.other`, '');
    expect((await stat(place.path)).mode).toBe((await stat(`${place.path}.other`)).mode);
  });

  it('writes an empty file, one without a length, and one with a coding', async () => {
    const place = await placeFor(
      await play(
        (_, response) => response.writeHead(200, { 'content-length': 0 }).end(),
        (_, response) => {
          response.write(file.subarray(0, 10));
          response.end(file.subarray(10));
        },
        (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(file)),
      ),
    );
    expect((await place.get()).size).toBe(0);
    expect(await readFile(place.path, 'latin1')).toBe('');
    await place.get();
    expect(await readFile(place.path)).toEqual(file);
    expect((await place.get()).size).toBe(file.length);
    expect(await readFile(place.path)).toEqual(file);
    expect(await place.names()).toEqual(['report.bin']);
  });

  it('does not keep a part of a response with a coding', async () => {
    const place = await placeFor(
      await play((_, response) => {
        const coded = gzipSync(randomBytes(half * 2));
        response.writeHead(200, { 'content-encoding': 'gzip', etag: '"1"', 'content-length': coded.length });
        response.write(coded.subarray(0, half), () => response.destroy());
      }),
    );
    await refusalOf(() => place.get());
    expect(await place.names()).toEqual([]);
  });

  it('accepts a file: URL, and replaces a link without following it', async () => {
    const server = await play(ranged());
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'kept'), 'kept');
    await symlink(join(folder, 'kept'), join(folder, 'link'));
    const session = await createSession();
    await download(session, server.url, pathToFileURL(join(folder, 'link')));
    expect((await lstat(join(folder, 'link'))).isFile()).toBe(true);
    expect(await readFile(join(folder, 'kept'), 'utf8')).toBe('kept');
  });

  it('sends a request with the given options', async () => {
    const server = await play(ranged());
    const place = await placeFor(server);
    await place.get({ method: 'POST', form: { month: 5 }, headers: { 'x-own': '1' } });
    const [seen] = server.seen;
    expect([seen?.method, String(seen?.body), headerOf(seen, 'x-own')]).toEqual(['POST', 'month=5', '1']);
  });

  it.each([204, 202, 206, 304, 404, 500])('refuses the status %i and keeps the old file', async (status) => {
    const place = await placeFor(
      await play((_, response) =>
        response.writeHead(status).end(status === 204 || status === 304 ? undefined : 'no'),
      ),
    );
    await writeFile(place.path, 'old');
    const error = await refusalOf(() => place.get());
    expect([error.code, error.status]).toEqual(['ERR_STATUS', status]);
    expect(await place.names()).toEqual(['report.bin']);
    expect(await readFile(place.path, 'utf8')).toBe('old');
  });

  it('removes a file with a wrong checksum, and keeps the old one', async () => {
    const place = await placeFor(await play(ranged()));
    await writeFile(place.path, 'old');
    const wrong = digest(Buffer.from('another'));
    expect((await refusalOf(() => place.get({ resume: true, checksum: wrong }))).code).toBe('ERR_CHECKSUM');
    expect(await place.names()).toEqual(['report.bin']);
    expect(await readFile(place.path, 'utf8')).toBe('old');
  });

  it('refuses more bytes than maxBodyBytes', async () => {
    const place = await placeFor(await play(ranged({})));
    expect((await refusalOf(() => place.get({ maxBodyBytes: 99_999 }))).code).toBe('ERR_BODY_TOO_LARGE');
    expect(await place.names()).toEqual([]);
    await place.get({ maxBodyBytes: 100_000 });
  });

  it('keeps a part that can be continued, and no other', async () => {
    const place = await placeFor(await play(cutOff({}), cutOff({ etag: 'W/"1"' }), cutOff()));
    await writeFile(place.path, 'old');
    for (const _ of [1, 2]) {
      expect((await refusalOf(() => place.get())).code).toBe('ERR_BODY_TRUNCATED');
      expect(await place.names()).toEqual(['report.bin']);
    }
    expect((await refusalOf(() => place.get())).code).toBe('ERR_BODY_TRUNCATED');
    expect(await place.names()).toEqual(['report.bin', ...partNames]);
    expect(await readFile(place.path, 'utf8')).toBe('old');
    expect(await readFile(`${place.path}.part`)).toEqual(file.subarray(0, half));
    const note = await stat(`${place.path}.part.json`);
    expect(note.mode & 0o777).toBe(0o600);
  });

  it('ends with the reason of its signal, and keeps the part', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const place = await placeFor(
      await play(async (request, response) => {
        response.writeHead(200, { 'content-length': file.length, etag: '"1"' });
        response.write(file.subarray(0, half));
        await whenHalfIsWritten(request);
        stop.abort(reason);
      }, ranged()),
    );
    await expect(place.get({ signal: stop.signal })).rejects.toBe(reason);
    expect(await place.names()).toEqual(partNames);
    expect((await place.get({ resume: true })).resumedFrom).toBe(half - 1);
    expect(await readFile(place.path)).toEqual(file);
  });

  it('is refused while another one writes to the same path', async () => {
    const server = await play(ranged());
    const place = await placeFor(server);
    const both = await Promise.allSettled([place.get(), place.get()]);
    // Whichever finds its folder first is the one that writes.
    const refused = both.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'ERR_FILE' } }]);
    expect(await readFile(place.path)).toEqual(file);
    await place.get();
  });
});

describe('download with resume', () => {
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
  const dated = { 'last-modified': date };

  it.each([
    ['an ETag', { etag: '"1"' }, '"1"'],
    ['a Last-Modified', dated, date],
  ])('asks for the rest by %s', async (_, headers, ifRange) => {
    const server = await play(cutOff(headers), ranged(headers));
    const place = await placeFor(server);
    await refusalOf(() => place.get({ resume: true }));
    const { size, resumedFrom, response } = await place.get({ resume: true, checksum: digest(file) });
    expect([size, resumedFrom, response.status]).toEqual([file.length, half - 1, 206]);
    expect(await readFile(place.path)).toEqual(file);
    expect(await place.names()).toEqual(['report.bin']);
    const [first, second] = server.seen;
    expect(['range', 'if-range', 'accept-encoding'].map((name) => headerOf(second, name))).toEqual([
      `bytes=${half - 1}-`,
      ifRange,
      'identity',
    ]);
    expect([headerOf(first, 'range'), headerOf(first, 'accept-encoding')]).toEqual([undefined, 'identity']);
  });

  const other = Buffer.alloc(70_000, 'x');
  const part =
    (range: string, headers: Record<string, string> = { etag: '"1"' }): Answer =>
    (request, response) => {
      if (request.headers.range === undefined) ranged({ etag: '"2"' }, other)(request, response);
      else response.writeHead(206, { 'content-range': range, ...headers }).end(file.subarray(half - 1));
    };

  it.each<[string, number, Answer]>([
    ['has another version by now', 2, ranged({ etag: '"2"' }, other)],
    ['ignores Range', 2, (_, response) => response.writeHead(200, { etag: '"1"' }).end(other)],
    ['ignores If-Range', 3, part('bytes 49999-99999/100000', { etag: '"2"' })],
    ['does not name the version of the part', 3, part('bytes 49999-99999/100000', {})],
    ['sends another part', 3, part('bytes 49998-99999/100000')],
    ['sends a part of a longer file', 3, part('bytes 49999-99999/100001')],
    ['sends a part with an end past the file', 3, part('bytes 49999-100000/100000')],
    ['sends a coded part', 3, part('bytes 49999-99999/100000', { etag: '"1"', 'content-encoding': 'gzip' })],
    ['sends parts without saying which', 3, part('nothing')],
    [
      'has no such part',
      3,
      (request, response) => {
        if (request.headers.range === undefined) response.end(other);
        else response.writeHead(416, { 'content-range': 'bytes */70000' }).end();
      },
    ],
  ])('starts anew where the server %s', async (_, requests, answer) => {
    const server = await play(cutOff(), answer);
    const place = await placeFor(server);
    await refusalOf(() => place.get());
    expect(await place.get({ resume: true })).toMatchObject({ size: other.length, resumedFrom: 0 });
    expect(await readFile(place.path)).toEqual(other);
    expect(await place.names()).toEqual(['report.bin']);
    expect(server.seen).toHaveLength(requests);
  });

  it('starts anew when the part is of another URL', async () => {
    const server = await play(cutOff(), ranged());
    const place = await placeFor(server);
    await refusalOf(() => place.get());
    expect(await place.get({ resume: true, searchParams: { page: 2 } })).toMatchObject({ resumedFrom: 0 });
    expect(server.seen.map((request) => headerOf(request, 'range'))).toEqual([
      undefined,
      'bytes=49999-',
      undefined,
    ]);
    expect(await readFile(place.path)).toEqual(file);
  });

  it('starts anew when the part is truncated or its note is damaged', async () => {
    const server = await play(ranged());
    const place = await placeFor(server);
    const [partPath, notePath] = [`${place.path}.part`, `${place.path}.part.json`];
    const spoil: (() => Promise<unknown>)[] = [
      () => truncate(partPath, 0),
      () => truncate(partPath, file.length + 1),
      () => writeFile(notePath, '{"version":1'),
      () => writeFile(notePath, 'null'),
      async () => writeFile(notePath, (await readFile(notePath, 'utf8')).replace(/"inode":"/, '"inode":"1')),
      async () => writeFile(notePath, (await readFile(notePath, 'utf8')).replace('\\"1\\"', '\\n')),
    ];
    for (const [at, damage] of spoil.entries()) {
      const session = await createSession({ baseUrl: (await play(cutOff())).url });
      await refusalOf(() => download(session, urlFor(place.path), place.path));
      expect(await place.names()).toEqual(expect.arrayContaining(partNames));
      await damage();
      await place.get({ resume: true });
      expect(headerOf(server.seen[at], 'range')).toBeUndefined();
      expect(await readFile(place.path)).toEqual(file);
      expect(await place.names()).toEqual(['report.bin']);
    }
  });

  it('does not follow a link instead of the part', async () => {
    const place = await placeFor(await play(cutOff(), ranged()));
    await refusalOf(() => place.get());
    const foreign = `${place.path}.foreign`;
    await writeFile(foreign, 'foreign');
    await unlink(`${place.path}.part`);
    await symlink(foreign, `${place.path}.part`);
    await place.get({ resume: true });
    expect(await readFile(foreign, 'utf8')).toBe('foreign');
    expect(await readFile(place.path)).toEqual(file);
  });

  it('keeps the part when the server fails, and continues it later', async () => {
    const server = await play(cutOff(), (_, response) => response.writeHead(503).end('busy'), ranged());
    const place = await placeFor(server);
    await refusalOf(() => place.get());
    expect((await refusalOf(() => place.get({ resume: true }))).code).toBe('ERR_STATUS');
    expect(await place.names()).toEqual(partNames);
    expect((await place.get({ resume: true })).resumedFrom).toBe(half - 1);
    expect(await readFile(place.path)).toEqual(file);
  });

  it('continues in several steps, also when all bytes are present', async () => {
    const limited =
      (count: number): Answer =>
      (request, response) => {
        const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0]);
        const end = Math.min(start + count, file.length) - 1;
        const range = `bytes ${start}-${end}/${file.length}`;
        response.writeHead(206, { 'content-range': range, etag: '"1"' }).end(file.subarray(start, end + 1));
      };
    const place = await placeFor(await play(cutOff(), limited(30_000), limited(30_000)));
    await refusalOf(() => place.get());
    const error = await refusalOf(() => place.get({ resume: true }));
    expect([error.code, error.message]).toEqual([
      'ERR_BODY_TRUNCATED',
      expect.stringContaining('79999 of 100000'),
    ]);
    expect((await stat(`${place.path}.part`)).size).toBe(79_999);
    await place.get({ resume: true });
    expect(await readFile(place.path)).toEqual(file);

    const again = await placeFor(await play(cutOff(), ranged()));
    await refusalOf(() => again.get());
    await writeFile(`${again.path}.part`, file);
    expect((await again.get({ resume: true })).resumedFrom).toBe(file.length - 1);
    expect(await readFile(again.path)).toEqual(file);
  });

  it('checks the length of the part', async () => {
    const upTo =
      (end: number): Answer =>
      (request, response) => {
        const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0]);
        response.writeHead(206, { 'content-range': `bytes ${start}-99999/100000`, etag: '"1"' });
        response.end(Buffer.concat([file, file]).subarray(start, end));
      };
    const place = await placeFor(await play(cutOff(), upTo(60_000), upTo(100_001), upTo(100_000)));
    await refusalOf(() => place.get());
    expect((await refusalOf(() => place.get({ resume: true }))).code).toBe('ERR_BODY_TRUNCATED');
    expect((await refusalOf(() => place.get({ resume: true }))).code).toBe('ERR_PROTOCOL');
    expect(await place.names()).toEqual(partNames);
    await place.get({ resume: true, checksum: digest(file) });
  });

  it('sends If-Range to another origin, like Range', async () => {
    const server = await play(cutOff(), ranged());
    const front = await startServer((request, response) => {
      response.writeHead(302, { location: `${server.url}${request.url}` }).end();
    });
    const place = await placeFor(front);
    await refusalOf(() => place.get());
    await place.get({ resume: true });
    expect(headerOf(server.seen[1], 'if-range')).toBe('"1"');
    expect(headerOf(server.seen[1], 'range')).toBe(`bytes=${half - 1}-`);
  });

  it('reports the progress of the whole file', async () => {
    const place = await placeFor(await play(cutOff(), ranged(), ranged({ etag: '"2"' })));
    await refusalOf(() => place.get());
    const told: Progress[] = [];
    await place.get({ resume: true, onProgress: (progress) => told.push(progress) });
    expect(told[0]?.loaded).toBeGreaterThan(half - 1);
    expect(told.at(-1)).toMatchObject({ direction: 'download', loaded: file.length, total: file.length });
  });
});

describe('a file that cannot be written', () => {
  it('is ERR_FILE before anything is sent, when its folder is missing or it is a folder', async () => {
    const server = await play(ranged());
    const session = await createSession();
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'folder'));
    for (const [path, message] of [
      [join(folder, 'none', 'file'), 'its folder does not exist'],
      [join(folder, 'folder'), 'it is a folder'],
    ] as const) {
      const error = await refusalOf(() => download(session, server.url, path));
      expect([error.code, error.message]).toEqual(['ERR_FILE', expect.stringContaining(message)]);
    }
    expect(server.seen).toHaveLength(0);
  });

  it('is ERR_FILE when something else has the name of the part', async () => {
    const place = await placeFor(await play(ranged()));
    await mkdir(`${place.path}.part`);
    expect((await refusalOf(() => place.get())).code).toBe('ERR_FILE');
    expect(await place.names()).toEqual(['report.bin.part']);
  });
});

it.each<[string, unknown, string]>([
  ['path', '', 'path must be the path of a file'],
  ['path', 7, 'path must be the path of a file'],
  ['path', new URL('http://a.test/x'), 'path must be the path of a file'],
  ['options', { resume: 1 }, 'resume must be true or false'],
  ['options', { checksum: 'abc' }, 'checksum must'],
  ['options', { resume: true, method: 'POST' }, 'resume is for GET'],
  ['options', { resume: true, json: {} }, 'resume is for GET'],
  ['options', { method: 'HEAD' }, 'method must be one whose answer has a body'],
  ['options', { headers: { Range: 'bytes=0-1' } }, 'headers must not have range'],
  ['options', { headers: [['If-Range', '"1"']] }, 'headers must not have if-range'],
  ['options', { headers: new Headers({ range: 'bytes=0-1' }) }, 'headers must not have range'],
  ['options', { checksums: 'x' }, 'unknown option: "checksums"; did you mean checksum?'],
  ['options', null, 'options must be an object'],
])('download refuses the %s %j before anything is sent', async (kind, given, message) => {
  const server = await play(ranged());
  const session = await createSession();
  const path = kind === 'path' ? given : join(await temporaryFolder(), 'file');
  const options = kind === 'path' ? {} : given;
  const error = await refusalOf(() =>
    download(session, server.url, path as string, options as DownloadOptions),
  );
  expect([error.code, error.message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(message)]);
  expect(server.seen).toHaveLength(0);
});
