import type { OnReadOpts, Socket } from 'node:net';

/** Every socket reads into it: a read is over before the next one begins. Node.js's own size. */
const shared = Buffer.allocUnsafeSlow(65_536);

/** Most bytes of one read. A body that nobody reads on keeps a few times as much. */
const most = 131_072;

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
    // A part of a longer body: the next read gets memory of its own and is not copied.
    const isLarge = length >= buffer.length / 2;
    const chunk = isLarge && buffer !== shared ? buffer.subarray(0, length) : copyOf(buffer, length);
    const wantsMore = this.push(chunk);
    // After the listeners, which may create sockets.
    next = isLarge ? Buffer.allocUnsafeSlow(sizeAfter(length, buffer)) : shared;
    return wantsMore;
  },
};

/**
 * The option `onread` of `net.connect` and `tls.connect`. Without it Node.js allocates 64 KB for every read, and reads
 * no more at once. The sockets are the same streams with it. Node.js calls `callback` as a method of the socket, which
 * its types leave out. Bun does not, so it reads without the option.
 */
export const reading = ('bun' in process.versions ? undefined : options) as OnReadOpts | undefined;

/** A read that filled its memory may have left more behind. */
function sizeAfter(length: number, { length: size }: Buffer): number {
  return length < size ? shared.length : Math.min(2 * size, most);
}

function copyOf(buffer: Buffer, length: number): Buffer {
  const copy = Buffer.allocUnsafe(length);
  buffer.copy(copy, 0, 0, length);
  return copy;
}
