import { hostFacts } from '../../sites.ts';
import type { PutRejection, SessionCookie } from '../adapter/index.ts';
import type { SameSite } from '../jar/parse.ts';

/**
 * Why a line or record of a file is not a cookie; the list is closed.
 *
 * - `malformed`: no object, or not the columns of the format
 * - `invalid-type`: a field of another type than the format gives it
 * - `invalid-flag`: a column that is neither TRUE nor FALSE
 * - `invalid-expires`: no time, or a negative one that does not mean a session cookie
 * - `invalid-same-site`: not a value of the format
 * - `invalid-scope`: both a URL and a domain, or neither of them whole
 * - `duplicate`: a name that occurs earlier in a Cookie header; only the first one is certain to be in use
 */
export type RecordRejection =
  | 'malformed'
  | 'invalid-type'
  | 'invalid-flag'
  | 'invalid-expires'
  | 'invalid-same-site'
  | 'invalid-scope'
  | 'duplicate';

/** A line or record that was left out, and why. Never shows a value. */
export interface RejectedCookie {
  /** Line of a text file, counted from 1. */
  readonly line?: number;
  /** Position in a list of records, counted from 0. */
  readonly index?: number;
  /** Absent where the record is so malformed that its name may be a value. */
  readonly name?: string;
  /** The reasons that also apply to live cookies are those of the jar. */
  readonly reason: RecordRejection | PutRejection;
}

/** Stops the reading of one record. The others are still read. */
export class RecordError extends Error {
  readonly reason: RecordRejection;

  constructor(reason: RecordRejection) {
    super(reason);
    this.reason = reason;
  }
}

/** The own fields of one record, of any JSON type. */
export type RecordFields = Readonly<Record<string, unknown>>;

/** A copy of the record without a prototype, so that a polluted prototype adds no field. */
export function fieldsOf(record: unknown): RecordFields {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw new RecordError('malformed');
  }
  return Object.assign(Object.create(null), record);
}

/** A field that must be text. */
export function textField(fields: RecordFields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new RecordError('invalid-type');
  return value;
}

/** A flag; absent means false. */
export function flagField(fields: RecordFields, key: string): boolean {
  const value = fields[key] ?? false;
  if (typeof value !== 'boolean') throw new RecordError('invalid-type');
  return value;
}

/** A time in seconds as epoch milliseconds. */
export function millisecondsOf(seconds: unknown): number {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) throw new RecordError('invalid-expires');
  return seconds * 1000;
}

/** SameSite by the values of a format. */
export function sameSiteField<Word>(words: ReadonlyMap<unknown, Word>, value: unknown): Word {
  const word = words.get(value);
  if (word === undefined) throw new RecordError('invalid-same-site');
  return word;
}

/** The domain field in browsers' own formats: with a leading dot for a Domain cookie. */
export function dottedDomain({ domain, hostOnly }: SessionCookie): string {
  return hostOnly ? domain : `.${domain}`;
}

/**
 * The top-level site of a partitioned cookie. A session does not keep top-level sites, so the cookie's own site is
 * written.
 */
export function topLevelSite({ domain }: SessionCookie): string {
  return `https://${hostFacts(domain).site}`;
}

/** An instant as whole seconds, for programs that accept no fractions. Rounded up, so that it is not too early. */
export function wholeSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

/**
 * Playwright and Firefox's driver write None, without Secure, for a cookie without SameSite. No browser stores a cookie
 * with these two attributes.
 */
export function sameSiteOrUnsaid(sameSite: SameSite | undefined, secure: boolean): SameSite | undefined {
  return sameSite === 'none' && !secure ? undefined : sameSite;
}
