import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createSession, type RequestErrorCode, type RequestInit, type Session } from '../../../src/index.ts';
import { deepFreeze, refusalOf } from '../../helpers/refusals.ts';
import { startServer, type TestServer } from '../../helpers/servers.ts';

/** A session that holds a cookie, and a server that nothing may reach. */
async function start(): Promise<{ session: Session; server: TestServer; close: () => Promise<void> }> {
  const server = await startServer((_, response) => void response.end());
  const session = await createSession();
  session.setCookie('kept', '1', server.url);
  return { session, server, close: () => session.close() };
}

/** Makes one call that must be refused, and sees that nothing else happened. */
async function refused(
  input: (url: string) => unknown,
  init: (url: string) => unknown,
): Promise<{ code: RequestErrorCode; message: string }> {
  const { session, server, close } = await start();
  const given = deepFreeze(init(`${server.url}/a`)) as RequestInit;
  const { code, message } = await refusalOf(() => session.fetch(input(`${server.url}/a`) as string, given));
  expect(session.getAllCookies().map(({ name, value }) => `${name}=${value}`)).toEqual(['kept=1']);
  await close();
  expect(server.connections).toBe(0);
  return { code, message };
}

const same = (url: string): string => url;

function circular(): object {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}

function lockedStream(): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>();
  stream.getReader();
  return stream;
}

async function disturbedStream(): Promise<ReadableStream<Uint8Array>> {
  const stream = new Blob(['ab']).stream();
  const reader = stream.getReader();
  await reader.read();
  reader.releaseLock();
  return stream;
}

const option = 'ERR_INVALID_OPTION';
const url = 'ERR_INVALID_URL';
const body = 'ERR_INVALID_BODY';
const header = 'ERR_INVALID_HEADER';

describe('an option of a call', () => {
  it.each<[name: string, value: unknown, message: RegExp]>([
    ['method', 5, /^Unsupported HTTP method: 5$/],
    ['method', '', /^Unsupported HTTP method: ""$/],
    ['method', null, /^Unsupported HTTP method: null$/],
    ['method', {}, /^Unsupported HTTP method: an object$/],
    ['method', 'GET /', /^Unsupported HTTP method: "GET \/"$/],
    ['method', 'GET\r\nX: y', /^Unsupported HTTP method: "GET\\r\\nX: y"$/],
    ['method', 'GE\0T', /^Unsupported HTTP method: "GE\\u0000T"$/],
    ['method', 'GÉT', /^Unsupported HTTP method/],
    ['method', 'CONNECT', /^Unsupported HTTP method: "CONNECT"$/],
    ['method', 'connect', /^Unsupported HTTP method: "connect"$/],
    ['redirect', 'never', /^redirect must be one of "follow", "manual", "error", got "never"$/],
    ['redirect', null, /^redirect must be one of/],
    ['maxRedirects', -1, /^maxRedirects must be greater than or equal to 0$/],
    ['maxRedirects', 0.5, /^maxRedirects must be an integer$/],
    ['maxRedirects', '3', /^maxRedirects must be a number, got "3"$/],
    ['maxRedirects', Number.NaN, /^maxRedirects must be a finite number$/],
    ['maxBodyBytes', 0, /^maxBodyBytes must be greater than 0$/],
    ['maxBodyBytes', Number.POSITIVE_INFINITY, /^maxBodyBytes must be a finite number$/],
    ['timeout', 0, /^timeout must be a number greater than 0, got 0: for no limit write false$/],
    ['timeout', -5, /^timeout must be greater than 0$/],
    ['timeout', '5', /^timeout must be a number, got "5"$/],
    ['timeout', Number.NaN, /^timeout must be a finite number$/],
    ['timeout', { total: -1 }, /^timeout\.total must be greater than 0$/],
    ['timeout', { request: 1 }, /^timeout has an unknown option: "request"$/],
    ['transport', 5, /^transport must be a Transport of createTransport\(\), got 5$/],
    ['transport', {}, /^transport must be a Transport of createTransport\(\), got an object$/],
    ['signal', 5, /^signal must be an AbortSignal, got 5$/],
    ['signal', {}, /^signal must be an AbortSignal, got an object$/],
    ['signal', new AbortController(), /^signal must be an AbortSignal, got an instance of AbortController$/],
    ['credentials', 'always', /^credentials must be one of "omit", "same-origin", "include", got "always"$/],
    ['credentials', false, /^credentials must be one of/],
    ['mode', 'page', /^mode must be one of "navigate", "cors", .*, got "page"$/],
    ['mode', 5, /^mode must be one of/],
    ['cache', 'never', /^cache must be one of "default", .*, got "never"$/],
    ['duplex', 'full', /^duplex must be one of "half", got "full"$/],
    ['referrer', 5, /^referrer must be the URL of a page or 'no-referrer'$/],
    ['referrer', 'page', /^referrer must be the URL of a page or 'no-referrer'$/],
    ['referrer', null, /^referrer must be the URL of a page or 'no-referrer'$/],
    ['referrerPolicy', 'never', /^referrerPolicy must be one of "", "no-referrer", .*, got "never"$/],
    ['destination', 5, /^destination must be a request destination such as .*, got 5$/],
    ['destination', 'image\r\nx: y', /^destination must be a request destination/],
    ['userActivation', 1, /^userActivation must be true or false, got 1$/],
    ['disableDefaultHeaders', 'yes', /^disableDefaultHeaders must be true or false, got "yes"$/],
    ['decompress', 'no', /^decompress must be true or false, got "no"$/],
    ['compress', 0, /^compress must be true or false, got 0$/],
    ['crossOriginHeaders', 'x-team', /^crossOriginHeaders must be an array of header names, got "x-team"$/],
    ['crossOriginHeaders', [5], /^crossOriginHeaders must be an array of header names, got an array$/],
    ['onRequestEvent', 5, /^onRequestEvent must be a function, got 5$/],
    ['onRequestEvent', {}, /^onRequestEvent must be a function, got an object$/],
    ['acceptLanguage', 'de;q=1', /^acceptLanguage must be languages in order such as 'de-DE, en'/],
    ['searchParams', null, /^searchParams must be an object, pairs or URLSearchParams, got null$/],
    ['searchParams', 5, /^searchParams must be an object, pairs or URLSearchParams, got 5$/],
    ['searchParams', { a: {} }, /^searchParams\.a must be a string, number or boolean, got an object$/],
    ['searchParams', [['a']], /^searchParams given as a list must be pairs of name and value$/],
  ])('is refused before anything is sent: %s %o', async (name, value, message) => {
    const refusal = await refused(same, () => ({ [name]: value }));
    expect(refusal).toEqual({ code: option, message: expect.stringMatching(message) });
  });

  it.each([
    ['a string', 'POST'],
    ['a number', 5],
    ['a function', () => {}],
  ])('cannot come in %s in place of an object', async (_, init) => {
    const refusal = await refused(same, () => init);
    expect(refusal).toEqual({ code: option, message: expect.stringMatching(/^init must be an object/) });
  });

  it.each(['foo', 'agent', 'dispatcher', 'keepalive', 'next', 'window'])(
    'that nobody knows is ignored, as in fetch: %s',
    async (name) => {
      const { session, server, close } = await start();
      const response = await session.fetch(server.url, { [name]: {} } as RequestInit);
      await close();
      expect(response.status).toBe(200);
    },
  );
});

