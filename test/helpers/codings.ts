import * as zlib from 'node:zlib';

/** One way to encode a body, under the name that servers give it. */
export interface Encoding {
  readonly name: string;
  readonly encode: (bytes: Uint8Array) => Buffer;
}

/** Every coding that a response may have, both forms of deflate included. */
export const encodings: readonly Encoding[] = [
  { name: 'gzip', encode: (bytes) => zlib.gzipSync(bytes) },
  { name: 'x-gzip', encode: (bytes) => zlib.gzipSync(bytes) },
  { name: 'deflate', encode: (bytes) => zlib.deflateSync(bytes) },
  { name: 'deflate', encode: (bytes) => zlib.deflateRawSync(bytes) },
  { name: 'br', encode: (bytes) => zlib.brotliCompressSync(bytes) },
  { name: 'zstd', encode: (bytes) => zlib.zstdCompressSync(bytes) },
];

/** Bytes that do not compress, by xorshift, and are the same in each run. */
export function patternBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let index = 0; index < length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state;
  }
  return bytes;
}
