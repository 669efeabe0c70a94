import { describe, expect, it } from 'vitest';
import { createSession, createTransport, type FetchInit, fetch } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { refusalOf, withPollutedPrototype } from '../../helpers/refusals.ts';
import { headerOf, startServer, startTlsServer, type TestServer } from '../../helpers/servers.ts';

/** `/set` redirects to `/` with a cookie; everything else answers with the path. */
function cookieServer(): Promise<TestServer> {
  return startServer((request, response) => {
    if (request.url === '/set') response.writeHead(302, { location: '/', 'set-cookie': 'sid=1; Path=/' });
    response.end(request.url);
  });
}

describe('a one-shot fetch', () => {
  it('has a jar that works across its redirects', async () => {
    const server = await cookieServer();
    const response = await fetch(`${server.url}/set`);
    expect([response.url, headerOf(server.seen[1], 'cookie')]).toEqual([`${server.url}/`, 'sid=1']);
  });

  it('does not keep its cookies for the next one', async () => {
    const server = await cookieServer();
    await fetch(`${server.url}/set`);
    await fetch(server.url);
    expect(headerOf(server.seen[2], 'cookie')).toBeUndefined();
  });

  it("sends the default browser's headers", async () => {
    const server = await cookieServer();
    await fetch(server.url);
    expect(headerOf(server.seen[0], 'user-agent')).toContain('Chrome/');
  });

  it.each<[init: FetchInit, name: string, value: string | undefined]>([
    [{ browser: null }, 'user-agent', undefined],
    [{ browser: 'chrome', os: 'windows' }, 'sec-ch-ua-platform', '"Windows"'],
    [{ headers: { 'x-team': 'a' } }, 'x-team', 'a'],
    [{ acceptLanguage: 'de' }, 'accept-language', 'de'],
    [{ disableDefaultHeaders: true }, 'sec-fetch-site', undefined],
  ])('takes the options of a session and of a call: %o', async (init, name, value) => {
    const server = await cookieServer();
    await fetch(server.url, init);
    expect(headerOf(server.seen[0], name)).toBe(value);
  });

  it('accepts a function for its proxy, and calls it once', async () => {
    let asked = 0;
    const proxy = (): string => {
      asked++;
      return 'http://127.0.0.1:1';
    };
    const { code } = await refusalOf(() => fetch('http://127.0.0.1:2', { proxy }));
    expect([code, asked]).toEqual(['ERR_PROXY', 1]);
  });

  it('refuses options of a session when it is given a session', async () => {
    await using session = await createSession();
    const { code, message } = await refusalOf(() =>
      fetch('http://127.0.0.1:1', { session, ca: certificate().cert }),
    );
    expect([code, message]).toEqual([
      'ERR_INVALID_OPTION',
      'init has an unknown option: "ca"; it is an option of createSession()',
    ]);
  });

  it('accepts certificates', async () => {
    const server = await startTlsServer((_, response) => void response.end('trusted'));
    const response = await fetch(server.url, { ca: certificate().cert });
    expect(await response.text()).toBe('trusted');
  });

  it('verifies certificates by default', async () => {
    const server = await startTlsServer((_, response) => void response.end());
    const { code } = await refusalOf(() => fetch(server.url));
    expect([code, server.seen.length]).toEqual(['ERR_TLS', 0]);
  });

  it('does not verify them with insecure, for this call only', async () => {
    const server = await startTlsServer((_, response) => void response.end('insecure'));
    expect(await (await fetch(server.url, { insecure: true })).text()).toBe('insecure');
    expect((await refusalOf(() => fetch(server.url))).code).toBe('ERR_TLS');
  });

  it('may be read after it has ended', async () => {
    const server = await startServer((_, response) => void response.end('x'.repeat(1_000_000)));
    const responses = await Promise.all([fetch(server.url), fetch(server.url, { insecure: true })]);
    expect(await Promise.all(responses.map(async (response) => (await response.text()).length))).toEqual([
      1_000_000, 1_000_000,
    ]);
  });

  it('keeps a warm connection for the next one', async () => {
    const server = await cookieServer();
    await (await fetch(server.url)).text();
    await (await fetch(server.url)).text();
    expect(server.connections).toBe(1);
  });

  it('goes through a transport', async () => {
    const server = await cookieServer();
    await using transport = await createTransport({ browser: 'firefox' });
    await fetch(server.url, { transport });
    expect(headerOf(server.seen[0], 'user-agent')).toContain('Firefox/');
  });

  it.each<[init: object, message: string]>([
    [{ insecure: true }, '`transport` cannot be combined with insecure: give it to createTransport()'],
    [{ browser: 'chrome' }, '`transport` cannot be combined with browser: give it to createTransport()'],
    [{ ca: certificate().cert }, '`transport` cannot be combined with ca: give it to createTransport()'],
    [{ http2: false }, '`transport` cannot be combined with http2: give it to createTransport()'],
  ])('refuses a transport together with %o', async (init, message) => {
    const server = await cookieServer();
    await using transport = await createTransport();
    const error = await refusalOf(() => fetch(server.url, { ...init, transport }));
    expect([error.code, error.message, server.connections]).toEqual(['ERR_INVALID_OPTION', message, 0]);
  });

  it.each<[init: object, message: RegExp]>([
    [{ browser: 'netscape' }, /netscape/],
    [{ proxy: 'ftp://host' }, /^Failed to create proxy/],
    [{ insecure: null }, /^insecure must be true or false, got null$/],
    [{ timeout: 0 }, /^timeout must be a number greater than 0, got 0: for no limit write false$/],
    [{ ca: 'x' }, /^ca must hold a certificate in PEM$/],
    [{ cookieMode: 'jar' }, /^cookieMode must be one of "session", "ephemeral", got "jar"$/],
    [{ cookieMode: null }, /^cookieMode must be one of/],
  ])('refuses %o before anything is sent', async (init, message) => {
    const server = await cookieServer();
    const error = await refusalOf(() => fetch(server.url, init as FetchInit));
    expect([error.code, server.connections]).toEqual(['ERR_INVALID_OPTION', 0]);
    expect(error.message).toMatch(message);
  });

  it.each(['POST', 5])('refuses %j in place of init', async (init) => {
    const { code, message } = await refusalOf(() =>
      fetch('http://127.0.0.1:1', init as unknown as FetchInit),
    );
    expect([code, message]).toEqual(['ERR_INVALID_OPTION', expect.stringMatching(/^init must be an object/)]);
  });

  it('rejects and does not throw', async () => {
    const promise = fetch('no url');
    await expect(promise).rejects.toThrow('Invalid URL');
  });

  it.each<[string, unknown]>([
    ['session', {}],
    ['cookieMode', 'session'],
    ['transport', {}],
    ['proxy', 'http://127.0.0.1:1'],
    ['ca', 'x'],
  ])('takes no option from a polluted Object.prototype: %s', async (key, value) => {
    const server = await cookieServer();
    const status = await withPollutedPrototype(
      { [key]: value },
      async () => (await fetch(server.url, {})).status,
    );
    expect(status).toBe(200);
  });
});

