import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { checkTls } from '../../../src/core/transport/tls-options.ts';
import {
  createSession,
  createTransport,
  type TransportOptions,
  type TrustStore,
} from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { deepFreeze, refusalOf } from '../../helpers/refusals.ts';
import { startServer, startTlsServer } from '../../helpers/servers.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** An empty folder that is gone when the test ends. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-trust-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const durations = ['poolIdleTimeout', 'connectTimeout', 'readTimeout'];

async function refusal(options: object): Promise<[code: string, message: string]> {
  const { code, message } = await refusalOf(() => createTransport(options as TransportOptions));
  return [code, message];
}

describe('createTransport', () => {
  it.each([...[...durations, 'poolMaxSize'].map((name) => [name, -1] as const), ['poolMaxSize', 0] as const])(
    'refuses %s: %d, which is not greater than 0',
    async (name, value) => {
      expect(await refusal({ [name]: value })).toEqual([
        'ERR_INVALID_OPTION',
        `${name} must be greater than 0`,
      ]);
    },
  );

  it.each(
    Object.entries({
      connectTimeout: 'a connection always has a limit, of 30000 ms when this is left out',
      readTimeout: 'for no limit leave it out',
      poolIdleTimeout: 'to keep no idle connection write poolMaxIdlePerHost: 0',
    }).flatMap(([name, advice]) => [0, false].map((value) => [name, value, advice] as const)),
  )('refuses %s: %s, and says what to write for no limit', async (name, value, advice) => {
    const message = `${name} must be greater than 0, got ${value}: ${advice}`;
    expect(await refusal({ [name]: value })).toEqual(['ERR_INVALID_OPTION', message]);
  });

  it('refuses poolMaxIdlePerHost: -1', async () => {
    expect(await refusal({ poolMaxIdlePerHost: -1 })).toEqual([
      'ERR_INVALID_OPTION',
      'poolMaxIdlePerHost must be greater than or equal to 0',
    ]);
  });

  it('accepts poolMaxIdlePerHost: 0', async () => {
    await using transport = await createTransport({ poolMaxIdlePerHost: 0 });
    expect(transport.closed).toBe(false);
  });

  it.each(['poolMaxSize', 'poolMaxIdlePerHost'])('refuses %s: 1.5', async (name) => {
    expect(await refusal({ [name]: 1.5 })).toEqual(['ERR_INVALID_OPTION', `${name} must be an integer`]);
  });

  it.each(
    [...durations, 'poolMaxSize', 'poolMaxIdlePerHost'].flatMap((name) =>
      [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => [name, value] as const),
    ),
  )('refuses %s: %d', async (name, value) => {
    expect(await refusal({ [name]: value })).toEqual([
      'ERR_INVALID_OPTION',
      `${name} must be a finite number`,
    ]);
  });

  it.each([...durations, 'poolMaxSize', 'poolMaxIdlePerHost'])(
    'refuses %s that is no number',
    async (name) => {
      for (const [value, shown] of [
        ['5', '"5"'],
        [null, 'null'],
        [true, 'true'],
        [[], 'an array'],
      ]) {
        expect(await refusal({ [name as string]: value })).toEqual([
          'ERR_INVALID_OPTION',
          `${name} must be a number, got ${shown}`,
        ]);
      }
    },
  );

  it.each(durations)('refuses %s past what a timer can hold, where it would fire at once', async (name) => {
    expect(await refusal({ [name]: 2 ** 31 })).toEqual([
      'ERR_INVALID_OPTION',
      `${name} must be at most 2147483647 ms`,
    ]);
  });

  it.each<[resolve: unknown, message: string]>([
    [5, 'resolve must be an object mapping hosts to addresses'],
    [null, 'resolve must be an object mapping hosts to addresses'],
    ['a.test', 'resolve must be an object mapping hosts to addresses'],
    [['127.0.0.1'], 'resolve must be an object mapping hosts to addresses'],
    [{ h: [] }, "resolve['h'] must provide at least one address"],
    [{ h: 5 }, "resolve['h'] must hold IP addresses"],
    [{ h: null }, "resolve['h'] must hold IP addresses"],
    [{ h: '' }, "resolve['h'] must hold IP addresses"],
    [{ h: 'example.com' }, "resolve['h'] must hold IP addresses"],
    [{ h: ['127.0.0.1', 'x'] }, "resolve['h'] must hold IP addresses"],
    [{ h: '127.0.0.1:80' }, "resolve['h'] must hold IP addresses"],
  ])('refuses resolve: %o', async (resolve, message) => {
    expect(await refusal({ resolve })).toEqual(['ERR_INVALID_OPTION', message]);
  });

  it.each<[options: object, message: RegExp]>([
    [{ insecure: 'yes' }, /^insecure must be true or false, got "yes"$/],
    [{ http2: 1 }, /^http2 must be true or false, got 1$/],
    [{ trustStore: 'os' }, /^trustStore must be one of "combined", "mozilla", "defaultPaths", got "os"$/],
    [{ proxy: 5 }, /^proxy must be a proxy URL, 'env' or null, got 5$/],
    [{ browser: 5 }, /browser|profile/i],
    [{ browser: 'netscape' }, /netscape/],
    [{ os: 'beos' }, /beos/],
    [{ dispatcher: 5 }, /^dispatcher must be an undici Dispatcher, got 5$/],
    [{ dispatcher: {} }, /^dispatcher must be an undici Dispatcher, got an object$/],
    [{ ca: certificate().cert, trustStore: 'mozilla' }, /^`ca` cannot be combined with trustStore/],
    [{ cert: certificate().cert }, /^`cert` and `key` belong together/],
    [{ key: certificate().key }, /^`cert` and `key` belong together/],
    [{ cert: certificate().key, key: certificate().key }, /^cert must hold a certificate in PEM$/],
    [
      { retries: 5 },
      /^Transport options has an unknown option: "retries"; write retry in createSession\(\)$/,
    ],
    [
      { timeout: 5 },
      /^Transport options has an unknown option: "timeout"; write connectTimeout and readTimeout here/,
    ],
  ])('refuses %o', async (options, message) => {
    expect(await refusal(options)).toEqual(['ERR_INVALID_OPTION', expect.stringMatching(message)]);
  });

  it('A30 keeps the bytes of a Buffer that is overwritten later', async () => {
    const { cert } = certificate();
    const pem = Buffer.from(cert);
    const { ca } = checkTls({ ca: [pem] }, '');
    pem.fill(0);
    expect(String(ca)).toBe(String(cert));
  });

  it('A30 refuses a ca whose first certificate cannot be read', async () => {
    const ca = String(certificate().cert).replace(/\n[^-]{40}/, `\n${'A'.repeat(40)}`);
    expect(await refusal({ ca })).toEqual([
      'ERR_INVALID_OPTION',
      'ca must hold a certificate in PEM that can be read',
    ]);
    expect(await refusal({ proxyTls: { ca: [certificate().cert, ca] } })).toEqual([
      'ERR_INVALID_OPTION',
      'proxyTls.ca must hold a certificate in PEM that can be read',
    ]);
  });

  it('refuses PEM without readable content', async () => {
    const broken = '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n';
    expect(await refusal({ cert: broken, key: certificate().key, certOrigins: 'https://a.test' })).toEqual([
      'ERR_INVALID_OPTION',
      'ca, cert or key must be certificates and a key in PEM',
    ]);
    expect(await refusal({ proxyTls: { cert: broken, key: certificate().key } })).toEqual([
      'ERR_INVALID_OPTION',
      'ca, cert or key of proxyTls must be certificates and a key in PEM',
    ]);
  });

  it.each([null, 'http://127.0.0.1:1', 5, []])('refuses %o in place of options', async (options) => {
    expect(await refusal(options as object)).toEqual([
      'ERR_INVALID_OPTION',
      expect.stringMatching(/^Transport options must be an object/),
    ]);
  });

  it.each<object>([
    { proxy: 'http://127.0.0.1:1' },
    { insecure: false },
    { resolve: {} },
    { poolMaxSize: 1 },
  ])('refuses a dispatcher together with %o', async (options) => {
    const dispatcher = new Agent();
    const [option] = Object.keys(options);
    expect(await refusal({ dispatcher, ...options })).toEqual([
      'ERR_INVALID_OPTION',
      `\`dispatcher\` cannot be combined with ${option}: it makes the connections itself`,
    ]);
    await dispatcher.close();
  });

  it('accepts frozen options', async () => {
    await using transport = await createTransport(
      deepFreeze({ resolve: { 'a.test': ['127.0.0.1'] }, poolMaxSize: 1 }),
    );
    expect(transport.id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a transport', () => {
  it('pins the addresses of resolve, whatever the case of the host', async () => {
    const server = await startServer((_, response) => void response.end('pinned'));
    await using transport = await createTransport({ resolve: { 'Shop.Test': '127.0.0.1' } });
    await using session = await createSession({ transport });
    const response = await session.fetch(`http://shop.test:${server.port}/`);
    expect(await response.text()).toBe('pinned');
  });

  it('caps its connections at poolMaxSize', async () => {
    const server = await startServer((_, response) => void response.end());
    await using transport = await createTransport({ poolMaxSize: 2 });
    await using session = await createSession({ transport });
    await Promise.all(Array.from({ length: 10 }, async () => (await session.fetch(server.url)).text()));
    expect(server.connections).toBe(2);
  });

  it('trusts the ca that it is given', async () => {
    const server = await startTlsServer((_, response) => void response.end('secret'));
    await using transport = await createTransport({ ca: certificate().cert });
    await using session = await createSession({ transport });
    expect(await (await session.fetch(server.url)).text()).toBe('secret');
  });

  it("uses a dispatcher of the caller's and leaves it open", async () => {
    const server = await startServer((_, response) => void response.end('ok'));
    const dispatcher = new Agent();
    const transport = await createTransport({ dispatcher });
    await using session = await createSession({ transport });
    expect(await (await session.fetch(server.url)).text()).toBe('ok');
    await transport.close();
    expect([transport.dispatcher === dispatcher, dispatcher.closed]).toEqual([true, false]);
    await dispatcher.close();
  });

  it('is closed once, with any number of calls', async () => {
    const transport = await createTransport();
    expect(transport.close()).toBe(transport.close());
    await transport.close();
    expect(transport.closed).toBe(true);
  });

  it('closes at the end of its scope', async () => {
    let seen: { readonly closed: boolean };
    {
      await using transport = await createTransport();
      seen = transport;
      expect(seen.closed).toBe(false);
    }
    expect(seen.closed).toBe(true);
  });

  it('lets a call under way finish while it closes', async () => {
    const arrived = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const server = await startServer(async (_, response) => {
      arrived.resolve();
      await answer.promise;
      response.end('late');
    });
    const transport = await createTransport();
    await using session = await createSession({ transport });
    const call = session.fetch(server.url);
    await arrived.promise;
    const closing = transport.close();
    answer.resolve();
    expect(await (await call).text()).toBe('late');
    await closing;
  });
});

describe('the trust store', () => {
  it.each<[trustStore: TrustStore | undefined, variable: string, isTrusted: boolean]>([
    [undefined, 'SSL_CERT_FILE', true],
    ['combined', 'SSL_CERT_FILE', true],
    ['combined', 'SSL_CERT_DIR', true],
    ['defaultPaths', 'SSL_CERT_FILE', true],
    ['defaultPaths', 'SSL_CERT_DIR', true],
    ['mozilla', 'SSL_CERT_FILE', false],
    ['mozilla', 'SSL_CERT_DIR', false],
  ])('%s with the certificate in %s: trusted %s', async (trustStore, variable, isTrusted) => {
    const server = await startTlsServer((_, response) => void response.end());
    const folder = temporaryFolder();
    const file = join(folder, 'root.pem');
    writeFileSync(file, certificate().cert);
    vi.stubEnv('SSL_CERT_FILE', variable === 'SSL_CERT_FILE' ? file : '');
    vi.stubEnv('SSL_CERT_DIR', variable === 'SSL_CERT_DIR' ? folder : '');
    await using transport = await createTransport({ trustStore });
    await using session = await createSession({ transport });
    const outcome = await session.fetch(server.url).then(
      () => true,
      (error) => error.code,
    );
    expect(outcome).toBe(isTrusted ? true : 'ERR_TLS');
  });

  it('is read at the first connection, because it may be hundreds of files', async () => {
    const server = await startTlsServer((_, response) => void response.end('trusted'));
    const file = join(temporaryFolder(), 'root.pem');
    vi.stubEnv('SSL_CERT_FILE', file);
    await using transport = await createTransport();
    await using session = await createSession({ transport });
    writeFileSync(file, certificate().cert);
    expect(await (await session.fetch(server.url)).text()).toBe('trusted');
  });

  it('is not weakened by NODE_TLS_REJECT_UNAUTHORIZED=0', async () => {
    const server = await startTlsServer((_, response) => void response.end());
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    await using transport = await createTransport();
    await using session = await createSession({ transport });
    expect((await refusalOf(() => session.fetch(server.url))).code).toBe('ERR_TLS');
  });
});

it('uses an own option that is not enumerable', async () => {
  const options = Object.defineProperty({}, 'proxy', { value: 'http://127.0.0.1:1' });
  await using transport = await createTransport(options);
  await using session = await createSession({ transport });
  const server = await startServer((_request, response) => void response.end('direct'));
  await expect(session.fetch(server.url)).rejects.toMatchObject({ code: 'ERR_PROXY' });
  expect(server.seen).toEqual([]);
});
