import type { HeaderEntry } from '../http.ts';
import { isTrustworthy, rootOf, type SiteRelation, siteBetween } from '../sites.ts';
import type { Initiator, RequestContext } from './context.ts';
import type { HeaderFacts } from './layout.ts';
import { type RefererLevel, refererLevel } from './referrer.ts';
/** The input of {@link weighHop}. */
export interface WeighInput {
  readonly method: string;
  readonly initialMethod?: string | undefined;
  readonly url: URL;
  readonly context: RequestContext;
  readonly redirectedFrom: readonly URL[];
  readonly http2: boolean;
  readonly hasBody: boolean;
  readonly acceptLanguage: string | null;
  readonly headers: readonly HeaderEntry[];
}

/** A hop's facts without the caller's header names, and the part of the page's URL in its Referer. */
export type WeighedFacts = Omit<HeaderFacts, 'names' | 'referer'> & { readonly refererLevel: RefererLevel };

/** The page a request comes from; `null` for a navigation from the address bar. */
export function pageInContext(input: Pick<WeighInput, 'context' | 'url' | 'redirectedFrom'>): URL | null {
  const { context, redirectedFrom, url } = input;
  if (context.referrer !== null || context.mode === 'navigate') return context.referrer;
  return rootOf(redirectedFrom[0] ?? url);
}

/** Computes the facts of one hop from its method, target, page and earlier redirects. */
export function weighHop(input: WeighInput): WeighedFacts {
  const { context, method, redirectedFrom } = input;
  const hops = redirectedFrom.length === 0 ? [input.url] : [...redirectedFrom, input.url];
  const page = pageInContext(input);
  // Computed once: the rules for site, origin and referrer all need it, and URL getters are slow.
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
    ownPolicy: context.referrerPolicy !== '',
    acceptLanguage: input.acceptLanguage,
  };
}

/**
 * Sec-Fetch-Site over a chain of redirects: the hop farthest from the page counts. A navigation from the address bar
 * has no page and stays `none`. Source: Fetch Metadata, section 2.3; captures.
 */
function farthest(sites: readonly SiteRelation[]): SiteRelation {
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

function sendsCredentials(context: RequestContext, initiator: Initiator): boolean {
  if (context.credentials !== undefined) return context.credentials === 'include';
  if (context.mode === 'navigate' || initiator === 'beacon') return true;
  return context.mode === 'no-cors' && context.destination !== '';
}
