import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession } from '../src/index.ts';
import { cookieFetch } from '../src/interop/index.ts';
import { type Form, fileFrom, openPage, paginateJson, parsePage } from '../src/page/index.ts';
import { recordPage } from '../src/page/restore-page.ts';
import { fileStore } from '../src/registry/index.ts';
import { commandsOf } from '../src/registry/redis-client.ts';
import { turns } from './helpers/raw.ts';
import { startServer } from './helpers/servers.ts';
import { startWebSocketServer } from './helpers/websockets.ts';

const realm = createContext({});

/** Bytes whose class is that of another realm, as Jest's are. */
function foreign(text: string): Uint8Array {
  return runInContext(`Uint8Array.from(${JSON.stringify([...Buffer.from(text)])})`, realm) as Uint8Array;
}

it('F22 takes bytes of another realm as a page', () => {
  expect(foreign('x')).not.toBeInstanceOf(Uint8Array);
  const page = parsePage(foreign('<title>hello</title>'), { url: 'https://a.test/' });
  expect(page.title).toBe('hello');
});

it('F22 takes bytes of another realm as a cookie file', async () => {
  await using session = await createSession();
  const bytes = foreign('a.test\tFALSE\t/\tFALSE\t0\tsid\t1\n');
  await session.importCookies(bytes as never);
  expect(session.getCookies('http://a.test/')).toMatchObject({ sid: '1' });
});

it('F22 takes bytes of another realm as a key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-foreign-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(() => fileStore(folder, { encryptionKey: foreign('k'.repeat(32)) })).not.toThrow();
});

it('F22 takes bytes of another realm as what a Redis client answers', async () => {
  const sendCommand = async () => [foreign('a'), foreign('b')];
  expect(await commandsOf({ sendCommand }).send(['MGET', 'a', 'b'], new AbortController().signal)).toEqual([
    'a',
    'b',
  ]);
});

it('F22 keeps a body of another realm for the reload of a kept page', async () => {
  const server = await startServer((_request, response) => void response.end('<title>done</title>'));
  await using session = await createSession();
  const page = await openPage(session, server.url, { method: 'POST', body: foreign('a=1') as never });
  expect(recordPage(page).reload?.body).toBe(Buffer.from('a=1').toString('base64'));
});

describe('a pagination recognises the same request', () => {
  const inRealm = (code: string): unknown => runInContext(code, realm);

  it.each<[string, () => object]>([
    ['bytes of another realm', () => ({ body: foreign('{}') })],
    ['an ArrayBuffer', () => ({ body: new Uint8Array(2).buffer })],
    ['an ArrayBuffer of another realm', () => ({ body: inRealm('new ArrayBuffer(2)') })],
    ['an object of another realm', () => ({ json: inRealm('({ cursor: { at: 1 } })') })],
    ['a form of another realm', () => ({ form: inRealm('({ cursor: 1 })') })],
    ['URLSearchParams of another class', () => ({ body: new OtherParams('a=1') })],
  ])('%s', async (_name, init) => {
    const server = await startServer((_request, response) => void response.end('[1]'));
    await using session = await createSession();
    const options = { request: { method: 'POST', ...init() }, next: () => init(), maxPages: 5 };
    expect(await paginateJson(session, server.url, options as never).all()).toEqual([1]);
    expect(server.seen).toHaveLength(1);
  });

  it('a pagination distinguishes another request', async () => {
    const server = await startServer((_request, response) => void response.end('[1]'));
    await using session = await createSession();
    const next = (_page: unknown, count: number) => ({ body: foreign(`${count}`) });
    const options = { request: { method: 'POST' }, next, maxPages: 3 };
    expect(await paginateJson(session, server.url, options as never).all()).toEqual([1, 1, 1]);
  });
});

/** URLSearchParams of an old package: its tag and its text, and no iterator. */
class OtherParams {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  get [Symbol.toStringTag](): string {
    return 'URLSearchParams';
  }
}

it('URLSearchParams of another class are fields', async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  const fields = new OtherParams('a=1&b=%26');
  await session.fetch(server.url, { method: 'POST', form: fields, searchParams: fields });
  expect(server.seen[0]?.url).toBe('/?a=1&b=%26');
  expect(server.seen[0]?.body.toString()).toBe('a=1&b=%26');
});

/** A file as formdata-node and fetch-blob have it: no class of Node's, but its tag and its members. */
class OtherFile {
  readonly name: string = 'a.txt';
  readonly type: string = 'text/plain';
  readonly #bytes: Uint8Array;

