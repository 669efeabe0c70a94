import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib';

type Change = (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

interface Coding {
  readonly encode: (bytes: Uint8Array) => Uint8Array;
  readonly decode: Change;
}

const gzip: Coding = { encode: (bytes) => gzipSync(bytes), decode: gunzipSync };
const codings: Readonly<Record<string, Coding>> = {
  gzip,
  'x-gzip': gzip,
  deflate: { encode: (bytes) => deflateSync(bytes), decode: inflate },
  br: { encode: (bytes) => brotliCompressSync(bytes), decode: brotliDecompressSync },
  zstd: { encode: (bytes) => zstdCompressSync(bytes), decode: zstdDecompressSync },
};

/** Some servers send deflate without its frame. */
function inflate(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array {
  try {
    return inflateSync(bytes, options);
  } catch {
    return inflateRawSync(bytes, options);
  }
}

/** The codings of a Content-Encoding in the order in which they were applied, `null` when one is not known. */
function codingsOf(contentEncoding: string): Coding[] | null {
  const names = contentEncoding.toLowerCase().split(/[\s,]+/);
  const found = names.filter((name) => name !== '' && name !== 'identity').map((name) => codings[name]);
  return found.every((coding) => coding !== undefined) ? found : null;
}

/** The bytes without their codings; `null` where they cannot be undone within `most` bytes. */
export function decodeContent(bytes: Uint8Array, contentEncoding: string, most: number): Uint8Array | null {
  try {
    const options = { maxOutputLength: most };
    return (
      codingsOf(contentEncoding)?.reduceRight((left, { decode }) => decode(left, options), bytes) ?? null
    );
  } catch {
    return null;
  }
}

/** The bytes as a server would send them; `null` where a coding is not known. */
export function encodeContent(bytes: Uint8Array, contentEncoding: string): Uint8Array | null {
  return codingsOf(contentEncoding)?.reduce((left, { encode }) => encode(left), bytes) ?? null;
}
