import { PassThrough, Readable } from 'node:stream';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type BodyInput, createSession } from '../../../src/index.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { headerOf, type SeenRequest, startServer } from '../../helpers/servers.ts';

/** A file as formdata-node and fetch-blob have it: no class of this realm, but its tag and its members. */
class OtherFile {
  readonly name = 'a.txt';
  readonly type = 'text/plain';
  readonly lastModified = 1;
  readonly #bytes: Uint8Array;

  constructor(text: string) {
    this.#bytes = Buffer.from(text);
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    yield this.#bytes.subarray(0, 2);
    yield this.#bytes.subarray(2);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(this.#bytes).buffer;
  }

  get [Symbol.toStringTag](): string {
    return 'File';
  }
}

/** A Blob that can only be read at once, as some have it. */
class WholeBlob extends OtherFile {
  override stream = undefined as never;

  override get [Symbol.toStringTag](): string {
    return 'Blob';
  }
}

/** A Blob whose stream has a reader and cannot be iterated over. */
class ReaderBlob extends OtherFile {
  override stream(): never {
    const stream = new Blob(['from a reader']).stream();
    return { getReader: () => stream.getReader() } as never;
  }

  override get size(): number {
    return 13;
  }
}

class OtherForm {
  readonly #entries: [string, unknown][];

  constructor(...entries: [string, unknown][]) {
    this.#entries = entries;
  }

  entries(): Iterator<[string, unknown]> {
    return this.#entries.values();
  }

  [Symbol.iterator](): Iterator<[string, unknown]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return 'FormData';
  }
}

/** What a server sees of it, sent once and, after a 307, once more. */
async function sent(make: () => unknown): Promise<[SeenRequest, SeenRequest]> {
  const server = await startServer((request, response) => {
    if (request.url === '/') response.writeHead(307, { location: '/again' });
    response.end();
  });
  await using session = await createSession({ browser: null });
  await session.fetch(server.url, { method: 'POST', body: make() as BodyInput });
  const [first, second] = server.seen;
  if (first === undefined || second === undefined) throw new Error('nothing was sent');
  return [first, second];
}

const realm = createContext({});

describe("a body of another package's class", () => {
  it.each<[kind: string, make: () => unknown, text: string, type: string | undefined]>([
    ['a File', () => new OtherFile('a file'), 'a file', 'text/plain'],
    ['a Blob that is read at once', () => new WholeBlob('a blob'), 'a blob', 'text/plain'],
    ['a Blob whose stream has a reader', () => new ReaderBlob(''), 'from a reader', 'text/plain'],
    [
      'an ArrayBuffer of another realm',
      () => runInContext('new Uint8Array([97, 98]).buffer', realm),
      'ab',
      undefined,
    ],
    ['a view of another realm', () => runInContext('new Uint8Array([97, 98])', realm), 'ab', undefined],
    [
      'URLSearchParams of another class',
      () => ({ [Symbol.toStringTag]: 'URLSearchParams', toString: () => 'a=1', *[Symbol.iterator]() {} }),
      'a=1',
      'application/x-www-form-urlencoded;charset=UTF-8',
    ],
  ])('is sent with its bytes, length and type, twice if need be: %s', async (_, make, text, type) => {
    for (const seen of await sent(make)) {
      expect(seen.body.toString()).toBe(text);
      expect(headerOf(seen, 'content-length')).toBe(String(text.length));
      expect(headerOf(seen, 'content-type')).toBe(type);
    }
  });

  it('is a FormData with files of the same kind', async () => {
    const form = () =>
      new OtherForm(['a', '1'], ['n', 5], ['f', new OtherFile('of a file')], ['b', new Blob(['own'])]);
    for (const seen of await sent(form)) {
      const type = headerOf(seen, 'content-type') ?? '';
      const headers = { 'content-type': type };
      const read = await new Response(new Uint8Array(seen.body), { headers }).formData();
      const file = read.get('f') as File;
      expect([read.get('a'), read.get('n'), file.name, file.type, await file.text()]).toEqual([
        ...['1', '5', 'a.txt', 'text/plain', 'of a file'],
      ]);
      expect(await (read.get('b') as File).text()).toBe('own');
      expect(headerOf(seen, 'content-length')).toBe(String(seen.body.length));
    }
  });

  it('is a stream that has a reader and cannot be iterated over', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    const stream = new Blob(['pieces']).stream();
    const body = { getReader: () => stream.getReader() } as unknown as BodyInput;
    await session.fetch(server.url, { method: 'POST', body });
    expect(server.seen[0]?.body.toString()).toBe('pieces');
  });

  it('is a stream whose pieces are of another realm', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    const body = [runInContext('new Uint8Array([97, 98])', realm) as Uint8Array].values();
    await session.fetch(server.url, { method: 'POST', body });
    expect(server.seen[0]?.body.toString()).toBe('ab');
  });

  it('is a form of the package form-data, with its own type', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    const form = Object.assign(Readable.from(['--b\r\n', '--b--\r\n']), {
      getHeaders: () => ({ 'content-type': 'multipart/form-data; boundary=b' }),
    });
    await session.fetch(server.url, { method: 'POST', body: form });
    expect(server.seen[0]?.body.toString()).toBe('--b\r\n--b--\r\n');
    expect(headerOf(server.seen[0], 'content-type')).toBe('multipart/form-data; boundary=b');
  });

  it('fails with the failure of a form of that package', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    const cause = new Error('the file is gone');
    const form = Object.assign(new PassThrough(), { getHeaders: () => ({}) });
    form.write('first');
    const call = refusalOf(() => session.fetch(server.url, { method: 'POST', body: form }));
    form.destroy(cause);
    expect(await call).toMatchObject({ code: 'ERR_INVALID_BODY', cause });
  });

  it('is refused when it has only the tag', async () => {
    await using session = await createSession();
    const body = { [Symbol.toStringTag]: 'Blob', size: 3 } as unknown as BodyInput;
    const { code } = await refusalOf(() => session.fetch('http://127.0.0.1:1', { method: 'POST', body }));
    expect(code).toBe('ERR_INVALID_BODY');
  });
});
