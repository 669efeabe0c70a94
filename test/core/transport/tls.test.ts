import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Agent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession, createTransport, fetch, type TransportOptions } from '../../../src/index.ts';
import { type Certificate, certificate, selfSigned } from '../../helpers/certificates.ts';
import { startServer, startTlsServer } from '../../helpers/servers.ts';

const { cert: ca } = certificate();

function secureSite() {
  return startTlsServer((_request, response) => {
    response.end('secure');
  });
}

/** A server with a certificate, and options, of its own. */
async function startWith(options: https.ServerOptions & Certificate): Promise<string> {
  const server = https.createServer(options, (request, response) => {
    const peer = (request.socket as tls.TLSSocket).getPeerCertificate();
    response.end(peer.subject?.CN ?? 'nobody');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const refused = { code: 'ERR_TLS', phase: 'tls', message: expect.stringContaining('certificate') };

it('refuses a self-signed certificate', async () => {
  const site = await secureSite();
  await using session = await createSession();
  await expect(session.fetch(site.url)).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('self-signed'),
  });
  expect(site.seen).toEqual([]);
});

it('S02 refuses a certificate for another host, and says so', async () => {
  const other = selfSigned('other.test', 'DNS:other.test');
  const url = await startWith(other);
  await using session = await createSession({ ca: other.cert });
  await expect(session.fetch(url)).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('another host'),
  });
});

it('S02 refuses a certificate for another address', async () => {
  const other = selfSigned('127.0.0.2', 'IP:127.0.0.2');
  const url = await startWith(other);
  await using session = await createSession({ ca: other.cert });
  await expect(session.fetch(url)).rejects.toMatchObject(refused);
});

it('checks the certificate against the URL, whatever the Host header says', async () => {
  const other = selfSigned('other.test', 'DNS:other.test');
  const url = await startWith(other);
  await using session = await createSession({ ca: other.cert });
  const failed = session.fetch(url.replace('127.0.0.1', 'localhost'), { headers: { Host: 'other.test' } });
  await expect(failed).rejects.toMatchObject(refused);
});

it.each<[string, TransportOptions]>([
  ['connections of its own', { ca }],
  ["a dispatcher of the caller's", { dispatcher: new Agent({ allowH2: false, connect: { ca } }) }],
])('names no address to the server with %s, whatever the Host header says', async (_what, options) => {
  const names: string[] = [];
  const SNICallback = (name: string, choose: (error: null) => void): void => {
    names.push(name);
    choose(null);
  };
  const url = await startWith({ ...certificate(), SNICallback });
  await using transport = await createTransport(options);
  await using session = await createSession({ transport });
  for (const headers of [{}, { Host: '127.0.0.2' }, { Host: '[::1]' }]) {
    expect((await session.fetch(url, { headers })).ok).toBe(true);
  }
  expect(names).toEqual([]);
});

it('fails at https where the server speaks http', async () => {
  const site = await startServer((_request, response) => {
    response.end();
  });
  await using session = await createSession();
  await expect(session.fetch(site.url.replace('http:', 'https:'))).rejects.toMatchObject({
    code: 'ERR_TLS',
    message: expect.stringMatching(/TLS/),
  });
});

