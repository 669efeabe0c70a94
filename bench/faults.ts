/** `npm run bench:faults`: what each client makes of the same faults of a server; a table for docs/reliability.md. */
import net, { type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';
import * as zlib from 'node:zlib';
import { type FaultPeer, faultPeers } from './fault-peers.ts';

interface Fault {
  readonly name: string;
  readonly run: (peer: FaultPeer) => Promise<string>;
}

type Respond = (socket: Socket, request: string, count: number) => void;

/** Runs `use` with a server that answers each request by exact bytes. */
async function withServer<T>(respond: Respond, use: (url: string, seen: string[]) => Promise<T>): Promise<T> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      if (!/^[A-Z]+ \S+ HTTP/.test(String(chunk))) return;
      seen.push(String(chunk));
      respond(socket, String(chunk), seen.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const ok = (body: string | Uint8Array, headers = '', status = '200 OK'): Buffer => {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`),
    bytes,
  ]);
};

/** `error`, or what `describe` says of the answer. */
async function outcome(
  call: Promise<{ status: number; text: string }>,
  describe = (_text: string) => 'silent',
): Promise<string> {
  return call.then(
    ({ text }) => describe(text),
    () => 'error',
  );
}

function bytes(
  name: string,
  answer: Uint8Array,
  end: (socket: Socket) => void = (socket) => socket.end(),
  good = 'silent',
): Fault {
  const respond: Respond = (socket) => {
    socket.write(answer);
    setTimeout(() => end(socket), 50);
  };
  return { name, run: (peer) => withServer(respond, (url) => outcome(peer.call(url), () => good)) };
}

/** Does `step` each tenth of a second for four seconds, then `last`. */
function dripping(name: string, first: string, step: string, last: string): Fault {
  const respond: Respond = (socket) => {
    socket.write(first);
    let left = 40;
    const timer = setInterval(() => {
      if (socket.destroyed || left-- === 0) clearInterval(timer);
      if (!socket.destroyed) socket.write(left < 0 ? last : step);
    }, 100);
  };
  const run = (peer: FaultPeer): Promise<string> =>
    withServer(respond, async (url) => {
      const startedAt = performance.now();
      const result = await outcome(peer.call(url, { timeout: 1000 }), () => 'ok');
      return `${result} at ${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
    });
  return { name, run };
}

const secrets = { Authorization: 'Bearer canary', Cookie: 'own=canary', 'X-Api-Key': 'canary' };

const redirected: Fault = {
  name: 'a redirect to another port takes along',
  run: (peer) =>
    withServer(
      (socket) => socket.write(ok('')),
      (target, seen) =>
        withServer(
          (socket) => socket.write(ok('', `Location: ${target}/\r\n`, '302 Found')),
          async (url) => {
            await outcome(peer.call(url, { headers: secrets }));
            const [request = ''] = seen;
            const found = Object.keys(secrets).filter((name) =>
              new RegExp(`^${name}:.*canary`, 'im').test(request),
            );
            return found.length === 0 ? 'nothing' : found.join(', ');
          },
        ),
    ),
};

const selfRedirect: Fault = {
  name: 'a redirect to itself that sets a cookie',
  run: (peer) =>
    withServer(
      (socket, request) =>
        socket.write(
          /^cookie: .*in=1/im.test(request)
            ? ok('welcome')
            : ok('', 'Set-Cookie: in=1\r\nLocation: /\r\n', '302 Found'),
        ),
      (url) => outcome(peer.call(url), (text) => (text === 'welcome' ? 'logged in' : 'lost')),
    ),
};

function stale(method: string): Fault {
  const respond: Respond = (socket, _request, count) =>
    count === 1 ? socket.write(ok('first')) : socket.destroy();
  const run = (peer: FaultPeer): Promise<string> =>
    withServer(respond, async (url, seen) => {
      await outcome(peer.call(url));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const init = method === 'POST' ? { method, body: 'order' } : { method };
      await outcome(peer.call(url, { ...init, timeout: 900 }));
      const sent = seen.length - 1;
      return sent === 1 ? 'sent once' : `sent ${sent} times`;
    });
  return { name: `a kept connection ends under a ${method}`, run };
}

const poisoned: Fault = {
  name: 'an unsolicited second answer',
  run: (peer) =>
    withServer(
      (socket, _request, count) =>
        socket.write(count === 1 ? Buffer.concat([ok('one'), ok('EVIL')]) : ok('two')),
      async (url) => {
        await outcome(peer.call(url));
        return outcome(peer.call(url), (text) => (text === 'EVIL' ? 'poisoned' : 'safe'));
      },
    ),
};

const posted: Fault = {
  name: 'POST after 302 becomes',
  run: (peer) =>
    withServer(
      (socket, _request, count) =>
        socket.write(count === 1 ? ok('', 'Location: /to\r\n', '302 Found') : ok('')),
      async (url, seen) => {
        await outcome(peer.call(url, { method: 'POST', body: 'x' }));
        return seen[1]?.split(' ')[0] ?? 'nothing';
      },
    ),
};

const leaking: Fault = {
  name: 'an error shows of user:password and ?token=',
  run: (peer) =>
    withServer(
      (socket) => socket.destroy(),
      async (url) => {
        const secret = `${url.replace('://', '://ada:p4ssw0rd@')}/?token=t0ken`;
        const shown: string = await peer.call(secret).then(
          () => '',
          (error: unknown) => inspect(error, { depth: 6 }) + String(Object(error).stack),
        );
        const found = ['p4ssw0rd', 't0ken'].filter((word) => shown.includes(word));
        return found.length === 0
          ? 'nothing'
          : found.map((word) => (word === 't0ken' ? 'token' : 'password')).join(', ');
      },
    ),
};

const packed = zlib.gzipSync(
  Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * index * 31) % 251)),
);
const half = Buffer.alloc(5000, 'x');
const faults: readonly Fault[] = [
  bytes(
    'Content-Length cut',
    Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n'), half]),
  ),
  bytes('chunks cut', Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')),
  bytes('gzip cut, length matches', ok(packed.subarray(0, packed.length / 2), 'Content-Encoding: gzip\r\n')),
  bytes(
    'no length, connection reset',
    Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), half]),
    (socket) => socket.resetAndDestroy(),
  ),
  bytes(
    'Content-Length and chunks',
    Buffer.from(
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    ),
  ),
  bytes(
    '200 MB out of 200 KB, by default',
    ok(zlib.gzipSync(Buffer.alloc(200_000_000)), 'Content-Encoding: gzip\r\n'),
    () => {},
    'accepted',
  ),
  dripping('a body that drips 4 s, limit 1 s', 'HTTP/1.1 200 OK\r\nContent-Length: 41\r\n\r\n', 'x', 'x'),
  dripping(
    '103s for 4 s, limit 1 s',
    '',
    'HTTP/1.1 103 Early Hints\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  ),
  redirected,
  selfRedirect,
  posted,
  stale('GET'),
  stale('POST'),
  poisoned,
  leaking,
];

process.on('uncaughtException', (error) => console.error(`uncaught: ${error.message}`));
const peers = await faultPeers();
const row = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);
row(['', ...peers.map(({ name }) => name)]);
row(['---', ...peers.map(() => '---')]);
for (const { name, run } of faults) {
  const cells: string[] = [];
  for (const peer of peers) cells.push(await run(peer));
  row([name, ...cells]);
}
process.exit();
