import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';

type Decode = (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

const decoders: Readonly<Record<string, Decode>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
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
  const names = contentEncoding
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((name) => name !== '' && name !== 'identity');
  let left = bytes;
  try {
    // The last that was applied is the first to be undone.
    for (const name of names.reverse()) {
      const decode = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
      if (decode === undefined) return null;
      left = decode(left, { maxOutputLength: most });
    }
    return left;
  } catch {
    return null;
  }
}
