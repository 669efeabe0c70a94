import { isRequestError, redactUrl } from '../errors.ts';
import type { RequestEvent } from '../request/events.ts';
import type { ObservedExchange, ObservedResponse, ObservedRetry, Observer } from './observer.ts';

/** A step without its time. */
type Step = RequestEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'timestamp'>
    : never
  : never;

/** The fields of an event of one type. */
type FieldsOf<Type extends RequestEvent['type']> = Omit<Extract<Step, { readonly type: Type }>, 'type'>;

/** The steps of a call for `onRequestEvent`: an observer whose events have no secrets. */
export function eventsObserver(listener: (event: RequestEvent) => void): Observer {
  const startedAt = performance.now();
  const tell = (step: Step): void => listener({ ...step, timestamp: performance.now() - startedAt });
  return {
    onCallStart: ({ url }) => tell({ type: 'request_start', url: shown(url) }),
    onRetry: (_call, retry) => tell({ type: 'retry', ...retryStep(retry) }),
    onRedirect: (_call, { status, url }) => tell({ type: 'redirect', status, url: shown(url) }),
    onRequestEnd: ({ url }) => tell({ type: 'request_sent', url: shown(url) }),
    onResponse: (exchange) => tell({ type: 'response_headers', ...responseStep(exchange) }),
    onBytes: (exchange, direction) => tell({ type: 'body_progress', ...progressStep(exchange, direction) }),
    onExchangeEnd: ({ url, receivedBytes, failure }) => {
      if (failure === null) tell({ type: 'body_complete', url: shown(url), downloadedBytes: receivedBytes });
    },
    onCallEnd: ({ failure }) =>
      tell(failure === null ? { type: 'done' } : { type: 'error', message: messageOf(failure.reason) }),
  };
}

/** Bytes that `content-length` promises, `null` without a usable one. */
export function contentLength(response: ObservedResponse | null): number | null {
  const values = response?.headers.filter(([name]) => name.toLowerCase() === 'content-length') ?? [];
  const [value = ''] = values.map(([, text]) => text);
  return values.length === 1 && /^\d+$/.test(value) ? Number(value) : null;
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function shown(url: string): string {
  return redactUrl(new URL(url));
}

function retryStep({ attempt, wait, status, error }: ObservedRetry): FieldsOf<'retry'> {
  const reason = isRequestError(error) ? error.code : status === null ? messageOf(error) : `status ${status}`;
  return { attempt, wait, reason };
}

function responseStep({ url, response }: ObservedExchange): FieldsOf<'response_headers'> {
  return { url: shown(url), status: response?.status ?? 0, contentLength: contentLength(response) };
}

function progressStep(exchange: ObservedExchange, direction: 'sent' | 'received'): FieldsOf<'body_progress'> {
  const { url, sentBytes, receivedBytes, request, response } = exchange;
  return direction === 'sent'
    ? { url: shown(url), uploadedBytes: sentBytes, total: request?.bodyLength ?? null }
    : { url: shown(url), downloadedBytes: receivedBytes, total: contentLength(response) };
}
