import { describe, expect, it } from 'vitest';
import { createSession, fetch, type RequestInit } from '../../../src/index.ts';
import { refusalOf, withPollutedPrototype } from '../../helpers/refusals.ts';
import { startServer } from '../../helpers/servers.ts';

/** The status of a call with keys that `RequestInit` does not have. */
async function statusOf(init: object, path = '/', asUrl = false): Promise<number> {
  const server = await startServer((_, response) => void response.end());
  await using session = await createSession();
  const url = server.url + path;
  return (await session.fetch(asUrl ? new URL(url) : url, init as RequestInit)).status;
}

/** What is said of one key, before anything is sent. */
async function refusalFor(name: string, value: unknown, init: object = {}): Promise<string> {
  const server = await startServer((_, response) => void response.end());
  await using session = await createSession();
  const given = { ...init, [name]: value } as RequestInit;
  const { code, message } = await refusalOf(() => session.fetch(server.url, given));
  expect([code, server.connections]).toEqual(['ERR_INVALID_OPTION', 0]);
  return message;
}

describe('a key of an init that is not an option', () => {
  it.each<[name: string, value: unknown, advice: string]>([
    ['data', { a: 1 }, 'write json, form or body'],
    ['params', { a: 1 }, 'write searchParams'],
    ['query', { a: 1 }, 'write searchParams'],
    ['qs', { a: 1 }, 'write searchParams'],
    ['jsn', { a: 1 }, 'did you mean json?'],
    ['JSON', { a: 1 }, 'did you mean json?'],
    ['header', {}, 'did you mean headers?'],
    ['methd', 'POST', 'did you mean method?'],
    ['bdoy', 'x', 'did you mean body?'],
    ['maxRedirect', 3, 'did you mean maxRedirects?'],
    ['search_params', {}, 'did you mean searchParams?'],
    ['referer', 'https://page.test/', 'did you mean referrer?'],
    ['refererPolicy', 'origin', 'did you mean referrerPolicy?'],
    ['crossOriginHeader', [], 'did you mean crossOriginHeaders?'],
    ['retries', 2, 'write retry, such as retry: { limit: 3 }'],
    ['baseURL', 'https://example.com', 'write baseUrl in createSession()'],
    ['baseUrl', 'https://example.com', 'write baseUrl in createSession()'],
    ['prefixUrl', 'https://example.com', 'write baseUrl in createSession()'],
    ['emulation', {}, 'write browser and os, which are fixed when a session is created'],
    ['sessionId', 'a', 'write session (of createSession()), or call its fetch()'],
    ['followRedirect', false, "write redirect: 'follow' or 'manual'"],
    ['auth', ['ada', 'secret'], 'write headers: { authorization }, or user and password in the URL'],
    ['cookies', {}, "write headers: { cookie: 'a=1' }, or setCookie() of the session"],
    ['cookieJar', {}, 'write cookieJar in createSession()'],
    ['jar', {}, 'write cookieJar in createSession()'],
    ['withCredentials', true, 'write credentials'],
    ['rejectUnauthorized', false, 'write insecure, which is fixed when a session is created'],
    ['cert', 'x', 'it is an option of createSession()'],
    ['poolMaxSize', 1, 'it is an option of createTransport()'],
    ['protocols', 'chat', 'it is an option of session.websocket()'],
    ['cookieMode', 'ephemeral', "write 'session', or call the one-shot fetch(), which has a jar of its own"],
    ['captureDiagnostics', true, 'write timings of the response'],
  ])('is refused for its likely meaning: %s %o', async (name, value, advice) => {
    expect(await refusalFor(name, value)).toBe(
      `init has an unknown option: ${JSON.stringify(name)}; ${advice}`,
    );
  });

  it.each([
    ...['integrity', 'keepalive', 'window', 'attributionReporting', 'agent', 'dispatcher'],
    ...['size', 'follow', 'next', 'cf', 'hooks', 'responseType', 'parseResponse', 'retryDelay', 'onResponse'],
    ...['node', 'transform', 'foo', 'session', 'constructor', '__proto__', 'toString'],
  ])('is ignored when it is of Fetch or of a client: %s', async (name) => {
    expect(await statusOf(Object.fromEntries([[name, {}]]))).toBe(200);
  });

  it('is ignored when it has no effect: a cookieMode of session', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    const init = { cookieMode: 'session' } as RequestInit;
    expect((await session.fetch(server.url, init)).status).toBe(200);
    expect((await fetch(server.url, { session, cookieMode: 'session' })).status).toBe(200);
    expect((await fetch(server.url, { cookieMode: 'ephemeral' })).status).toBe(200);
  });

  it('is ignored when it is undefined', async () => {
    expect(await statusOf({ params: undefined, query: undefined, data: undefined, jsn: undefined })).toBe(
      200,
    );
  });

  it('is ignored when it is inherited', async () => {
    const status = await withPollutedPrototype({ data: 'x', jsn: 1 }, () => statusOf({ method: 'GET' }));
    expect(status).toBe(200);
    expect(await statusOf(Object.create({ data: 'x' }))).toBe(200);
  });

  it.each<[client: string, path: string, init: object]>([
    ['gaxios, whose body is made of data', '/', { method: 'POST', data: { a: 1 }, body: '{"a":1}' }],
    ['gaxios, whose params are in the URL', '/?a=1&b=2', { params: { a: 1, b: 2 } }],
    ['ofetch, which has no params', '/', { params: {} }],
  ])('is ignored when %s', async (_, path, init) => {
    expect(await statusOf(init, path)).toBe(200);
    expect(await statusOf(init, path, true)).toBe(200);
  });

  it('is ignored when ofetch has already added its baseURL to the URL', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    const init = { baseURL: `${server.url}/` } as RequestInit;
    expect((await session.fetch(`${server.url}/a`, init)).status).toBe(200);
  });

  it('is refused by the one-shot fetch too, which accepts options of its session', async () => {
    const { message } = await refusalOf(() => fetch('http://127.0.0.1:1', { baseUrl: 'x' } as object));
    expect(message).toContain('write baseUrl in createSession()');
  });

  it('is refused without showing its value, which could be a secret', async () => {
    expect(await refusalFor('password', 'canary')).not.toContain('canary');
  });
});
