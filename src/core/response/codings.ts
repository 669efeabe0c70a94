/** A coding that can be decoded. RFC 9110 section 8.4.1, RFC 8878. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** Longest chain of codings that is decoded; a response with more is refused. */
export const maxCodings = 5;

const known: Readonly<Record<string, Coding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
};

/**
 * The codings of a Content-Encoding header in the order in which they are decoded. `[]`: nothing to decode; `null`:
 * an unknown coding, so that the bytes are passed on unchanged, as browsers do.
 */
export function parseCodings(header: string | string[] | undefined): Coding[] | null {
  if (header === undefined) return [];
  const codings: Coding[] = [];
  for (const name of String(header).split(',')) {
    const token = name.trim().toLowerCase();
    if (token === '' || token === 'identity') continue;
    const coding = Object.hasOwn(known, token) ? known[token] : undefined;
    if (coding === undefined) return null;
    codings.push(coding);
  }
  return codings.reverse();
}

/**
 * The codings of a Transfer-Encoding header except `chunked`, which is already decoded, in the order in which they
 * are decoded. They are those of Content-Encoding (RFC 9112 section 7.2); `null`: an unknown coding.
 */
export function parseTransferCodings(header: string | string[] | undefined): Coding[] | null {
  if (header === undefined || header === 'chunked') return [];
  return parseCodings(String(header).replace(/(?:^|,)[ \t]*chunked[ \t]*$/i, ''));
}
