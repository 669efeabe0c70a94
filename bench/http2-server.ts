import type { Socket } from 'node:net';
import tls, { type Server } from 'node:tls';
import { certificate } from '../test/helpers/certificates.ts';
import { endHeaders, endStream, frame, frames, readFrames, status200 } from '../test/helpers/http2-bytes.ts';

/** Numbers of fields in HPACK's static table (RFC 7541, appendix A). */
const fieldNumbers = { 'content-length': 28, 'content-type': 31, 'set-cookie': 55 };

type Fields = Readonly<Record<keyof typeof fieldNumbers, string>>;

/** Bytes of DATA that a client accepts before its first WINDOW_UPDATE (RFC 9113, section 6.9.2). */
const firstWindow = 65_535;

const headLength = 9;
const acknowledged = 1;

/**
 * A server of HTTP/2 (RFC 9113) as far as a benchmark's GET needs it. Every request has the same answer. The
 * fields of a request are not decoded, so that twenty cost the server as little as none.
 */
export function http2Server(fields: Fields, body: string): Server {
  const block = Buffer.concat([
    status200,
    ...Object.entries(fields).map(([name, value]) => literal(name as keyof Fields, value)),
  ]);
  const head = frame(frames.headers, endHeaders, 0, block);
  const answer = {
    page: Buffer.concat([head, frame(frames.data, endStream, 0, Buffer.from(body))]),
    dataAt: head.length,
  };
  return tls.createServer({ ...certificate(), ALPNProtocols: ['h2'] }, (socket) => serve(socket, answer));
}

/** A field that the client does not add to its dynamic table (RFC 7541, section 6.2.2). */
function literal(name: keyof Fields, value: string): Buffer {
  return Buffer.concat([Buffer.of(0x0f, fieldNumbers[name] - 15, value.length), Buffer.from(value)]);
}

/** HEADERS and DATA of an answer, with room for the number of their stream. */
interface Answer {
  readonly page: Buffer;
  readonly dataAt: number;
}

function serve(socket: Socket, { page, dataAt }: Answer): void {
  const length = page.length - dataAt - headLength;
  let window = firstWindow;
  const waiting: number[] = [];
  let output = [frame(frames.settings, 0, 0)];
  const take = readFrames((type, flags, stream, payload) => {
    if (type === frames.headers && (flags & endStream) !== 0) waiting.push(stream);
    else if (type === frames.windowUpdate && stream === 0) window += payload.readUInt32BE();
    else if (type === frames.settings && (flags & acknowledged) === 0) {
      output.push(frame(type, acknowledged, 0));
    } else if (type === frames.ping && (flags & acknowledged) === 0) {
      output.push(frame(type, acknowledged, 0, payload));
    }
  });
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    take(chunk);
    while (waiting.length > 0 && window >= length) {
      const stream = waiting.shift() ?? 0;
      const own = Buffer.from(page);
      own.writeUInt32BE(stream, 5);
      own.writeUInt32BE(stream, dataAt + 5);
      output.push(own);
      window -= length;
    }
    if (output.length > 0) socket.write(Buffer.concat(output));
    output = [];
  });
}
