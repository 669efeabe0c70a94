/**
 * Forked by streams.ts with the name of one way: for each `{ url, bytes }` that it is told it moves so many bytes and
 * answers with what that cost. In JavaScript and with lazy imports, so that the memory is that of the transfer: to
 * strip types alone takes 18 MB.
 */
import { connect } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** As large as the pieces of a file's stream. */
const piece = Buffer.alloc(65_536, 'x');

/** Each makes ready, and returns what transfers and tells the bytes that it got. */
const ways = {
  download: {
    'undici.stream': async () => {
      const { Agent, stream } = await import('undici');
      const dispatcher = new Agent({ allowH2: false });
      return async ({ url }) => {
        const sink = nowhere();
        await stream(url, { dispatcher, method: 'GET' }, () => sink);
        return sink.taken;
      };
    },
    /** What Node.js itself takes to read so much, its memory above all. */
    'bare socket':
      async () =>
      async ({ url, bytes }) => {
        const { hostname, port, pathname } = new URL(url);
        const socket = connect(port, hostname);
        socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
        let taken = 0;
        // The connection stays open; the response's head makes it a little more than the body.
        await new Promise((resolve, reject) => {
          socket.on('error', reject).on('close', resolve);
          socket.on('data', (chunk) => {
            taken += chunk.length;
            if (taken > bytes) resolve();
          });
        });
        socket.destroy();
        return Math.min(taken, bytes);
      },
    'session.fetch': async () => {
      const session = await open();
      return async ({ url }) => {
        const sink = nowhere();
        await pipeline((await session.fetch(url)).readable(), sink);
        return sink.taken;
      };
    },
    'response.body': async () => {
      const session = await open();
      return async ({ url }) => {
        let taken = 0;
        for await (const chunk of (await session.fetch(url)).body) taken += chunk.length;
        return taken;
      };
    },
  },
  upload: {
    'undici.request': async (source) => {
      const { Agent, request } = await import('undici');
      const dispatcher = new Agent({ allowH2: false });
      return async ({ url, bytes }) => {
        const response = await request(url, { dispatcher, method: 'POST', body: source(bytes) });
        await response.body.text();
        return bytes;
      };
    },
    'session.fetch': async (source) => {
      const session = await open();
      return async ({ url, bytes }) => {
        const response = await session.fetch(url, { method: 'POST', body: source(bytes) });
        await response.text();
        return bytes;
      };
    },
  },
};

/** What is sent: `bytes` in pieces that exist once. */
const sources = {
  Readable: (bytes) => {
    let left = bytes;
    return new Readable({
      read() {
        if (left > 0) this.push(left < piece.length ? piece.subarray(0, left) : piece);
        else this.push(null);
        left -= piece.length;
      },
    });
  },
  generator: async function* (bytes) {
    for (let left = bytes; left > 0; left -= piece.length) {
      yield left < piece.length ? piece.subarray(0, left) : piece;
    }
  },
};

async function open() {
  const { createSession } = await import('jarfetch');
  return createSession({ timeout: false });
}

function nowhere() {
  const sink = new Writable({
    write(chunk, _encoding, callback) {
      sink.taken += chunk.length;
      callback();
    },
  });
  sink.taken = 0;
  return sink;
}

const [direction, name, source] = process.argv.slice(2);
const transfer = await ways[direction][name](sources[source]);

process.on('message', async (task) => {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const moved = await transfer(task);
  const time = (performance.now() - startedAt) * 1000;
  if (moved !== task.bytes) throw new Error(`${name} moved ${moved} bytes of ${task.bytes}`);
  const { user, system } = process.cpuUsage(cpuBefore);
  process.send({ time, cpu: user + system, memory: process.resourceUsage().maxRSS / 1024 });
});
process.on('disconnect', () => process.exit());
