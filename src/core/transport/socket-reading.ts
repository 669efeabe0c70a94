import type { OnReadOpts, Socket } from 'node:net';

/** Most bytes of one read. Node.js's own size. */
const size = 65_536;

/** A read of so many bytes is a part of a longer body: the next one gets memory of its own and is not copied. */
const large = size / 2;

/** Every socket reads into it: a read is over before the next one begins. */
const shared = Buffer.allocUnsafeSlow(size);

/** What the socket that is reading reads into next. */
let next: Buffer = shared;

const options = {
  // Node.js calls it when a socket is created, and after each read.
  buffer(): Buffer {
    const given = next;
    next = shared;
    return given;
  },
  callback(this: Socket, length: number, buffer: Buffer): boolean {
    const isLarge = length >= large;
    const chunk = isLarge && buffer !== shared ? buffer.subarray(0, length) : copyOf(buffer, length);
    const wantsMore = this.push(chunk);
    // After the listeners, which may create sockets.
    next = isLarge ? Buffer.allocUnsafeSlow(size) : shared;
    return wantsMore;
  },
};

/**
 * The option `onread` of `net.connect` and `tls.connect`. Without it Node.js allocates 64 KB for every read. The sockets
 * are the same streams with it. Node.js calls `callback` as a method of the socket, which its types leave out. Bun does
 * not, so it reads without the option.
 */
export const reading = ('bun' in process.versions ? undefined : options) as OnReadOpts | undefined;

function copyOf(buffer: Buffer, length: number): Buffer {
  const copy = Buffer.allocUnsafe(length);
  buffer.copy(copy, 0, 0, length);
  return copy;
}
