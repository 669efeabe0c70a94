import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { type Coding, maxCodings, parseCodings } from '../core/response/codings.ts';

type Decode = (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

const decoders: Readonly<Record<Coding, Decode>> = {
  gzip: gunzipSync,
  deflate: inflate,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** Some servers send deflate without its frame. */
function inflate(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array {
  try {
    return inflateSync(bytes, options);
  } catch {
    return inflateRawSync(bytes, options);
  }
}

/** The bytes without the codings of a Content-Encoding; `null` where they cannot be undone within `most` bytes. */
export function decodeContent(bytes: Uint8Array, contentEncoding: string, most: number): Uint8Array | null {
  const codings = parseCodings(contentEncoding);
  if (codings === null || codings.length > maxCodings) return null;
  try {
    return codings.reduce((left, coding) => decoders[coding](left, { maxOutputLength: most }), bytes);
  } catch {
    return null;
  }
}
