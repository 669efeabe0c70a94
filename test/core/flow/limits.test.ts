import { expect, it } from 'vitest';
import { createSession, type RequestInit } from '../../../src/index.ts';
import { httpHead, httpResponse, whenClosed } from '../../helpers/raw.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

const limit = 32_768;

/** A server that takes heads of any size, and a session with cookies for it; the Cookie header of the call. */
async function cookieSent(cookies: readonly [string, string][], init: RequestInit = {}): Promise<string> {
  let sent = '';
  const server = await startRawServer((socket, head) => {
    sent = /^Cookie: (.*)\r$/im.exec(head)?.[1] ?? '';
    socket.write(httpResponse(''));
  });
  await using session = await createSession();
  for (const [name, value] of cookies) session.setCookie(name, value, server.url);
  await session.fetch(server.url, init);
  expect(session.getAllCookies()).toHaveLength(cookies.length);
  return sent;
}

function named(count: number, value: string): [string, string][] {
  return Array.from({ length: count }, (_, index) => [`c${index + 10}`, value]);
}

it('C08 sends a Cookie header of at most 32 KiB, and leaves out the last cookies', async () => {
  const sent = await cookieSent(named(20, 'v'.repeat(4000)));
  expect(sent.length).toBeLessThanOrEqual(limit);
  const names = sent.split('; ').map((pair) => pair.slice(0, 3));
  expect(names).toEqual(['c10', 'c11', 'c12', 'c13', 'c14', 'c15', 'c16', 'c17']);
});

it('C08 counts the bytes on the wire', async () => {
  const sent = await cookieSent(named(30, 'ö'.repeat(1500)));
  expect(sent.length).toBeGreaterThan(limit - 3100);
  expect(sent.length).toBeLessThanOrEqual(limit);
});

it("C08 leaves room for the caller's own cookies", async () => {
  const own = `own=${'o'.repeat(20_000)}`;
  const sent = await cookieSent(named(20, 'v'.repeat(4000)), { headers: { cookie: own } });
  expect(sent.length).toBeLessThanOrEqual(limit);
  expect([sent.endsWith(own), sent.startsWith('c10=')]).toEqual([true, true]);
});

it('C08 refuses a Cookie header of the caller that is longer than that', async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  const failed = session.fetch(server.url, { headers: { cookie: `own=${'o'.repeat(limit)}` } });
  await expect(failed).rejects.toMatchObject({
    code: 'ERR_INVALID_HEADER',
    message: expect.stringContaining('32768'),
  });
  expect(server.seen).toEqual([]);
});

it.each([
  ['in the head', 'X: y\r\n', []],
  ['in the trailers', 'X: y\r\n', ['Transfer-Encoding: chunked']],
])('F05 says that no option raises the limit of headers: %s', async (_where, line, headers) => {
  const server = await startRawServer((socket) => {
    if (headers.length === 0) socket.write('HTTP/1.1 200 OK\r\n');
    else socket.write(Buffer.concat([httpHead(headers), Buffer.from('0\r\n')]));
    const more = (): void => {
      while (!socket.destroyed && socket.write(line.repeat(1000)));
    };
    socket.on('drain', more);
    more();
  });
  await using session = await createSession();
  const read = async (): Promise<string> => (await session.fetch(server.url)).text();
  await expect(read()).rejects.toMatchObject({
    code: 'ERR_HEADERS_TOO_LARGE',
    message: expect.stringContaining('65536 bytes, and no option raises that limit'),
  });
  await whenClosed(server.sockets[0]);
});

/** A chunked body whose every chunk is one byte. */
function singleBytes(count: number): Buffer {
  return Buffer.from('1\r\nx\r\n'.repeat(count));
}

it('F14 keeps a body of single bytes in little more memory than its size', async () => {
  const count = 3_000_000;
  const piece = singleBytes(10_000);
  const server = await startRawServer((socket) => {
    socket.write(httpHead(['Transfer-Encoding: chunked']));
    let left = count / 10_000;
    const more = (): void => {
      while (left > 0 && socket.write(piece)) left--;
      if (left === 0) socket.write('0\r\n\r\n');
    };
    socket.on('drain', () => {
      left--;
      more();
    });
    more();
  });
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  const sample = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed - before);
  }, 20);
  const text = await response.text();
  clearInterval(sample);
  expect(text.length).toBe(count);
  // One object for each byte would be more than three hundred megabytes.
  expect(most).toBeLessThan(200_000_000);
});

it('F14 ends an endless chunk extension at the total', async () => {
  const server = await startRawServer((socket) => {
    socket.write(Buffer.concat([httpHead(['Transfer-Encoding: chunked']), Buffer.from('5;')]));
    const more = (): void => {
      while (!socket.destroyed && socket.write('x'.repeat(65_536)));
    };
    socket.on('drain', more);
    more();
  });
  await using session = await createSession();
  const read = async (): Promise<string> => (await session.fetch(server.url, { timeout: 1000 })).text();
  await expect(read()).rejects.toMatchObject({ code: 'ERR_TIMEOUT', phase: 'body' });
  await whenClosed(server.sockets[0]);
});

it('F14 skips a chunk extension of five megabytes', async () => {
  const server = await startRawServer((socket) => {
    socket.write(Buffer.concat([httpHead(['Transfer-Encoding: chunked']), Buffer.from('5;')]));
    socket.write('x'.repeat(5_000_000));
    socket.write('\r\nhello\r\n0\r\n\r\n');
  });
  await using session = await createSession();
  expect(await (await session.fetch(server.url)).text()).toBe('hello');
});
