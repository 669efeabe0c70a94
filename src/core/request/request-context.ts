import { checkBoolean, checkOneOf } from '../checks.ts';
import { invalidOption, RequestError } from '../errors.ts';
import type { HeaderEntry } from '../http.ts';
import type { RequestContext } from '../presets/context.ts';
import { inferContext } from '../presets/index.ts';
import type { ReadInit } from './init.ts';
import type { RequestBase } from './resolve.ts';

const modes = ['navigate', 'cors', 'no-cors', 'same-origin', 'websocket'] as const;
const caches = ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'] as const;
const policies = [
  '',
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
] as const;

const priorities = ['high', 'low', 'auto'] as const;
const credentialsModes = ['omit', 'same-origin', 'include'] as const;
const initiators = [
  '',
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

/** What kind of request a browser would take this for: what the call says, the rest inferred. */
export function resolveContext(
  init: ReadInit,
  request: Inferable,
  { baseUrl }: Pick<RequestBase, 'baseUrl'>,
): RequestContext {
  const { destination, userActivation } = init;
  if (destination !== undefined && (typeof destination !== 'string' || !/^[a-z-]*$/.test(destination))) {
    throw invalidOption(
      'destination',
      "a request destination such as 'document', 'image' or ''",
      destination,
    );
  }
  return inferContext({
    ...request,
    destination,
    mode: checkChosen('mode', init.mode, modes),
    cache: checkChosen('cache', init.cache, caches),
    referrerPolicy: checkChosen('referrerPolicy', init.referrerPolicy, policies),
    priority: checkChosen('priority', init.priority, priorities),
    credentials: checkChosen('credentials', init.credentials, credentialsModes),
    initiator: checkChosen('initiator', init.initiator, initiators),
    userActivation: userActivation === undefined ? undefined : checkBoolean('userActivation', userActivation),
    referrer: resolveReferrer(init.referrer, baseUrl),
  });
}

function checkChosen<T extends string>(name: string, value: unknown, allowed: readonly T[]): T | undefined {
  return value === undefined ? undefined : checkOneOf(name, value, allowed);
}

function resolveReferrer(referrer: unknown, baseUrl: URL | null): URL | 'no-referrer' | undefined {
  if (referrer === undefined || referrer === 'about:client') return undefined;
  if (referrer === '' || referrer === 'no-referrer') return 'no-referrer';
  // A copy: the caller's may change while the request is under way.
  if (referrer instanceof URL) return new URL(referrer.href);
  if (typeof referrer === 'string' && URL.canParse(referrer, baseUrl?.href))
    return new URL(referrer, baseUrl?.href);
  throw new RequestError('ERR_INVALID_OPTION', "referrer must be the URL of a page or 'no-referrer'");
}
