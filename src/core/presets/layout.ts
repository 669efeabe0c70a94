import type { HeaderEntry, RequestHead } from '../http.ts';
import type { SiteRelation } from '../sites.ts';
import type { CacheMode, Initiator, RequestContext } from './context.ts';

/**
 * Everything that decides on the headers of one hop and their order. The values of Referer and Origin are separate.
 */
export interface HeaderFacts {
  readonly method: string;
  /** Method of the first hop. The GET after a redirected form POST differs from other GETs. */
  readonly initialMethod: string;
  readonly hasBody: boolean;
  readonly http2: boolean;
  /** The target is https or this machine. Hints, Sec-Fetch-*, br and zstd are sent only then. */
  readonly secure: boolean;
  readonly destination: string;
  readonly mode: RequestContext['mode'];
  readonly initiator: Initiator;
  readonly priority: 'high' | 'low' | 'auto';
  readonly cache: CacheMode;
  readonly userActivation: boolean;
  readonly credentials: boolean;
  readonly site: SiteRelation;
  /** This hop, or an earlier one, went to another origin than the page's. */
  readonly crossOrigin: boolean;
  /** The first hop was to another origin than the page's. */
  readonly crossOriginFirst: boolean;
  readonly redirected: boolean;
  readonly referer: boolean;
  /** The page, its meta elements or the element have a referrer policy. */
  readonly ownPolicy: boolean;
  /** Accept-Language as the caller sets it, `null` for the profile's own. */
  readonly acceptLanguage: string | null;
  /** Lower-case names of the caller's headers, in call order, each once. */
  readonly names: readonly string[];
}

/**
 * One place in the order of headers. `value` is the browser's value; `null` where only a header of the caller with
 * that name would be sent.
 */
export interface HeaderLine {
  readonly name: string;
  readonly value: string | null;
  /** The value is a URL or origin of this request. */
  readonly from?: 'referer' | 'origin';
}

/** The place of the caller's headers that have no other place. */
export const callerLines: HeaderLine = { name: '*', value: null };

/**
 * The headers of a request in order, with gaps for varying values. It is the same for all requests with the same
 * {@link HeaderFacts}.
 */
export interface Layout {
  readonly steps: readonly Step[];
  readonly cookieIndex: number;
  /** Lower-case names of the whole head in wire order, including those that later stages write. */
  readonly order: readonly string[];
  /** Indexes of the steps whose values differ from request to request. */
  readonly variable: readonly number[];
  /** The last head, which is taken again for the same values: always where none varies. `null` before the first. */
  latest: RequestHead | null;
}

/** One field of a layout: a fixed entry, or the source of its value. All have one shape, for speed. */
interface Step {
  readonly entry: HeaderEntry | null;
  readonly name: string;
  readonly from: 'referer' | 'origin' | null;
  /** Index among the caller's headers, -1 for none. */
  readonly caller: number;
}

/** Creates a line: a header that the browser sends, or with `null` a place for the caller's header. */
export function line(name: string, value: string | null): HeaderLine {
  return { name, value };
}

/** Creates the lines of a list of names without values. */
export function places(...names: string[]): HeaderLine[] {
  return names.map((name) => line(name, null));
}

/** Fields that the transport and the cookie stage write. */
const writtenLater = new Set(['host', 'connection', 'content-length', 'cookie']);

/**
 * Merges the caller's headers into a browser's lines. A header with the name of a line takes its place and keeps its
 * own spelling and value. A new one is placed at {@link callerLines}.
 *
 * @param pseudoFields those of HTTP/2, which come first; empty for HTTP/1.1
 */
