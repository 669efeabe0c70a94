import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { type Coding, maxCodings, parseCodings } from '../core/response/codings.ts';

type Decode = (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

const decoders: Readonly<Record<Coding, Decode>> = {
  gzip: gunzipSync,
  deflate: inflate,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** Some servers send deflate without the zlib header. */
function inflate(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array {
  try {
    return inflateSync(bytes, options);
  } catch {
    return inflateRawSync(bytes, options);
  }
}

/** The decoded bytes of a Content-Encoding; `null` where decoding fails or gives more than `most` bytes. */
export function decodeContent(bytes: Uint8Array, contentEncoding: string, most: number): Uint8Array | null {
  const codings = parseCodings(contentEncoding);
  if (codings === null || codings.length > maxCodings) return null;
  try {
    return codings.reduce((left, coding) => decoders[coding](left, { maxOutputLength: most }), bytes);
  } catch {
    return null;
  }
}
