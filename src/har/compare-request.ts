import { compareBodies, type TypedBody } from './compare-body.ts';
import { comparePairs } from './compare-pairs.ts';
import type { Difference } from './difference.ts';
import type { HarEntry } from './har-format.ts';
import type { MarkTrial } from './marked-text.ts';

/** A request to find in a recording. */
export interface ReplayedRequest {
  readonly method: string;
  /** Without fragment. */
  readonly url: string;
  readonly headers: Headers;
  /** `null` for none. */
  readonly body: Uint8Array<ArrayBuffer> | null;
}

/** What is ignored in the comparison of requests, and what is compared in addition. */
export interface ReplayMatch {
  /** Parameters of the query whose values may differ or that may be missing; `true` for the whole query. */
  readonly ignoreQuery?: boolean | readonly string[] | undefined;
  /** @default false */
  readonly ignoreBody?: boolean | undefined;
  /** Names of headers that must also be equal. */
  readonly headers?: readonly string[] | undefined;
}

/** A request of a recording. */
export interface RecordedRequest {
  readonly entry: HarEntry;
  /** Without userinfo and fragment. */
  readonly url: URL;
  /** `undefined` where the recording left it out. */
  readonly body: TypedBody | null | undefined;
}

/** What differs between a request (`is` is its URL) and a recorded one, one by one. */
export function* differences(
  recorded: RecordedRequest,
  request: ReplayedRequest,
  is: URL,
  { ignoreQuery = false, ignoreBody = false, headers = [] }: ReplayMatch,
  trial: MarkTrial,
): Generator<Difference, void> {
  const { entry, url: was, body } = recorded;
  if (entry.request.method !== request.method)
    yield plain('the method', entry.request.method, request.method);
  if (was.origin !== is.origin) yield plain('the origin', was.origin, is.origin);
  if (!trial.matches(was.pathname, is.pathname)) yield plain('the path', was.pathname, is.pathname);
  const ignored = ignoreQuery === false ? [] : ignoreQuery;
  const others = [
    ignored === true ? null : compareQueries(was, is, ignored, trial),
    conditional(entry, request.headers),
    compareHeaders(entry, request.headers, headers, trial),
  ];
  for (const difference of others) if (difference !== null) yield difference;
  if (ignoreBody || body === undefined) return;
  const inBody = compareBodies(body, bodyOf(request), trial);
  if (inBody !== null) yield inBody;
}

function plain(what: string, recorded: string, given: string): Difference {
  return { what, name: 'public', given, recorded };
}

function bodyOf({ headers, body }: ReplayedRequest): TypedBody | null {
  if (body === null || body.length === 0) return null;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  return { bytes, type: headers.get('content-type') ?? '' };
}

function compareQueries(was: URL, is: URL, ignored: readonly string[], trial: MarkTrial): Difference | null {
  const counted = ({ search }: URL): string => {
    if (ignored.length === 0) return search.slice(1);
    const pairs = search.slice(1).split('&');
    return pairs.filter((pair) => !ignored.includes(nameOf(pair))).join('&');
  };
  return comparePairs('query parameter', counted(was), counted(is), trial);
}

function nameOf(pair: string): string {
  return new URLSearchParams(pair).keys().next().value ?? '';
}

/** A browser with a cache received answers that mean nothing without a cache: 304, and parts of a file. */
function conditional({ response }: HarEntry, headers: Headers): Difference | null {
  const asks = (...names: string[]): boolean => names.some((name) => headers.has(name));
  if (response.status === 304 && !asks('if-none-match', 'if-modified-since')) {
    return { what: 'If-None-Match or If-Modified-Since, which the recorded request had', name: '' };
  }
  if (response.status === 206 && !asks('range')) {
    return { what: 'Range, which the recorded request had', name: '' };
  }
  return null;
}

function compareHeaders(
  entry: HarEntry,
  headers: Headers,
  names: readonly string[],
  trial: MarkTrial,
): Difference | null {
  for (const name of names) {
    const fields = entry.request.headers.filter((field) => field.name.toLowerCase() === name.toLowerCase());
    const was = fields.map(({ value }) => value).join(', ');
    const is = headers.get(name) ?? '';
    if (!trial.matches(was, is)) return { what: `the header ${name}`, name, given: is, recorded: was };
  }
  return null;
}
