import type { RedirectRequest } from '../core/flow/redirects.ts';
import { type CallWatch, ExchangeWatch } from '../core/flow/watch.ts';
import type { HeaderEntry } from '../core/http.ts';
import { ExchangeTimings } from '../core/transport/timings.ts';
import type { FetchResponse } from './foreign-response.ts';

/**
 * Sends one hop by the other fetch, and tells the observers of the session what can be seen from here: the headers that
 * the other fetch is given, and the head of its response. Its connections and bodies are its own.
 */
export async function sendWatched(
  send: () => Promise<FetchResponse>,
  call: CallWatch,
  { method, url, body, redirectedFrom }: RedirectRequest,
  headers: readonly HeaderEntry[],
): Promise<FetchResponse> {
  const times = new ExchangeTimings();
  times.markQueued(performance.now());
  const exchange = new ExchangeWatch(call, { method, url, body, attempt: 1, redirectedFrom }, times, false);
  times.markStarted(performance.now(), null);
  exchange.requested(headers.flat(), null, url);
  try {
    const response = await send();
    times.markResponded(performance.now());
    const { status, statusText = '' } = response as FetchResponse & { readonly statusText?: string };
    exchange.responded(status, statusText, fieldsOf(response), {});
    exchange.end(null);
    return response;
  } catch (reason) {
    exchange.end({ reason });
    throw reason;
  }
}

/** Names and values in turn, one character per byte, of Headers that can be listed. */
function fieldsOf({ headers }: FetchResponse): string[] {
  const list: unknown = Reflect.get(headers, Symbol.iterator);
  if (typeof list !== 'function') return [];
  return [...(headers as unknown as Iterable<HeaderEntry>)].flat();
}
