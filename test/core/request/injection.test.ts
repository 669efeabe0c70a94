import { expect, it } from 'vitest';
import { createSession, isRequestError, type RequestInit } from '../../../src/index.ts';
import { seededRandom } from '../../helpers/random.ts';
import { startRawServer } from '../../helpers/servers.ts';

/** What must never reach the wire from within a value. */
const breaks = ['\r\n', '\n', '\r', '\0', '\r\n\r\n', '\n ', '\x85', '\u2028', '\ud800', '%0d%0a'];
const injected = 'X-Injected: 1';

/** A value that reads differently each time. */
function changing(first: string, later: string): string {
  let reads = 0;
  return { toString: () => (reads++ === 0 ? first : later) } as unknown as string;
}

type Place = (poison: string) => { path?: string; init: RequestInit };

const places: Record<string, Place> = {
  'a header value': (poison) => ({ init: { headers: { 'x-one': poison } } }),
  'a header name': (poison) => ({ init: { headers: { [`x-one${poison}`]: '1' } } }),
  'a header of a list': (poison) => ({ init: { headers: [['x-one', poison]] } }),
  'a header that changes': (poison) => ({ init: { headers: { 'x-one': changing('fine', poison) } } }),
  'a Cookie header': (poison) => ({ init: { headers: { cookie: `a=${poison}` } } }),
  'the method': (poison) => ({ init: { method: `GET${poison}` } }),
  'a method that changes': (poison) => ({ init: { method: changing('GET', poison) } }),
  'the path': (poison) => ({ path: `/a${poison}`, init: {} }),
  'the query': (poison) => ({ init: { searchParams: { a: poison } } }),
  'the type of a Blob': (poison) => {
    const body = new Blob(['x']);
    Object.defineProperty(body, 'type', { value: `text/plain${poison}` });
    return { init: { method: 'POST', body } };
  },
  'a multipart name': (poison) => {
    const body = new FormData();
    body.append(`a${poison}`, 'x');
    return { init: { method: 'POST', body } };
  },
  'a multipart file name': (poison) => {
    const body = new FormData();
    body.append('file', new Blob(['x']), `a${poison}`);
    return { init: { method: 'POST', body } };
  },
  'the referrer': (poison) => ({
    init: { referrer: `http://page.test/${poison}`, referrerPolicy: 'unsafe-url' },
  }),
  'a referrer of a class of its own': (poison) => {
    const referrer = new URL('http://page.test/');
    Object.defineProperty(referrer, 'href', { value: `http://page.test/${poison}` });
    return { init: { referrer, referrerPolicy: 'unsafe-url' } };
  },
  upgrade: (poison) => ({ init: { headers: { upgrade: poison } } }),
};

it.each(Object.keys(places))('R15 writes no additional line for %s', async (name) => {
  const server = await startRawServer((socket, head) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    if (head.startsWith('POST')) socket.end();
  });
  await using session = await createSession();
  const random = seededRandom(15);
  for (let round = 0; round < 60; round++) {
    const poison = `${random.pick(breaks)}${random.pick(['', ' ', 'a'])}${injected}${random.pick(breaks)}`;
    const { path = '/', init } = places[name]?.(poison) ?? { init: {} };
    try {
      await (await session.fetch(server.url + path, init)).text();
    } catch (error) {
      expect(isRequestError(error) || error instanceof TypeError, String(error)).toBe(true);
    }
  }
  const sent = server.received.join('');
  const lines = sent.split(/[\r\n]+/);
  expect(lines.filter((line) => line.trimStart().startsWith(injected))).toEqual([]);
  expect(sent.includes('\0')).toBe(false);
});

it('R15 refuses before a byte is written', async () => {
  const server = await startRawServer(() => {});
  await using session = await createSession();
  for (const poison of ['a\r\nb', 'a\nb', 'a\0b', 'a\rb', 'a\u0100b']) {
    await expect(session.fetch(server.url, { headers: { 'x-one': poison } })).rejects.toMatchObject({
      code: 'ERR_INVALID_HEADER',
    });
    await expect(session.fetch(server.url, { method: poison })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
  }
  expect(server.sockets).toEqual([]);
});