  constructor(text: string) {
    this.#bytes = foreign(text);
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    yield this.#bytes.subarray(0, 2);
    yield this.#bytes.subarray(2);
  }

  get [Symbol.toStringTag](): string {
    return 'File';
  }
}

/** A Blob of another class, which has no name and can only be read at once. */
class OtherBlob {
  readonly size = 4;
  readonly type = '';

  async arrayBuffer(): Promise<ArrayBuffer> {
    return runInContext('Uint8Array.from([98, 108, 111, 98]).buffer', realm) as ArrayBuffer;
  }

  get [Symbol.toStringTag](): string {
    return 'Blob';
  }
}

describe('a form with files of other classes', () => {
  const other = (): Blob => new OtherFile('hello') as unknown as Blob;
  const blob = (): Blob => new OtherBlob() as unknown as Blob;
  const html = `<form method=post enctype=multipart/form-data action=/up><input name=t value=x>
    <input type=file name=f multiple><input type=radio name=r value=1></form>`;
  const formOf = (): Form => parsePage(html, { url: 'https://a.test/' }).form();

  it.each<[string, (form: Form) => Form]>([
    ['fill', (form) => form.fill({ f: [other(), blob()] })],
    ['append', (form) => form.remove('f').append('f', other()).append('f', blob())],
  ])('%s sends their bytes, after a 307 once more', async (_way, fill) => {
    const server = await startServer((request, response) => {
      const headers = { 'content-type': 'text/html', location: '/again' };
      response.writeHead(request.url === '/up' ? 307 : 200, headers).end(html);
    });
    await using session = await createSession();
    const page = await openPage(session, server.url);
    await fill(page.form()).submit(null);
    const sent = server.seen.slice(1).map(({ body }) => body.toString());
    expect(sent).toHaveLength(2);
    expect(sent[0]).toContain('name="f"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n');
    expect(sent[0]).toContain('filename="blob"\r\nContent-Type: application/octet-stream\r\n\r\nblob\r\n');
    expect(sent[1]).toBe(sent[0]);
    const lengths = server.seen
      .slice(1)
      .map(({ headers }) => headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1]);
    expect(lengths).toEqual(sent.map((body) => String(Buffer.byteLength(body))));
  });

  it('beside a file that no longer exists sends nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jarfetch-foreign-'));
    const path = join(folder, 'gone.txt');
    writeFileSync(path, 'x');
    const gone = await fileFrom(path);
    rmSync(folder, { recursive: true });
    await expect(
      formOf()
        .fill({ f: [other(), gone] })
        .submit(null),
    ).rejects.toThrow('cannot be read');
  });

  it('is a request that a session sends', async () => {
    const server = await startServer((_request, response) => void response.end());
    await using session = await createSession();
    const { method, headers, body } = formOf().fill({ f: other() }).request(null);
    await session.fetch(server.url, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      body,
    });
    expect(server.seen[0]?.body.toString()).toContain('\r\n\r\nhello\r\n');
  });

  it('shows them as they were given, and says which encoding cannot contain them', () => {
    const file = other();
    const form = formOf().fill({ f: file });
    expect(form.entries(null)[1]).toEqual(['f', file]);
    expect(() => form.toFormData(null)).toThrow('The file for the control "f" is of another class');
    expect(() => formOf().fill({ r: other() })).toThrow('only one of the radio buttons can be chosen');
  });
});

it('a Blob of another class is refused by a WebSocket, which would send a text', async () => {
  const server = await startWebSocketServer();
  await using session = await createSession();
  const socket = await session.websocket(server.url);
  expect(() => socket.send(new OtherBlob() as never)).toThrow('send what its arrayBuffer() gives');
});

it('cancels the body of a redirect whose stream is of another class', async () => {
  await using session = await createSession();
  let cancelled = 0;
  const body = {
    getReader: () => ({ read: async () => ({ done: true }) }),
    cancel: async () => void cancelled++,
  };
  const answers = [
    { status: 302, headers: new Headers({ Location: '/next' }), body },
    new Response('arrived'),
  ];
  const scripted = (async () => answers.shift()) as unknown as typeof fetch;
  expect(await (await cookieFetch(session, scripted)('http://shop.test/')).text()).toBe('arrived');
  await turns(5);
  expect(cancelled).toBe(1);
});
