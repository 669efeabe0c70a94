import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { redactUrl } from '../../../src/core/errors.ts';
import { createSession, isRequestError } from '../../../src/index.ts';
import { seededRandom } from '../../helpers/random.ts';
import { httpResponse } from '../../helpers/raw.ts';
import { withPollutedPrototype } from '../../helpers/refusals.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

const canary = 'c4n4ry';

it('L02 writes a session as JSON without a secret; exportCookies returns the values', async () => {
  await using session = await createSession({
    defaultHeaders: { authorization: `Bearer ${canary}` },
    proxy: `http://ada:${canary}@127.0.0.1:1`,
  });
  session.setCookie('sid', canary, 'https://shop.test/');
  expect(JSON.stringify(session)).not.toContain(canary);
  expect(JSON.stringify({ deep: [session] })).not.toContain(canary);
  expect(session.exportCookies('netscape')).toContain(canary);
});

it('L05 takes no secret from the command line: only its commands read arguments', () => {
  const source = resolve(import.meta.dirname, '../../../src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  // Its arguments, those of Node.js, and what reads them by itself.
  const commandLine = /\b(argv0?|execArgv|parseArgs)\b/;
  const readers = files.filter((path) => commandLine.test(readFileSync(join(source, path), 'utf8')));
  expect(readers.filter((path) => !path.startsWith('cli/') && !path.startsWith('mcp/'))).toEqual([]);
});

describe('a redacted URL', () => {
  const random = seededRandom(7);
  const piece = (): string =>
    random.pick(['', 'a', 'ö', '%20', '%', '+', '=', ';', '%00', '漢', '[]', '@', ':']);
  const urls = Array.from({ length: 2000 }, () => {
    const secret = `${piece()}${canary}${piece()}`;
    const user = random.pick(['', `ada:${encodeURIComponent(secret)}@`, `${encodeURIComponent(secret)}@`]);
    const query = random.pick([
      '',
      `?token=${secret}`,
      `?a=1&${piece()}=${secret}`,
      `?${canary}`,
      `?a=${piece()}=${secret}`,
    ]);
    const hash = random.pick(['', `#${secret}`, `#access_token=${secret}`]);
    return `${random.pick(['http', 'HTTPS', 'ws'])}://${user}${random.pick(['Host.test', '[::1]:8080'])}/${piece()}${query}${hash}`;
  }).filter((url) => URL.canParse(url));

  it('L07 contains no userinfo, query value or fragment, in any spelling', () => {
    expect(urls.length).toBeGreaterThan(1000);
    const leaking = urls.filter((url) => redactUrl(new URL(url)).includes(canary));
    expect(leaking).toEqual([]);
  });
});

it.each([
  [
    'object',
    {
      get secret() {
        throw new Error(canary);
      },
    },
  ],
  [
    'proxy',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    ),
  ],
  ['array', [canary]],
  ['map', new Map([[canary, canary]])],
  ['symbol', Symbol('s')],
  ['null prototype', Object.create(null)],
])('L07 refuses a strange option without showing or reading what it holds: %s', async (_label, value) => {
  const error = await createSession({ timeout: value as never }).catch((reason: unknown) => reason);
  expect(String(error)).not.toContain(canary);
});

const sequence = '\x1b]0;owned\x07';
it.each([
  ['a Location', httpResponse('', [`Location: ftp://h/${sequence}`], '302 Found')],
  ['a Location in Latin-1', httpResponse('', ['Location: ftp://h/\x9b31m'], '302 Found')],
  ['a scheme', httpResponse('', [`Location: x${sequence}:y`], '302 Found')],
  [
    'a status line',
    Buffer.from(
      `HTTP/1.1 200 \x9b31m${sequence}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      'latin1',
    ),
  ],
  ['a coding', httpResponse('x', ['Content-Encoding: gzip', `X: \x9b31m`])],
])('L08 writes no control character of a server into an error: %s', async (_label, answer) => {
  const server = await startRawServer((socket) => socket.write(answer));
  await using session = await createSession();
  const call = async (): Promise<string> => (await session.fetch(server.url)).text();
  const error: unknown = await call().catch((reason: unknown) => reason);
  if (!isRequestError(error)) throw error;
  expect(error.message).toMatch(/^[\x20-\x7e…]+$/);
});

/** Fails whoever takes it for the lookup of a socket; an emitter, too, finds what is inherited. */
function pollutedLookup(...question: unknown[]): void {
  const [, , callback] = question;
  if (typeof callback === 'function') callback(new Error('polluted'), []);
}

it.each<[string, unknown]>([
  ['lookup', pollutedLookup],
  ['socketPath', '/nonexistent.sock'],
  ['family', 6],
  ['rejectUnauthorized', false],
  ['servername', 'evil.test'],
])('L09 makes connections as always, whatever Object.prototype has: %s', async (key, value) => {
  const server = await startServer((_request, response) => void response.end('ok'));
  const url = server.url.replace('127.0.0.1', 'localhost');
  const text = await withPollutedPrototype({ [key]: value }, async () => {
    await using session = await createSession();
    return (await session.fetch(url)).text();
  });
  expect(text).toBe('ok');
});
