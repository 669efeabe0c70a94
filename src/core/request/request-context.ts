import { invalidOption, RequestError } from '../errors.ts';
import type { HeaderEntry } from '../http.ts';
import type { RequestContext } from '../presets/context.ts';
import { inferContext } from '../presets/index.ts';
import { referrerPolicies } from '../presets/referrer.ts';
import type { ReadInit } from './init.ts';
import type { RequestBase } from './resolve.ts';

export const modes = ['navigate', 'cors', 'no-cors', 'same-origin', 'websocket'] as const;
export const cacheModes = [
  ...(['default', 'no-store', 'reload', 'no-cache'] as const),
  ...(['force-cache', 'only-if-cached'] as const),
] as const;
export const policies = ['', ...referrerPolicies] as const;
export const priorities = ['high', 'low', 'auto'] as const;
export const initiators = [
  '',
  'fetch',
  'xmlhttprequest',
  'eventsource',
  'beacon',
  'prefetch',
  'preload',
  'parser',
  'css',
] as const;

interface Inferable {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly HeaderEntry[];
  readonly contentType: string | null;
}

/** The kind of request in a browser: as set by the call, and inferred where the call sets nothing. */
export function resolveContext(
  init: ReadInit,
  request: Inferable,
  { baseUrl }: Pick<RequestBase, 'baseUrl'>,
): RequestContext {
  const { initiator } = init;
  return inferContext({
    ...request,
    destination: init.destination,
    mode: init.mode,
    cache: init.cache,
    referrerPolicy: init.referrerPolicy,
    priority: init.priority,
    credentials: init.credentials,
    // A page's fetch() is the usual initiator of the destination ''.
    initiator: initiator === 'fetch' ? '' : initiator,
    userActivation: init.userActivation,
    referrer: resolveReferrer(init.referrer, baseUrl),
  });
}

/** Checks `destination`: a word of the Fetch Standard's form. */
export function checkDestination(name: string, destination: unknown): string {
  if (typeof destination === 'string' && /^[a-z-]*$/.test(destination)) return destination;
  throw invalidOption(name, "a request destination such as 'document', 'image' or ''", destination);
}

function resolveReferrer(referrer: unknown, baseUrl: URL | null): URL | 'no-referrer' | undefined {
  if (referrer === undefined || referrer === 'about:client') return undefined;
  if (referrer === '' || referrer === 'no-referrer') return 'no-referrer';
  // A copy, because the caller can change the URL object during the request.
  if (referrer instanceof URL) return new URL(referrer.href);
  if (typeof referrer === 'string' && URL.canParse(referrer, baseUrl?.href))
    return new URL(referrer, baseUrl?.href);
  throw new RequestError('ERR_INVALID_OPTION', "referrer must be the URL of a page or 'no-referrer'");
}