export function layOut(
  lines: readonly HeaderLine[],
  callerNames: readonly string[],
  pseudoFields: readonly string[],
): Layout {
  const http2 = pseudoFields.length > 0;
  const spell = (name: string) => (http2 ? name.toLowerCase() : name);
  const lower = callerNames.map((name) => name.toLowerCase());
  const placed = new Set(lines.map((each) => each.name.toLowerCase()));
  const caller = (indexes: number[]): Step[] =>
    indexes.map((index) => ({
      entry: null,
      name: http2 ? (lower[index] ?? '') : '',
      from: null,
      caller: index,
    }));
  const indexesOf = (name: string) => lower.flatMap((each, index) => (each === name ? [index] : []));

  const steps: Step[] = [];
  const order: string[] = [...pseudoFields];
  let cookieIndex = -1;
  for (const { name, value, from } of lines) {
    const key = name.toLowerCase();
    if (key === 'cookie') cookieIndex = steps.length;
    if (key === callerLines.name) {
      const free = [...new Set(lower)].filter((each) => !placed.has(each));
      order.push(...free);
      steps.push(...free.flatMap((each) => caller(indexesOf(each))));
      continue;
    }
    if (lower.includes(key)) {
      steps.push(...caller(indexesOf(key)));
    } else if (from !== undefined) {
      steps.push({ entry: null, name: spell(name), from, caller: -1 });
    } else if (value !== null) {
      steps.push({ entry: [spell(name), value], name: '', from: null, caller: -1 });
    } else if (!writtenLater.has(key)) {
      continue;
    }
    order.push(key);
  }
  const variable = steps.flatMap(({ entry }, index) => (entry === null ? [index] : []));
  const places = { cookieIndex: cookieIndex < 0 ? steps.length : cookieIndex, order, variable };
  const headers = Object.freeze(steps.flatMap(({ entry }) => (entry === null ? [] : [entry])));
  return { steps, ...places, latest: variable.length === 0 ? { headers, ...places } : null };
}

type TextOf = (from: 'referer' | 'origin') => string;

/** Fills a layout's gaps with this request's own values. */
export function fill(layout: Layout, headers: readonly HeaderEntry[], textOf: TextOf): RequestHead {
  const { steps, cookieIndex, order, variable, latest } = layout;
  // The same object for the same values, by which later stages recognise a head that they have written before.
  if (latest !== null && hasValues(latest, layout, headers, textOf)) return latest;
  const entries = steps.map((step) => step.entry ?? entryAt(step, headers, textOf));
  layout.latest = { headers: entries, cookieIndex, order, variable };
  return layout.latest;
}

/** Whether a head that was filled before has this request's values. */
function hasValues(
  filled: RequestHead,
  { steps, variable }: Layout,
  headers: readonly HeaderEntry[],
  textOf: TextOf,
): boolean {
  for (const index of variable) {
    const step = steps[index] as Step;
    const entry = filled.headers[index];
    if (entry?.[0] !== nameAt(step, headers) || entry[1] !== textAt(step, headers, textOf)) return false;
  }
  return true;
}

function entryAt(step: Step, headers: readonly HeaderEntry[], textOf: TextOf): HeaderEntry {
  const own = step.name === '' ? headers[step.caller] : undefined;
  return own ?? [nameAt(step, headers), textAt(step, headers, textOf)];
}

function nameAt({ name, caller }: Step, headers: readonly HeaderEntry[]): string {
  return name === '' ? (headers[caller]?.[0] ?? '') : name;
}

function textAt({ from, caller }: Step, headers: readonly HeaderEntry[], textOf: TextOf): string {
  return from === null ? (headers[caller]?.[1] ?? '') : textOf(from);
}

/** Whether a hop has an Origin header by the Fetch Standard: every method but GET and HEAD, and CORS. */
export function sendsOrigin(hop: HeaderFacts): boolean {
  if (hop.mode === 'websocket' || (hop.mode === 'cors' && hop.crossOrigin)) return true;
  return hop.method !== 'GET' && hop.method !== 'HEAD';
}

/** Whether the request is a CORS preflight that the caller sends itself, as some libraries do. */
export function isPreflight(hop: HeaderFacts): boolean {
  return hop.method === 'OPTIONS' && hop.names.includes('access-control-request-method');
}

/** Whether a page's own fetch is conditional: fetch() does not use the HTTP cache then. */
export function isConditional(hop: HeaderFacts): boolean {
  return hop.names.some((name) => conditional.has(name));
}

/**
 * Distinguishes the validators of an HTTP cache from those of a page: a cache has both from one response, a page sets
 * one. A browser writes the former where its cache adds them, and does not change the loader's cache mode.
 */
export function hasCacheValidators(hop: HeaderFacts): boolean {
  return hop.names.includes('if-none-match') && hop.names.includes('if-modified-since');
}

const conditional = new Set([
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-match',
  'if-range',
]);

/** Referer and Origin lines; each request puts in its value. */
export const refererLine: HeaderLine = { name: 'Referer', value: null, from: 'referer' };
export const originLine: HeaderLine = { name: 'Origin', value: null, from: 'origin' };

/** The lines that are sent. */
export function listed(...lines: (HeaderLine | false | readonly HeaderLine[])[]): HeaderLine[] {
  return lines.flatMap((each) => (each === false ? [] : each));
}