it('fails where no protocol version is shared', async () => {
  const url = await startWith({
    ...certificate(),
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  await using session = await createSession({ ca });
  await expect(session.fetch(url)).rejects.toMatchObject({ code: 'ERR_TLS' });
});

describe('S01 insecure', () => {
  it('accepts any certificate', async () => {
    const site = await secureSite();
    await using session = await createSession({ insecure: true });
    expect(await (await session.fetch(site.url)).text()).toBe('secure');
  });

  it.each(['careless first', 'strict first', 'both at once'])(
    'belongs to one session alone: %s',
    async (order) => {
      const site = await secureSite();
      await using careless = await createSession({ insecure: true });
      await using strict = await createSession();
      const accepts = async (): Promise<void> => {
        expect(await (await careless.fetch(site.url)).text()).toBe('secure');
      };
      const refuses = (): Promise<void> => expect(strict.fetch(site.url)).rejects.toMatchObject(refused);
      if (order === 'both at once') await Promise.all([accepts(), refuses(), accepts(), refuses()]);
      const steps = order === 'strict first' ? [refuses, accepts] : [accepts, refuses];
      for (const step of [...steps, ...steps]) await step();
    },
  );

  it('applies only to one call of the one-shot fetch', async () => {
    const site = await secureSite();
    expect(await (await fetch(site.url, { insecure: true })).text()).toBe('secure');
    await expect(fetch(site.url)).rejects.toMatchObject(refused);
  });

  it('of a transport does not apply to the session', async () => {
    const site = await secureSite();
    await using transport = await createTransport({ insecure: true });
    await using session = await createSession();
    expect(await (await session.fetch(site.url, { transport })).text()).toBe('secure');
    await expect(session.fetch(site.url)).rejects.toMatchObject(refused);
  });

  it('does not apply after a redirect', async () => {
    const site = await secureSite();
    const first = await startServer((_request, response) => {
      response.writeHead(302, { location: site.url }).end();
    });
    await using careless = await createSession({ insecure: true });
    await using strict = await createSession();
    await careless.fetch(first.url);
    await expect(strict.fetch(first.url)).rejects.toMatchObject(refused);
  });
});

describe('ca', () => {
  it.each([
    ['text', ca],
    ['a Buffer', Buffer.from(ca)],
    ['a list', [selfSigned('other.test', 'DNS:other.test').cert, ca]],
  ])('accepts what it signed, given as %s', async (_label, given) => {
    const site = await secureSite();
    await using session = await createSession({ ca: given });
    expect(await (await session.fetch(site.url)).text()).toBe('secure');
  });

  it('replaces the trust store, so that nothing else is accepted', async () => {
    const site = await secureSite();
    await using session = await createSession({ ca: selfSigned('other.test', 'DNS:other.test').cert });
    await expect(session.fetch(site.url)).rejects.toMatchObject(refused);
  });
});

describe('a client certificate', () => {
  const ada = selfSigned('ada', 'DNS:ada.test');
  const bob = selfSigned('bob', 'DNS:bob.test');
  const mutual = () =>
    startWith({ ...certificate(), requestCert: true, rejectUnauthorized: false, ca: [ada.cert, bob.cert] });

  it('is shown to a server that requests it', async () => {
    const url = await mutual();
    await using session = await createSession({ ca, cert: ada.cert, key: ada.key, certOrigins: url });
    expect(await (await session.fetch(url)).text()).toBe('ada');
  });

  it('is required by the server: the connection fails without it', async () => {
    const url = await startWith({
      ...certificate(),
      requestCert: true,
      rejectUnauthorized: true,
      ca: ada.cert,
      maxVersion: 'TLSv1.2',
    });
    await using session = await createSession({ ca });
    await expect(session.fetch(url)).rejects.toMatchObject({ code: 'ERR_TLS' });
  });

  it('S05 of one session is not shown on the connections of another', async () => {
    const url = await mutual();
    const options = { ca, certOrigins: url };
    await using first = await createSession({ ...options, cert: ada.cert, key: ada.key });
    await using second = await createSession({ ...options, cert: bob.cert, key: bob.key });
    await using third = await createSession({ ca });
    const names: string[] = [];
    for (const session of [first, second, third, first]) names.push(await (await session.fetch(url)).text());
    expect(names).toEqual(['ada', 'bob', 'nobody', 'ada']);
  });

  it('that cannot be read is refused at once', async () => {
    await expect(createSession({ cert: 'no certificate', key: ada.key })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
  });
});

/** Runs code with the package in a process of its own; resolves with what it prints. */
async function runWith(environment: Record<string, string>, code: string): Promise<string> {
  const entry = fileURLToPath(new URL('../../../src/index.ts', import.meta.url));
  const script = `import * as jarfetch from ${JSON.stringify(entry)};\n${code}`;
  const options = { env: { ...process.env, ...environment, NODE_NO_WARNINGS: '1' } };
  const run = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], options);
  return run.stdout.trim();
}

const attempt = (url: string, options: string): string =>
  `await jarfetch.fetch(${JSON.stringify(url)}, ${options}).then((r) => console.log(r.status), (e) => console.log(e.code));`;

it('S03 verifies although NODE_TLS_REJECT_UNAUTHORIZED=0 is set, and does not with insecure', async () => {
  const site = await secureSite();
  const code = attempt(site.url, '{}') + attempt(site.url, '{ insecure: true }');
  expect(await runWith({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, code)).toBe('ERR_TLS\n200');
});

it('trustStore decides whether SSL_CERT_FILE is used', async () => {
  const site = await secureSite();
  const folder = await mkdtemp(join(tmpdir(), 'jarfetch-trust-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  await writeFile(file, ca);
  const stores = [
    "{ trustStore: 'combined' }",
    "{ trustStore: 'mozilla' }",
    "{ trustStore: 'defaultPaths' }",
    '{}',
  ];
  const code = stores.map((options) => attempt(site.url, options)).join('');
  expect(await runWith({ SSL_CERT_FILE: file }, code)).toBe('200\nERR_TLS\n200\n200');
});

it('T13 lets the process end although a session is open and has idle connections', async () => {
  const site = await startServer((_request, response) => {
    response.end('x'.repeat(100_000));
  });
  const code = `const session = await jarfetch.createSession();
    await (await session.fetch(${JSON.stringify(site.url)})).text();
    await session.fetch(${JSON.stringify(site.url)});
    console.log('done');`;
  expect(await runWith({}, code)).toBe('done');
});