describe('a fetch with a session', () => {
  it('is the call of that session', async () => {
    const server = await cookieServer();
    await using session = await createSession({ browser: 'firefox' });
    await fetch(`${server.url}/set`, { session });
    await fetch(server.url, { session, cookieMode: 'session' });
    expect(headerOf(server.seen[2], 'cookie')).toBe('sid=1');
    expect(headerOf(server.seen[2], 'user-agent')).toContain('Firefox/');
  });

  it.each([{}, { fetch: () => {} }, null, 'id', 5])('refuses the session %o', async (session) => {
    const { code, message } = await refusalOf(() =>
      fetch('http://127.0.0.1:1', { session } as unknown as FetchInit),
    );
    expect([code, message]).toEqual(['ERR_INVALID_OPTION', '`session` must be created via createSession()']);
  });

  it('needs one for cookieMode session', async () => {
    const { code, message } = await refusalOf(() => fetch('http://127.0.0.1:1', { cookieMode: 'session' }));
    expect([code, message]).toEqual(['ERR_INVALID_OPTION', "cookieMode 'session' needs the option session"]);
  });

  it('refuses cookieMode ephemeral, because the jar would be used', async () => {
    await using session = await createSession();
    const { code, message } = await refusalOf(() =>
      fetch('http://127.0.0.1:1', { session, cookieMode: 'ephemeral' }),
    );
    expect([code, message]).toEqual([
      'ERR_INVALID_OPTION',
      "cookieMode 'ephemeral' cannot be combined with session",
    ]);
  });

  it('that is closed is refused', async () => {
    const session = await createSession();
    await session.close();
    const { code, message } = await refusalOf(() => fetch('http://127.0.0.1:1', { session }));
    expect([code, message]).toEqual(['ERR_SESSION_CLOSED', 'Session has been closed']);
  });
});