describe('a URL', () => {
  it.each<[kind: string, input: unknown, message: RegExp]>([
    ['with the scheme ftp', 'ftp://127.0.0.1/', /^Unsupported URL scheme "ftp:": expected http: or https:$/],
    ['with the scheme file', 'file:///etc/passwd', /^Unsupported URL scheme "file:"/],
    ['with the scheme data', 'data:text/plain,hello', /^Unsupported URL scheme "data:"/],
    ['with the scheme ws', new URL('ws://127.0.0.1/'), /^Unsupported URL scheme "ws:"/],
    ['that is relative', '/a', /^Invalid URL: "\/a" is not an absolute http or https URL$/],
    ['that is empty', '', /^Invalid URL: "" is not/],
    ['without a host', 'http://', /^Invalid URL/],
    ['that is a number', 5, /^Invalid URL: expected a string, URL or Request, got 5$/],
    ['that is a config with one', { url: '/' }, /got an object: write fetch\(url, options\)$/],
    ['that is null', null, /^Invalid URL: expected a string, URL or Request, got null$/],
    ['that is undefined', undefined, /^Invalid URL: expected a string, URL or Request, got undefined$/],
    ['that is an object', { href: 'http://127.0.0.1/' }, /^Invalid URL: expected .*, got an object$/],
  ])('%s is refused', async (_, input, message) => {
    const refusal = await refused(
      () => input,
      () => ({}),
    );
    expect(refusal).toEqual({ code: url, message: expect.stringMatching(message) });
  });

  it.each([
    'http://ada:canary@:99999/',
    'http://ada:canary@host name/',
    '//ada:canary@127.0.0.1/',
    'http://127.0.0.1:99999/?token=canary',
    'http://ada:canary%@127.0.0.1/',
  ])('that is malformed is refused without its secret: %s', async (malformed) => {
    await using session = await createSession();
    const error = await refusalOf(() => session.fetch(malformed));
    expect(error.code).toBe(url);
    const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(`${shown}${error.stack}${JSON.stringify(error)}`).not.toContain('canary');
  });

  it('of another origin than baseUrl is refused when it is a string', async () => {
    await using session = await createSession({ baseUrl: 'http://127.0.0.1:1/' });
    const { code, message } = await refusalOf(() => session.fetch('//127.0.0.1:2/'));
    expect([code, message]).toEqual([url, expect.stringContaining("leads away from baseUrl's origin")]);
  });
});

