import { describe, expect, it } from 'vitest';
import {
  createSession,
  createTransport,
  type RequestInit,
  type SessionOptions,
  type Transport,
} from '../../../src/index.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { headerOf, startServer } from '../../helpers/servers.ts';

const proxy = 'http://127.0.0.1:1';

describe('an option that is fixed when the session is created', () => {
  it.each<[options: SessionOptions, init: RequestInit, what: string]>([
    [{}, { browser: 'firefox' }, 'browser'],
    [{}, { browser: null }, 'browser'],
    [{ browser: null }, { browser: 'chrome' }, 'browser'],
    [{ browser: 'chrome_131' }, { browser: 'chrome' }, 'browser'],
    [{}, { os: 'linux' }, 'operating system'],
    [{ os: 'linux' }, { os: 'windows' }, 'operating system'],
    [{}, { proxy }, 'proxy'],
    [{ proxy }, { proxy: null }, 'proxy'],
    [{ proxy }, { proxy: `${proxy}0` }, 'proxy'],
    [{ proxy: 'env' }, { proxy }, 'proxy'],
    [{}, { insecure: true }, 'insecure setting'],
    [{ insecure: true }, { insecure: false }, 'insecure setting'],
    [{}, { trustStore: 'mozilla' }, 'trustStore setting'],
    [{ trustStore: 'mozilla' }, { trustStore: 'combined' }, 'trustStore setting'],
  ])('cannot be another for one call: session %o, call %o', async (options, init, what) => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession(options);
    const { code, message } = await refusalOf(() => session.fetch(server.url, init));
    expect([code, message, server.connections]).toEqual([
      'ERR_INVALID_OPTION',
      `Session ${what} cannot be changed after creation`,
      0,
    ]);
  });

  it.each<[options: SessionOptions, init: RequestInit]>([
    [{}, { browser: 'chrome', os: 'macos', proxy: null, insecure: false, trustStore: 'combined' }],
    [
      { browser: 'firefox', os: 'linux' },
      { browser: 'firefox', os: 'linux' },
    ],
    [{ browser: null }, { browser: null }],
    [{ insecure: true }, { insecure: true }],
    [{ trustStore: 'mozilla' }, { trustStore: 'mozilla' }],
    [{ proxy: null }, { proxy: null }],
    [{}, { browser: undefined, os: undefined, proxy: undefined, insecure: undefined, trustStore: undefined }],
  ])('may be said again: session %o, call %o', async (options, init) => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession(options);
    expect((await session.fetch(server.url, init)).status).toBe(200);
  });

  it('is that of the creation, even if the options object changes later', async () => {
    const server = await startServer((_, response) => void response.end());
    const options: { insecure: boolean } = { insecure: false };
    await using session = await createSession(options);
    options.insecure = true;
    const { message } = await refusalOf(() => session.fetch(server.url, { insecure: true }));
    expect(message).toBe('Session insecure setting cannot be changed after creation');
  });
});

describe('a transport for one call', () => {
  it.each<RequestInit>([
    { browser: 'chrome' },
    { browser: null },
    { os: 'macos' },
    { proxy },
    { proxy: null },
    { insecure: false },
    { trustStore: 'combined' },
  ])('cannot come with %o: the error names the option', async (init) => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession();
    await using transport = await createTransport();
    const { code, message } = await refusalOf(() => session.fetch(server.url, { ...init, transport }));
    expect([code, message, server.connections]).toEqual([
      'ERR_INVALID_OPTION',
      `\`transport\` cannot be combined with ${Object.keys(init)}: give it to createTransport()`,
      0,
    ]);
  });

  it.each([5, 'transport', {}, [], true])('cannot be %o', async (transport) => {
    await using session = await createSession();
    const { code, message } = await refusalOf(() =>
      session.fetch('http://127.0.0.1:1', { transport: transport as unknown as Transport }),
    );
    expect([code, message]).toEqual([
      'ERR_INVALID_OPTION',
      expect.stringMatching(/^transport must be a Transport of createTransport\(\)/),
    ]);
  });

  it("sends the session's cookies and headers on the transport's connection", async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession({ defaultHeaders: { 'x-team': 'a' } });
    session.setCookie('sid', '1', server.url);
    await using transport = await createTransport();
    await (await session.fetch(server.url)).text();
    await session.fetch(server.url, { transport });
    const [own, other] = server.seen;
    expect([headerOf(other, 'cookie'), headerOf(other, 'x-team')]).toEqual(['sid=1', 'a']);
    expect(other?.connection).not.toBe(own?.connection);
  });

  it("keeps the session's preset when it has none", async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession({ browser: 'firefox' });
    await using transport = await createTransport();
    await session.fetch(server.url, { transport });
    expect(headerOf(server.seen[0], 'user-agent')).toContain('Firefox/');
  });

  it('uses its own preset when it has one', async () => {
    const server = await startServer((_, response) => void response.end());
    await using session = await createSession({ browser: 'firefox' });
    await using transport = await createTransport({ browser: 'chrome', os: 'linux' });
    await session.fetch(server.url, { transport });
    expect(headerOf(server.seen[0], 'user-agent')).toMatch(/Linux.*Chrome\//);
  });

  it('that is closed is refused', async () => {
    await using session = await createSession();
    const transport = await createTransport();
    await transport.close();
    const { code, message } = await refusalOf(() => session.fetch('http://127.0.0.1:1', { transport }));
    expect([code, message]).toEqual(['ERR_TRANSPORT_CLOSED', 'Transport has been closed']);
  });

  it('stays open when the session closes', async () => {
    const transport = await createTransport();
    const session = await createSession({ transport });
    await session.close();
    expect(transport.closed).toBe(false);
    await transport.close();
  });
});
