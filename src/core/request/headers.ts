import { describe, RequestError } from '../errors.ts';
import { type HeaderEntry, hasFieldControl, isToken } from '../http.ts';

/** Headers in any form: what `fetch` takes, also Maps, and values that are numbers or booleans. */
export type HeadersInput =
  | Headers
  | ReadonlyMap<string, HeaderValue>
  | Iterable<readonly [string, HeaderValue]>
  // The type of pairs in the types of Node.js 22.
  | readonly (readonly string[])[]
  | Readonly<Record<string, HeaderValue>>;

/** `null` and `undefined` remove the header, those of the session and the preset too. */
export type HeaderValue = string | number | boolean | null | undefined | readonly string[];

/** Headers as a caller gave them, checked. */
export interface HeaderList {
  readonly entries: readonly HeaderEntry[];
  /** Lower-case names that were removed. */
  readonly removed: ReadonlySet<string>;
}

export const noHeaders: HeaderList = { entries: [], removed: new Set() };

/** Characters above U+00FF, which no byte of a header can represent. */
const noByte = /[\u0100-\uffff]/;

/** Headers that undici, or the way HTTP/1.1 is framed, must write itself. */
const reserved: Readonly<Record<string, string>> = {
  'transfer-encoding': 'the transport writes the framing of the body: use a stream as body for chunks',
  'keep-alive': 'the transport manages connections',
  upgrade: 'a fetch cannot upgrade its connection',
  expect: 'Expect is not supported',
  'proxy-authorization': 'the credentials of a proxy belong in its URL, a server must not see them',
};

/**
 * Reads headers of any shape, in order, each spelling kept.
 *
 * @throws RequestError ERR_INVALID_HEADER, which shows the name and never the value
 */
export function readHeaders(input: unknown): HeaderList {
  if (input === undefined || input === null) return noHeaders;
  if (typeof input !== 'object') throw notHeaders(input);
  const entries: HeaderEntry[] = [];
  const removed = new Set<string>();
  for (const [name, value] of pairsOf(input)) {
    checkName(name);
    if (value === null || value === undefined) removed.add(name.toLowerCase());
    else
      for (const line of Array.isArray(value) ? value : [value]) entries.push([name, readValue(name, line)]);
  }
  return { entries, removed };
}

/** The input may be a secret string, so the message does not show it. */
function notHeaders(input: unknown): RequestError {
  const came = typeof input === 'string' ? 'a string' : describe(input);
  return invalid(`headers must be an object or pairs, got ${came}`);
}

function* pairsOf(input: object): Generator<readonly [name: unknown, value: unknown]> {
  if (!(Symbol.iterator in input) || typeof input[Symbol.iterator] !== 'function') {
    yield* Object.entries(input);
    return;
  }
  for (const pair of input as Iterable<unknown>) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw invalid('headers given as a list must be pairs of name and value');
    }
    yield [pair[0], pair[1]];
  }
}

function checkName(name: unknown): asserts name is string {
  if (typeof name !== 'string') throw invalid(`a header name must be a string, got ${describe(name)}`);
  if (name === '') throw invalid('Header name must not be empty');
  if (!isToken(name))
    throw invalid(
      `${JSON.stringify(/^[^\s:]{0,40}/.exec(name)?.[0])} is the start of an invalid header name`,
    );
  const key = name.toLowerCase();
  if (Object.hasOwn(reserved, key)) throw invalid(`the header ${name} cannot be set: ${reserved[key]}`);
}

function readValue(name: string, value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') {
    throw invalid(
      `the value of the header ${name} must be a string, number or boolean, got ${describe(value)}`,
    );
  }
  const trimmed = trimValue(value);
  if (hasFieldControl(trimmed) || noByte.test(trimmed)) {
    throw invalid(`the value of the header ${name} has a control character, or one past U+00FF`);
  }
  return trimmed;
}

/** Fetch Standard, "normalize" a header value. A token that was read from a file often ends with a line break. */
function trimValue(value: string): string {
  return isTrimmed(value) ? value : value.replace(/^[ \t\r\n]+|(?<![ \t\r\n])[ \t\r\n]+$/g, '');
}

function isTrimmed(value: string): boolean {
  return value.charCodeAt(0) > 0x20 && value.charCodeAt(value.length - 1) > 0x20;
}

function invalid(message: string): RequestError {
  return new RequestError('ERR_INVALID_HEADER', message);
}

/**
 * Merges headers by name; `upper` takes precedence over `lower`. A replaced header keeps its place and takes the new
 * spelling and value.
 */
export function mergeHeaders(lower: HeaderList, upper: HeaderList): HeaderList {
  if (lower.entries.length === 0 && lower.removed.size === 0) return upper;
  if (upper.entries.length === 0 && upper.removed.size === 0) return lower;
  const overriding = new Map<string, HeaderEntry[]>();
  for (const entry of upper.entries) {
    const name = entry[0].toLowerCase();
    overriding.set(name, [...(overriding.get(name) ?? []), entry]);
  }
  const entries: HeaderEntry[] = [];
  for (const entry of lower.entries) {
    const name = entry[0].toLowerCase();
    if (upper.removed.has(name)) continue;
    const replacement = overriding.get(name);
    if (replacement === undefined) entries.push(entry);
    else entries.push(...replacement.splice(0));
  }
  const kept = [...lower.removed].filter((name) => !overriding.has(name));
  return {
    entries: [...entries, ...[...overriding.values()].flat()],
    removed: new Set([...kept, ...upper.removed]),
  };
}

export function findHeader(entries: readonly HeaderEntry[], name: string): string | null {
  for (const [spelling, value] of entries) {
    if (spelling.length === name.length && spelling.toLowerCase() === name) return value;
  }
  return null;
}
