import { redactUrl } from '../errors.ts';
import type { CallEvent, RequestEvent } from '../request/events.ts';
import type { ResolvedRequest } from '../request/resolve.ts';
import type { RawResponse } from '../response/raw.ts';
import { createResponse, type SessionResponse } from '../response/response.ts';
import { startDeadline } from './deadline.ts';
import { type Middleware, sendThrough } from './middleware.ts';
import type { CallRequest, Send } from './pipeline.ts';

/** One call: its deadline runs until the last byte of the body. */
export class Call {
  readonly request: CallRequest;

  constructor(prepared: ResolvedRequest) {
    const { method, url, settings } = prepared;
    const { onRequestEvent, signal, timeout } = settings;
    const deadline = startDeadline(timeout, signal, () => ({ method, url: redactUrl(url) }));
    const onEvent = onRequestEvent === null ? null : stampEvents(onRequestEvent);
    this.request = { ...prepared, deadline, onEvent };
    onEvent?.({ type: 'request_start', url: redactUrl(url) });
  }

  /** The call has its response, whose body may still be arriving. */
  respond(raw: RawResponse): SessionResponse {
    if (raw.body === null) this.#finish(null);
    else raw.body.whenDone(this.#finish);
    return createResponse(raw);
  }

  /** The response that the middleware of the call makes of it; `send` is what is inside them. */
  respondThrough(middleware: readonly Middleware[], send: Send): Promise<SessionResponse> {
    return sendThrough(middleware, this.request, send, this.#finish);
  }

  /** The call is over, without a response to hand out. */
  finish(): void {
    this.#finish(null);
  }

  /** The call has failed. */
  fail(reason: unknown): void {
    this.#finish({ reason });
  }

  readonly #finish = (failure: { readonly reason: unknown } | null): void => {
    const { deadline, onEvent } = this.request;
    deadline.end();
    onEvent?.(failure === null ? { type: 'done' } : { type: 'error', message: messageOf(failure.reason) });
  };
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** Gives events their time; a listener that throws does not disturb the call, as with any EventTarget. */
function stampEvents(listener: (event: RequestEvent) => void): (event: CallEvent) => void {
  const startedAt = performance.now();
  return (event) => {
    try {
      listener({ ...event, timestamp: performance.now() - startedAt });
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
