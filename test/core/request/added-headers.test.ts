import { describe, expect, it } from 'vitest';
import { createSession, createTransport, type RequestInit, type SessionOptions } from '../../../src/index.ts';
import { headerOf, type SeenRequest, startServer } from '../../helpers/servers.ts';

async function sent(
  init: RequestInit,
  options: SessionOptions = {},
  userInfo = '',
): Promise<SeenRequest | undefined> {
  const server = await startServer((_, response) => void response.end());
  await using session = await createSession(options);
  session.setCookie('sid', '1', server.url);
  await session.fetch(server.url.replace('//', `//${userInfo}`), { method: 'POST', ...init });
  return server.seen[0];
}

describe('a header that the library adds', () => {
  it.each<[kind: string, init: RequestInit]>([
    ['json', { json: {} }],
    ['a string', { body: 'x' }],
    ['a Blob', { body: new Blob(['x'], { type: 'text/css' }) }],
    ['URLSearchParams', { body: new URLSearchParams({ a: '1' }) }],
    ['a form', { form: { a: 1 } }],
    ['a FormData', { body: new FormData() }],
  ])('is taken away by null: the Content-Type of %s', async (_, init) => {
    expect(headerOf(await sent(init), 'content-type')).toBeDefined();
    for (const value of [null, undefined]) {
      const seen = await sent({ ...init, headers: { 'Content-Type': value } });
      expect(headerOf(seen, 'content-type')).toBeUndefined();
    }
  });

  it.each([null, 'chrome'] as const)(
    'is taken away by null, with the browser %s: Basic of the URL',
    async (browser) => {
      const headers = { Authorization: null };
      const seen = await sent({ headers }, { browser }, 'ada:secret@');
      expect(headerOf(seen, 'authorization')).toBeUndefined();
      expect(headerOf(await sent({}, { browser }, 'ada:secret@'), 'authorization')).toMatch(/^Basic /);
    },
  );

  it.each([null, 'chrome'] as const)(
    'is taken away by null, with the browser %s: Cookie',
    async (browser) => {
      expect(headerOf(await sent({ headers: { cookie: null } }, { browser }), 'cookie')).toBeUndefined();
      expect(headerOf(await sent({}, { browser }), 'cookie')).toBe('sid=1');
    },
  );

  it('is removed by a default header that is null', async () => {
    const defaultHeaders = { 'content-type': null, cookie: null };
    const seen = await sent({ json: {} }, { defaultHeaders });
    expect([headerOf(seen, 'content-type'), headerOf(seen, 'cookie')]).toEqual([undefined, undefined]);
    const again = await sent({ json: {}, headers: { 'content-type': 'text/x' } }, { defaultHeaders });
    expect(headerOf(again, 'content-type')).toBe('text/x');
  });

  it('does not prevent storing: a cookie of a response to a call without cookies', async () => {
    const server = await startServer((_, response) => void response.setHeader('set-cookie', 'a=1').end());
    await using session = await createSession();
    await session.fetch(server.url, { headers: { cookie: null } });
    expect(session.getCookies(server.url)).toEqual({ a: '1' });
  });
});

const form = 'application/x-www-form-urlencoded';
const params = (): URLSearchParams => new URLSearchParams({ a: '1' });

