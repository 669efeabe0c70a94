import { RequestError } from '../errors.ts';
import type { HeaderEntry } from '../http.ts';
import type { CacheMode, ReferrerPolicyName, RequestContext } from './context.ts';
import { inferContext } from './infer-context.ts';
import { resolvePreset } from './preset.ts';
import { presetHeaders } from './preset-headers.ts';
import type { BrowserAlias, BrowserProfile, OperatingSystem } from './versions.ts';

/**
 * A description of a request for {@link getEmulationHeaders}. Properties that are left out are inferred, as for a
 * request that is sent.
 */
export interface EmulationContext {
  /** @default 'https://example.com/' */
  readonly url?: string | URL | undefined;
  /** @default 'GET' */
  readonly method?: string | undefined;
  /**
   * Content-Type of the body where `headers` do not have it; `null` for a request without a body.
   * @default null
   */
  readonly contentType?: string | null | undefined;
  /** The caller's headers, in call order. */
  readonly headers?: Iterable<HeaderEntry> | Readonly<Record<string, string>> | undefined;
  /** The Fetch Standard's destination: 'document', '' (a page's fetch), 'image', 'script' and so on. */
  readonly destination?: string | undefined;
  readonly mode?: RequestContext['mode'] | undefined;
  /** URL of the page; `'no-referrer'` hides it. */
  readonly referrer?: string | URL | undefined;
  /** @default 'strict-origin-when-cross-origin' */
  readonly referrerPolicy?: ReferrerPolicyName | undefined;
  /**
   * False for a navigation by script.
   * @default true for navigations
   */
  readonly userActivation?: boolean | undefined;
  readonly cache?: CacheMode | undefined;
  /** The initiator in the page, where it changes the headers. */
  readonly initiator?: RequestContext['initiator'] | undefined;
  /** Fetch Standard, "internal priority". */
  readonly priority?: RequestContext['priority'] | undefined;
  readonly credentials?: RequestContext['credentials'] | undefined;
  /** Languages in order of preference, such as `de-DE, en`. @default 'en-US, en' */
  readonly acceptLanguage?: string | null | undefined;
  /** URLs the request was redirected from, oldest first. */
  readonly redirectedFrom?: readonly (string | URL)[] | undefined;
  /** @default false */
  readonly http2?: boolean | undefined;
}

/**
 * Lists the headers that a request in this context would carry, in wire order, without sending it. Host, Connection,
 * Content-Length and Cookie are not included.
 *
 * @param browser `'chrome'` when absent
 * @param os by default macOS, or the browser's own default where it does not exist for macOS
 * @throws RequestError `ERR_INVALID_OPTION` for an unknown browser or system, `ERR_INVALID_URL` for an invalid URL
 * @example
 * getEmulationHeaders('chrome_156', 'windows', { destination: 'image', referrer: 'https://example.com/' })
 */
export function getEmulationHeaders(
  browser: BrowserProfile | BrowserAlias = 'chrome',
  os?: OperatingSystem,
  context: EmulationContext = {},
): [name: string, value: string][] {
  const preset = resolvePreset(browser, os);
  const { method = 'GET', contentType = null, http2 = false, acceptLanguage = null } = context;
  const url = urlOf('url', context.url ?? 'https://example.com/');
  const headers = entriesOf(context.headers ?? []);
  const redirectedFrom = (context.redirectedFrom ?? []).map((hop) => urlOf('redirectedFrom', hop));
  const { referrer } = context;
  const page = referrer === undefined || referrer === 'no-referrer' ? referrer : urlOf('referrer', referrer);
  const first = redirectedFrom[0] ?? url;
  const { headers: list } = presetHeaders(preset, {
    method,
    url,
    headers,
    redirectedFrom,
    http2,
    acceptLanguage,
    hasBody: contentType !== null,
    context: inferContext({ ...context, url: first, method, headers, contentType, referrer: page }),
  });
  return list.map(([name, value]) => [name, value]);
}

function entriesOf(headers: Iterable<HeaderEntry> | Readonly<Record<string, string>>): HeaderEntry[] {
  if (Symbol.iterator in headers) return [...(headers as Iterable<HeaderEntry>)];
  return Object.entries(headers);
}

function urlOf(name: string, url: string | URL): URL {
  if (url instanceof URL) return url;
  if (URL.canParse(url)) return new URL(url);
  throw new RequestError('ERR_INVALID_URL', `${name} must be an absolute URL`);
}
