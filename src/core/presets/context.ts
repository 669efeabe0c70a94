import type { CacheMode, HeaderEntry, ReferrerPolicyName, RequestContext } from '../pipeline.ts';
import type { Hop, Initiator, Site } from './layout.ts';
import { type RefererLevel, refererLevel } from './referrer.ts';
import { isTrustworthy, siteBetween } from './site.ts';

/** A request's context with what else shows in a browser's headers; a plain RequestContext is one too. */
export interface PresetContext extends RequestContext {
  /** What in the page asks; told from the headers when absent. */
  readonly initiator?: Initiator | undefined;
  /** Fetch Standard: fetch()'s `priority`. @default 'auto' */
  readonly priority?: 'high' | 'low' | 'auto' | undefined;
  /** Fetch Standard: credentials mode. @default 'include' for what an element loads, 'same-origin' for fetch() */
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
}

/** What the context of a request is inferred from. `undefined` means: not said. */
export interface ContextInput {
  readonly url: URL;
  readonly method: string;
  /** The caller's headers. */
  readonly headers: readonly HeaderEntry[];
  /** Content-Type of the body where the headers do not say it, `null` without a body. */
  readonly contentType: string | null;
  readonly destination?: string | undefined;
  readonly mode?: RequestContext['mode'] | undefined;
  /** URL of the page; `'no-referrer'` hides it. */
  readonly referrer?: URL | 'no-referrer' | undefined;
  readonly referrerPolicy?: ReferrerPolicyName | undefined;
  readonly userActivation?: boolean | undefined;
  readonly cache?: CacheMode | undefined;
  readonly initiator?: PresetContext['initiator'] | undefined;
  readonly priority?: PresetContext['priority'] | undefined;
  readonly credentials?: PresetContext['credentials'] | undefined;
}

const modes: Record<string, RequestContext['mode']> = {
  '': 'cors',
  document: 'navigate',
  iframe: 'navigate',
  frame: 'navigate',
  embed: 'navigate',
  object: 'navigate',
  image: 'no-cors',
  script: 'no-cors',
  style: 'no-cors',
  audio: 'no-cors',
  video: 'no-cors',
  track: 'no-cors',
  worker: 'same-origin',
  sharedworker: 'same-origin',
  serviceworker: 'same-origin',
};

/**
 * Infers what kind of request a browser would be making. An explicit destination or mode decides; else a JSON
 * body, an Accept for JSON or an event stream, X-Requested-With, and any method but GET, HEAD and POST are a
 * page's fetch, a urlencoded or multipart POST is a form, and GET and HEAD are typed navigations.
 *
 * Without a referrer, a page's request is taken to come from the root page of its target's own origin.
 */
export function inferContext(input: ContextInput): PresetContext {
  const { destination, mode } = kindOf(input);
  const typed = mode === 'navigate' && (input.method === 'GET' || input.method === 'HEAD');
  const given = input.referrer instanceof URL ? input.referrer : null;
  return {
    destination,
    mode,
    referrer: given ?? (typed ? null : rootOf(input.url)),
    referrerInferred: given === null && !typed,
    referrerHidden: input.referrer === 'no-referrer',
    referrerPolicy: input.referrerPolicy ?? '',
    userActivation: input.userActivation ?? destination === 'document',
    cache: input.cache ?? 'default',
    initiator: input.initiator,
    priority: input.priority,
    credentials: input.credentials,
  };
}

function kindOf(input: ContextInput): { destination: string; mode: RequestContext['mode'] } {
  if (input.destination !== undefined) {
    const destination = input.destination === 'empty' ? '' : input.destination;
    return { destination, mode: input.mode ?? modes[destination] ?? 'cors' };
  }
  if (input.mode !== undefined)
    return { destination: input.mode === 'navigate' ? 'document' : '', mode: input.mode };
  return isNavigation(input)
    ? { destination: 'document', mode: 'navigate' }
    : { destination: '', mode: 'cors' };
}

