import { invalidOption } from '../errors.ts';
import type { CacheMode, ReferrerPolicyName, RequestContext } from '../presets/context.ts';
import type { BrowserAlias, BrowserProfile, Initiator, OperatingSystem } from '../presets/index.ts';
import type { HeadersInput } from '../request/headers.ts';
import type { BodyInput, FieldsInput } from '../request/request-body.ts';
import type { CallOptions } from '../request/settings.ts';
import type { Transport } from '../transport/transport.ts';
import type { ConnectionOptions } from '../transport/transport-options.ts';

/** What each request may say: `fetch`'s options and more. Keys that are not known here are ignored, as in `fetch`. */
export interface RequestInit extends CallOptions {
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly headers?: HeadersInput | null | undefined;
  /** At most one of `body`, `json`, `form`. */
  readonly body?: BodyInput | null | undefined;
  /** Sent as JSON, with its Content-Type. */
  readonly json?: unknown;
  /** Sent as a browser's form, urlencoded. */
  readonly form?: FieldsInput | undefined;
  /** Added to the URL's query. */
  readonly searchParams?: FieldsInput | undefined;
  readonly duplex?: 'half' | undefined;
  /** With `destination`: what kind of request a browser would take this for. Inferred when left out. */
  readonly mode?: RequestContext['mode'] | undefined;
  readonly cache?: CacheMode | undefined;
  /** URL of the page the request comes from; `no-referrer` hides it. */
  readonly referrer?: string | URL | undefined;
  /** @default 'strict-origin-when-cross-origin' */
  readonly referrerPolicy?: ReferrerPolicyName | undefined;
  /** The Fetch Standard's destination: 'document', '' (a page's fetch), 'image', 'script', 'style', 'iframe' and so on. */
  readonly destination?: string | undefined;
  /**
   * False for a navigation by script.
   * @default true for navigations
   */
  readonly userActivation?: boolean | undefined;
  /**
   * How urgent a page's own request is; shows where the browser tells it. Fetch Standard, "internal priority".
   * @default 'auto'
   */
  readonly priority?: 'high' | 'low' | 'auto' | undefined;
  /**
   * What in the page asks, where that shows in its headers: XMLHttpRequest, EventSource, a beacon, a prefetch, a
   * preload, the HTML parser, a style sheet. Left out, it is told from the headers; `''` is the destination's usual.
   */
  readonly initiator?: Initiator | undefined;
  /** Connection, proxy and, if it has one, preset of this transport; cookies and headers stay the session's. */
  readonly transport?: Transport | undefined;
  /** Fixed when the session is created: the same value is fine, another is refused. */
  readonly browser?: BrowserProfile | BrowserAlias | null | undefined;
  /** Fixed when the session is created. */
  readonly os?: OperatingSystem | undefined;
  /** Fixed when the session is created. */
  readonly proxy?: string | null | undefined;
  /** Fixed when the session is created. */
  readonly insecure?: boolean | undefined;
  /** Fixed when the session is created. */
  readonly trustStore?: ConnectionOptions['trustStore'];
}

/** An init with a property of its own for each name: nothing inherited is taken for a setting. */
export type ReadInit = { readonly [Name in keyof RequestInit]-?: RequestInit[Name] };

/** What a call is told that has no init. */
export const noInit: ReadInit = {
  ...{ method: undefined, headers: undefined, body: undefined, json: undefined, form: undefined },
  ...{ searchParams: undefined, signal: undefined, duplex: undefined, credentials: undefined },
  ...{ mode: undefined, cache: undefined, referrer: undefined, referrerPolicy: undefined },
  ...{ destination: undefined, userActivation: undefined, priority: undefined, initiator: undefined },
  ...{ transport: undefined, disableDefaultHeaders: undefined, decompress: undefined, compress: undefined },
  ...{ crossOriginHeaders: undefined, onRequestEvent: undefined, acceptLanguage: undefined },
  ...{ timeout: undefined, redirect: undefined, maxRedirects: undefined, refuseDowngrade: undefined },
  ...{ maxBodyBytes: undefined, retry: undefined, browser: undefined, os: undefined, proxy: undefined },
  ...{ insecure: undefined, trustStore: undefined },
};

/**
 * Reads what a caller passes to fetch, each property once.
 *
 * @throws RequestError ERR_INVALID_OPTION for what is no object
 */
export function readInit(init: RequestInit | null | undefined): ReadInit {
  if (init === undefined || init === null) return noInit;
  if (typeof init !== 'object') throw invalidOption('init', 'an object', init);
  return { ...noInit, ...init };
}
