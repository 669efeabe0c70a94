import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import { certificate } from '../test/helpers/certificates.ts';

/**
 * The benchmarks' server, in its own process and by raw `net`, so that it never limits. Tells its ports to its parent:
 * `/` 1 KB of JSON with one Set-Cookie, `/hop/N` a chain of N redirects with a cookie each, `/gzip` 10 KB of JSON,
 * `/bytes/N` N bytes; whatever a request sends is taken to nowhere first.
 */
const json = JSON.stringify({ text: 'x'.repeat(1010) });
const cookie = 'set-cookie: sid=0123456789abcdef; Path=/; HttpOnly\r\n';
const page = Buffer.from(
  head(200, `content-type: application/json\r\n${cookie}content-length: ${json.length}`) + json,
);
const zipped = gzipSync(
  JSON.stringify(Array.from({ length: 300 }, (_, id) => ({ id, name: `item ${id}`, on: true }))),
);
const gzip = Buffer.concat([
  Buffer.from(
    head(200, `content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${zipped.length}`),
  ),
  zipped,
]);
const piece = Buffer.alloc(65_536, 'x');

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
    } else answer(this.#socket, request.slice(request.indexOf(' ') + 1, request.indexOf(' HTTP/')));
    return true;
  }
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
  else if (kind === 'bytes') void sendBytes(socket, left);
  else socket.write(page);
}

async function sendBytes(socket: Socket, bytes: number): Promise<void> {
  socket.write(head(200, `content-length: ${bytes}`));
  for (let left = bytes; left > 0 && !socket.destroyed; left -= piece.length) {
    const isFull = !socket.write(left < piece.length ? piece.subarray(0, left) : piece);
    if (isFull) await new Promise<void>((resolve) => socket.once('drain', resolve).once('close', resolve));
  }
}

const ports = await Promise.all(
  [net.createServer(serve), tls.createServer(certificate(), serve)].map(
    (server) =>
      new Promise<number>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
      }),
  ),
);
process.send?.(ports);
process.on('disconnect', () => process.exit());
