import type { SessionResponse } from '../../index.ts';

/** Identifies one version of a file, and can be sent as If-Range. */
export interface Validator {
  readonly field: 'etag' | 'last-modified';
  readonly value: string;
}

/** A part of a file: the number of its bytes, of all bytes, and the version. */
export interface KeptPart {
  readonly size: number;
  /** Bytes of the whole file, `null` where they were not known. */
  readonly total: number | null;
  readonly validator: Validator;
}

/**
 * The strong validator of a response, `null` where another version can have the same one. A response with a content
 * coding is another representation than the file that is written.
 */
export function validatorOf(response: SessionResponse): Validator | null {
  const { headers } = response;
  if (isCoded(response)) return null;
  const etag = headers.get('etag');
  if (etag !== null) return /^"[^"]*"$/.test(etag) ? { field: 'etag', value: etag } : null;
  const modified = headers.get('last-modified');
  if (modified === null) return null;
  // RFC 9110, section 8.8.2.2: a date is weak if the file can change again within that second.
  const age = Date.parse(headers.get('date') ?? '') - Date.parse(modified);
  return age >= 1000 ? { field: 'last-modified', value: modified } : null;
}

/** A decoded response has no Content-Encoding, but its hop has. */
function isCoded({ hops, headers }: SessionResponse): boolean {
  const coding = (hops.at(-1)?.headers ?? headers).get('content-encoding');
  return coding !== null && coding.trim().toLowerCase() !== 'identity';
}

/** First and last byte of a part, and the length of the whole. */
export interface PartRange {
  readonly start: number;
  readonly end: number;
  readonly total: number | null;
}

/**
 * The part in a 206 that continues the existing part; `null` for any other response, such as a part of another
 * version from a server without If-Range.
 */
export function continuation(response: SessionResponse, kept: KeptPart, start: number): PartRange | null {
  const { status, headers } = response;
  if (status !== 206 || isCoded(response)) return null;
  const [, first, last, whole] =
    /^bytes +(\d+)-(\d+)\/(\d+|\*)$/i.exec(headers.get('content-range') ?? '') ?? [];
  if (first === undefined || Number(first) !== start) return null;
  const end = Number(last);
  const total = whole === '*' ? null : Number(whole);
  if (end < start || (total !== null && end >= total)) return null;
  if (kept.total !== null && (total ?? kept.total) !== kept.total) return null;
  return isSameVersion(headers, kept.validator) ? { start, end, total: total ?? kept.total } : null;
}

/** A 206 has the ETag that a 200 would have (RFC 9110, section 15.3.7); Last-Modified may be left out. */
function isSameVersion(headers: Headers, { field, value }: Validator): boolean {
  const came = headers.get(field);
  return came === value || (field === 'last-modified' && came === null);
}
