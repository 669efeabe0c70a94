import type { HeaderEntry } from '../http.ts';
import { rootOf } from '../sites.ts';
import type { CacheMode, ReferrerPolicyName, RequestContext } from './context.ts';

/** The input from which the context of a request is inferred. `undefined` means that it is not given. */
export interface ContextInput {
  readonly url: URL;
  readonly method: string;
  /** The caller's headers. */
  readonly headers: readonly HeaderEntry[];
  /** Content-Type of the body where the headers do not have it, `null` without a body. */
  readonly contentType: string | null;
  readonly destination?: string | undefined;
  readonly mode?: RequestContext['mode'] | undefined;
  /** URL of the page; `'no-referrer'` hides it. */
  readonly referrer?: URL | 'no-referrer' | undefined;
  readonly referrerPolicy?: ReferrerPolicyName | undefined;
  readonly userActivation?: boolean | undefined;
  readonly cache?: CacheMode | undefined;
  readonly initiator?: RequestContext['initiator'] | undefined;
  readonly priority?: RequestContext['priority'] | undefined;
  readonly credentials?: RequestContext['credentials'] | undefined;
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
 * Infers the kind of request that a browser would be making. An explicit destination or mode decides. Otherwise these
 * are a page's fetch: an initiator that is a script, a JSON body, an Accept for JSON or an event stream,
 * X-Requested-With, and any method except GET, HEAD and POST. A urlencoded or multipart POST is a form. GET and HEAD
 * are navigations from the address bar.
 *
 * Without a referrer, a page's request is assumed to come from the root page of its target's own origin.
 */
export function inferContext(input: ContextInput): RequestContext {
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
  return isNavigation(input) && !scripted.has(input.initiator ?? 'parser')
    ? { destination: 'document', mode: 'navigate' }
    : { destination: '', mode: 'cors' };
}

/** Initiators that only a script of a page has, whatever the body. `''` is fetch(). */
const scripted: ReadonlySet<string> = new Set(['', 'xmlhttprequest', 'eventsource', 'beacon']);

function isNavigation({ method, headers, contentType }: ContextInput): boolean {
  let type = contentType ?? '';
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    // No browser navigates to a range of a document.
    if (key === 'x-requested-with' || key === 'range') return false;
    if (key === 'accept' && /json|text\/event-stream/i.test(value)) return false;
    if (key === 'content-type') type = value;
  }
  if (method === 'GET' || method === 'HEAD') return true;
  return (
    method === 'POST' && /^\s*(application\/x-www-form-urlencoded|multipart\/form-data)\s*(;|$)/i.test(type)
  );
}
