import { createSecureServer } from 'node:http2';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { certificate } from '../test/helpers/certificates.ts';
import { http2Server } from './http2-server.ts';

/**
 * The benchmarks' server, in its own process and by raw `net`, so that it never limits. Tells its ports to its parent:
 * `/` 1 KB of JSON with one Set-Cookie, `/hop/N` a chain of N redirects with a cookie each, `/gzip` 10 KB of JSON,
 * `/bytes/N` N bytes, `/plain` the page without its Set-Cookie, `/close` the page and the end of the connection;
 * the third port has the page over HTTP/2, the fourth the same by Node's own server, which reads each field;
 * whatever a request sends is taken to nowhere first.
 */
const json = JSON.stringify({ text: 'x'.repeat(1010) });
const setCookie = 'sid=0123456789abcdef; Path=/; HttpOnly';
const cookie = `set-cookie: ${setCookie}\r\n`;
const page = pageWith(cookie);
const plain = pageWith('');
const lastPage = pageWith(`${cookie}connection: close\r\n`);
const zipped = gzipSync(
  JSON.stringify(Array.from({ length: 300 }, (_, id) => ({ id, name: `item ${id}`, on: true }))),
);
const gzip = Buffer.concat([
  Buffer.from(
    head(200, `content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${zipped.length}`),
  ),
  zipped,
]);
/** Large, so that a body of a gigabyte takes few turns of this process. */
const piece = Buffer.alloc(1_048_576, 'x');

function pageWith(headers: string): Buffer {
  return Buffer.from(
    head(200, `content-type: application/json\r\n${headers}content-length: ${json.length}`) + json,
  );
}

function head(status: number, headers: string): string {
  return `HTTP/1.1 ${status} OK\r\n${headers}\r\n\r\n`;
}

/** One connection: heads are answered as they come, bodies are taken to nowhere first. */
class Connection {
  readonly #socket: Socket;
  #text = '';
  /** Bytes of a request body still to come; -1: chunks, up to the last of them. */
  #body = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk) => this.#take(chunk));
  }

  #take(chunk: Buffer): void {
    if (this.#body > 0) {
      this.#body -= chunk.length;
      if (this.#body === 0) this.#socket.write(page);
    } else if (this.#body < 0) {
      this.#text = (this.#text + chunk.toString('latin1', Math.max(0, chunk.length - 5))).slice(-5);
      this.#endChunks();
    } else if (this.#text === '' && isOneGet(chunk)) {
      answer(this.#socket, chunk.toString('latin1', 4, chunk.indexOf(' ', 4)));
    } else if (this.#text === '' && isOnePost(chunk)) {
      this.#socket.write(page);
    } else {
      this.#text += chunk.toString('latin1');
      while (this.#body === 0 && this.#takeRequest());
    }
  }

  #endChunks(): void {
    if (!this.#text.endsWith('0\r\n\r\n')) return;
    [this.#body, this.#text] = [0, ''];
    this.#socket.write(page);
  }

  #takeRequest(): boolean {
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const request = this.#text.slice(0, end);
    const rest = this.#text.slice(end + 4);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(request)?.[1] ?? 0);
    this.#text = rest.slice(length);
    if (length > rest.length) this.#body = length - rest.length;
    else if (/\r\ntransfer-encoding: chunked/i.test(request)) {
      this.#body = -1;
      this.#endChunks();
    } else this.#answer(request);
    return true;
  }

  #answer(request: string): void {
    answer(this.#socket, request.slice(request.indexOf(' ') + 1, request.indexOf(' HTTP/')));
  }
}

/**
 * The usual requests, whole and alone: their heads are not made text, so that a browser's costs no more than a short
 * one.
 */
function isOneGet(chunk: Buffer): boolean {
  return chunk[0] === 0x47 && chunk.indexOf('\r\n\r\n') === chunk.length - 4;
}

function isOnePost(chunk: Buffer): boolean {
  if (chunk[0] !== 0x50) return false;
  const bodyAt = chunk.indexOf('\r\n\r\n') + 4;
  // Of Content-Length, in any case of its letters.
  const lengthAt = chunk.indexOf('ength: ') + 7;
  if (bodyAt < 4 || lengthAt < 7 || lengthAt > bodyAt) return false;
  let length = 0;
  for (let at = lengthAt; chunk[at] !== 0x0d; at++) length = length * 10 + (chunk[at] ?? 0) - 0x30;
  return bodyAt + length === chunk.length;
}

const serve = (socket: Socket): Connection => new Connection(socket);

function answer(socket: Socket, path: string): void {
  const [, kind = '', count = '0'] = path.split('/');
  const left = Number(count);
  if (kind === 'hop' && left > 0) {
    socket.write(
      head(302, `location: /hop/${left - 1}\r\nset-cookie: hop${left}=1; Path=/\r\ncontent-length: 0`),
    );
  } else if (kind === 'gzip') socket.write(gzip);
  else if (kind === 'bytes') sendBytes(socket, left);
  else if (kind === 'plain') socket.write(plain);
  else if (kind === 'close') socket.end(lastPage);
  else socket.write(page);
}

function sendBytes(socket: Socket, bytes: number): void {
  let left = bytes;
  const send = (): void => {
    while (left > 0) {
      const isFull = !socket.write(left < piece.length ? piece.subarray(0, left) : piece);
      left -= piece.length;
      if (isFull) return;
    }
    socket.off('drain', send);
  };
  socket.on('drain', send);
  socket.write(head(200, `content-length: ${bytes}`));
  send();
}

const fields = {
  'content-type': 'application/json',
  'set-cookie': setCookie,
  'content-length': String(json.length),
};
const http2 = http2Server(fields, json);
const nodeHttp2 = createSecureServer(certificate(), (_request, response) => {
  response.writeHead(200, fields).end(json);
});

const ports = await Promise.all(
  [net.createServer(serve), tls.createServer(certificate(), serve), http2, nodeHttp2].map(
    (server) =>
      new Promise<number>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
      }),
  ),
);
process.send?.(ports);
process.on('disconnect', () => process.exit());