describe('the Content-Type of urlencoded fields', () => {
  it.each<[kind: string, init: () => RequestInit, destination: string | undefined, type: string]>([
    ['a form', () => ({ form: { a: 1 } }), 'document', form],
    ['URLSearchParams', () => ({ body: params() }), 'document', form],
    ['URLSearchParams to a frame', () => ({ body: params(), destination: 'iframe' }), 'iframe', form],
    ['a form by fetch', () => ({ form: { a: 1 }, destination: '' }), 'empty', `${form};charset=UTF-8`],
    [
      'URLSearchParams by fetch',
      () => ({ body: params(), destination: '' }),
      'empty',
      `${form};charset=UTF-8`,
    ],
    [
      'URLSearchParams with mode cors',
      () => ({ body: params(), mode: 'cors' }),
      'empty',
      `${form};charset=UTF-8`,
    ],
    ['URLSearchParams by PUT', () => ({ body: params(), method: 'PUT' }), 'empty', `${form};charset=UTF-8`],
    [
      'a form that asks for JSON',
      () => ({ form: { a: 1 }, headers: { accept: 'application/json' } }),
      'empty',
      `${form};charset=UTF-8`,
    ],
    ['a type of the caller', () => ({ body: params(), headers: { 'content-type': 'a/b' } }), 'empty', 'a/b'],
  ])('is the one that goes with the request of a browser: %s', async (_, init, destination, type) => {
    for (const browser of ['chrome', 'firefox', 'safari'] as const) {
      const seen = await sent(init(), { browser });
      expect([headerOf(seen, 'sec-fetch-dest'), headerOf(seen, 'content-type')]).toEqual([destination, type]);
    }
  });

  it.each<[kind: string, init: () => RequestInit, options: SessionOptions]>([
    ['without a preset', () => ({ body: params() }), { browser: null }],
    ['without the headers of the preset', () => ({ body: params(), disableDefaultHeaders: true }), {}],
  ])("is fetch's for URLSearchParams, and the form's for a form, %s", async (_, init, options) => {
    expect(headerOf(await sent(init(), options), 'content-type')).toBe(`${form};charset=UTF-8`);
    const { body: _body, ...others } = init();
    expect(headerOf(await sent({ ...others, form: { a: 1 } }, options), 'content-type')).toBe(form);
  });

  it("follows the preset of the call's transport", async () => {
    await using transport = await createTransport({ browser: 'firefox' });
    const seen = await sent({ body: params(), transport }, { browser: null });
    expect(headerOf(seen, 'content-type')).toBe(form);
  });
});

describe('the boundary of a FormData', () => {
  it.each<[options: SessionOptions, boundary: RegExp]>([
    [{ browser: 'chrome' }, /^----WebKitFormBoundary[A-Za-z0-9]{16}$/],
    [{ browser: 'safari' }, /^----WebKitFormBoundary[A-Za-z0-9]{16}$/],
    [{ browser: 'firefox' }, /^----geckoformboundary[0-9a-f]{24,32}$/],
    [{ browser: 'firefox_private' }, /^----geckoformboundary[0-9a-f]{24,32}$/],
    [{ browser: 'firefox', os: 'ios' }, /^----WebKitFormBoundary[A-Za-z0-9]{16}$/],
    [{ browser: 'okhttp' }, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
    [{ browser: null }, /^----WebKitFormBoundary[A-Za-z0-9]{16}$/],
  ])("is the browser's: %o", async (options, boundary) => {
    const body = new FormData();
    body.set('a', '1');
    const seen = await sent({ body }, options);
    const [, found = ''] =
      /^multipart\/form-data; boundary=(.+)$/.exec(headerOf(seen, 'content-type') ?? '') ?? [];
    expect(found).toMatch(boundary);
    expect(seen?.body.toString().startsWith(`--${found}\r\n`)).toBe(true);
  });
});

describe('the initiator fetch', () => {
  it('is the usual one of a page, whatever the headers say', async () => {
    const headers = { 'x-requested-with': 'XMLHttpRequest' };
    const named = await sent({ json: {}, headers, initiator: 'fetch' });
    const empty = await sent({ json: {}, headers, initiator: '' });
    const [a, b] = [named, empty].map((seen) =>
      seen?.headers.filter(([name]) => !/^(host|origin|referer)$/i.test(name)),
    );
    expect(a).toEqual(b);
  });

  it.each(['form', 'body'])("makes a page's fetch of a %s, with its Content-Type", async (key) => {
    const fields = new URLSearchParams({ a: '1' });
    const seen = await sent({ [key]: fields, initiator: 'fetch' });
    const headers = Object.fromEntries(
      seen?.headers.map(([name, value]) => [name.toLowerCase(), value]) ?? [],
    );
    expect(headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      'sec-fetch-dest': 'empty',
      'sec-fetch-mode': 'cors',
    });
  });
});