describe('a body', () => {
  it.each<[kind: string, init: () => unknown, code: RequestErrorCode, message: RegExp]>([
    ['on GET', () => ({ body: 'x' }), body, /^Request with GET method cannot have a body$/],
    ['on get', () => ({ method: 'get', body: '' }), body, /^Request with GET method cannot have a body$/],
    ['on HEAD', () => ({ method: 'HEAD', json: {} }), body, /^Request with HEAD method cannot have a body$/],
    ['as form on GET', () => ({ form: {} }), body, /^Request with GET method cannot have a body$/],
    ['that is a number', () => ({ method: 'POST', body: 5 }), body, /^body must be .*, got 5$/],
    ['that is true', () => ({ method: 'POST', body: true }), body, /^body must be .*, got true$/],
    ['that is an object', () => ({ method: 'POST', body: {} }), body, /^body must be .*, got an object$/],
    ['that is an array', () => ({ method: 'POST', body: [1] }), body, /^body must be .*, got an array$/],
    ['that is a function', () => ({ method: 'POST', body: () => 'x' }), body, /got a function$/],
    [
      'with a locked stream',
      () => ({ method: 'POST', body: lockedStream() }),
      body,
      /is already being read$/,
    ],
    [
      'as circular json',
      () => ({ method: 'POST', json: circular() }),
      body,
      /^json cannot be written as JSON$/,
    ],
    ['as json of a BigInt', () => ({ method: 'POST', json: 1n }), body, /^json cannot be written as JSON$/],
    ['as json of a function', () => ({ method: 'POST', json: () => 1 }), body, /it is a function$/],
    ['as json of a symbol', () => ({ method: 'POST', json: Symbol('s') }), body, /it is Symbol\(s\)$/],
    ['as form of null', () => ({ method: 'POST', form: null }), option, /^form must be .*, got null$/],
    ['as form of a number', () => ({ method: 'POST', form: 5 }), option, /^form must be .*, got 5$/],
    ['as form with an object', () => ({ method: 'POST', form: { a: {} } }), option, /^form\.a must be/],
    [
      'as form with null',
      () => ({ method: 'POST', form: { a: null } }),
      option,
      /^form\.a must be .*, got null: write undefined to leave it out$/,
    ],
    [
      'beside json',
      () => ({ method: 'POST', body: 'x', json: 1 }),
      option,
      /^body and json cannot be combined/,
    ],
    [
      'beside form',
      () => ({ method: 'POST', body: 'x', form: {} }),
      option,
      /^body and form cannot be combined/,
    ],
    ['as json and form', () => ({ method: 'POST', json: 1, form: {} }), option, /^json and form cannot be/],
    [
      'in all three ways',
      () => ({ method: 'POST', body: '', json: null, form: {} }),
      option,
      /^body and json and form cannot be combined/,
    ],
    [
      'with a length that is no number',
      () => ({ method: 'POST', body: 'x', headers: { 'content-length': '1x' } }),
      header,
      /^the value of the header content-length must be a number of bytes$/,
    ],
  ])('%s is refused', async (_, init, code, message) => {
    expect(await refused(same, init)).toEqual({ code, message: expect.stringMatching(message) });
  });

  it('with a stream that was read from is refused', async () => {
    const stream = await disturbedStream();
    const refusal = await refused(same, () => ({ method: 'POST', body: stream }));
    expect(refusal).toEqual({ code: body, message: 'body is a stream that is already being read' });
  });

  it('with a file whose type would start a header is refused', async () => {
    const file = Object.defineProperty(new File(['x'], 'a.txt'), 'type', {
      value: 'text/plain\r\nX-Evil: 1',
    });
    const form = new FormData();
    form.set('file', file);
    const refusal = await refused(same, () => ({ method: 'POST', body: form }));
    expect(refusal).toEqual({ code: body, message: expect.stringContaining('type of the Blob') });
  });
});

describe('a Request', () => {
  it('that is used is refused', async () => {
    const { session, server, close } = await start();
    const request = new Request(server.url, { method: 'POST', body: 'x' });
    await request.text();
    const { code, message } = await refusalOf(() => session.fetch(request));
    await close();
    expect([code, message, server.connections]).toEqual([body, 'Request body is already used', 0]);
  });

  it('that is used is accepted when the call has its own body', async () => {
    const { session, server, close } = await start();
    const request = new Request(server.url, { method: 'POST', body: 'x' });
    await request.text();
    await session.fetch(request, { body: 'y' });
    await close();
    expect(server.seen[0]?.body.toString()).toBe('y');
  });

  it('with a reader on its body is refused', async () => {
    const { session, server, close } = await start();
    const request = new Request(server.url, { method: 'POST', body: 'x' });
    request.body?.getReader();
    const { code } = await refusalOf(() => session.fetch(request));
    await close();
    expect([code, server.connections]).toEqual([body, 0]);
  });

  it('is not consumed by a call that is refused', async () => {
    const { session, server, close } = await start();
    const request = new Request(server.url, { method: 'POST', body: 'x' });
    await refusalOf(() => session.fetch(request, { timeout: 0 }));
    await close();
    expect([request.bodyUsed, await request.text()]).toEqual([false, 'x']);
  });
});