function isNavigation({ method, headers, contentType }: ContextInput): boolean {
  let type = contentType ?? '';
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    // No browser navigates to a part of a page.
    if (key === 'x-requested-with' || key === 'range') return false;
    if (key === 'accept' && /json|text\/event-stream/i.test(value)) return false;
    if (key === 'content-type') type = value;
  }
  if (method === 'GET' || method === 'HEAD') return true;
  return (
    method === 'POST' && /^\s*(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i.test(type)
  );
}

const roots = new Map<string, URL>();

/** The root page of a URL's origin. Remembered: most requests of a session go to few origins. */
function rootOf(url: URL): URL {
  const { origin: own } = url;
  const origin = own.startsWith('ws') ? `http${own.slice(2)}` : own;
  const seen = roots.get(origin);
  if (seen !== undefined) return seen;
  const root = new URL(origin);
  if (roots.size >= 256) roots.clear();
  roots.set(origin, root);
  return root;
}

/** What {@link hopOf} weighs. */
export interface HopInput {
  readonly method: string;
  readonly initialMethod?: string | undefined;
  readonly url: URL;
  readonly context: PresetContext;
  readonly redirectedFrom: readonly URL[];
  readonly http2: boolean;
  readonly hasBody: boolean;
  readonly acceptLanguage: string | null;
  readonly headers: readonly HeaderEntry[];
}

/** A hop's facts without the caller's header names, and what its Referer shows. */
export type WeighedHop = Omit<Hop, 'names' | 'referer'> & { readonly refererLevel: RefererLevel };

/** The page a request comes from; `null` for a typed navigation. */
export function pageOf(input: Pick<HopInput, 'context' | 'url' | 'redirectedFrom'>): URL | null {
  const { context, redirectedFrom, url } = input;
  if (context.referrer !== null || context.mode === 'navigate') return context.referrer;
  return rootOf(redirectedFrom[0] ?? url);
}

/** Weighs one hop: method, target, page and the redirects that led here. */
export function hopOf(input: HopInput): WeighedHop {
  const { context, method, redirectedFrom } = input;
  const hops = redirectedFrom.length === 0 ? [input.url] : [...redirectedFrom, input.url];
  const page = pageOf(input);
  // Weighed once: site, origin and referrer rules all ask for it, and URL getters are what a request costs.
  const sites = page === null ? [] : hops.map((hop) => siteBetween(page, hop));
  const initiator = context.initiator ?? initiatorOf(method, input.headers);
  return {
    method,
    initialMethod: input.initialMethod ?? method,
    http2: input.http2,
    hasBody: input.hasBody,
    secure: isTrustworthy(input.url),
    destination: context.destination,
    mode: context.mode,
    initiator,
    priority: context.priority ?? 'auto',
    cache: context.cache,
    userActivation: context.userActivation,
    credentials: sendsCredentials(context, initiator),
    site: farthest(sites),
    crossOrigin: sites.some((site) => site !== 'same-origin'),
    crossOriginFirst: page !== null && sites[0] !== 'same-origin',
    redirected: redirectedFrom.length > 0,
    refererLevel: refererLevel(context, hops, sites),
    acceptLanguage: input.acceptLanguage,
  };
}

/**
 * Sec-Fetch-Site over a chain: the farthest hop counts, and a typed navigation, which has no page, stays `none`.
 * Source: Fetch Metadata, section 2.3; captures.
 */
function farthest(sites: readonly Site[]): Site {
  if (sites.includes('cross-site')) return 'cross-site';
  return sites.includes('same-site') ? 'same-site' : (sites[0] ?? 'none');
}

function initiatorOf(method: string, headers: readonly HeaderEntry[]): Initiator {
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key === 'x-requested-with') return 'xmlhttprequest';
    if (key === 'accept' && value === 'text/event-stream' && method === 'GET') return 'eventsource';
    if (key === 'sec-purpose' && value.startsWith('prefetch')) return 'prefetch';
  }
  return '';
}

function sendsCredentials(context: PresetContext, initiator: Initiator): boolean {
  if (context.credentials !== undefined) return context.credentials === 'include';
  if (context.mode === 'navigate' || initiator === 'beacon') return true;
  return context.mode === 'no-cors' && context.destination !== '';
}
