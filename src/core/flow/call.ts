import { redactUrl } from '../errors.ts';
import type { ResolvedRequest } from '../request/resolve.ts';
import type { RawResponse } from '../response/raw.ts';
import { createResponse, type SessionResponse } from '../response/response.ts';
import { startDeadline } from './deadline.ts';
import { type Middleware, sendThrough } from './middleware.ts';
import type { CallRequest, Send } from './pipeline.ts';
import type { CallWatch } from './watch.ts';

/** One call: its deadline runs until the last byte of the body. */
export class Call {
  readonly request: CallRequest;

  /** @param watch who is told of the call, `null` for nobody */
  constructor(prepared: ResolvedRequest, watch: CallWatch | null, attempt = 1) {
    const { method, url, settings } = prepared;
    const { signal, timeout } = settings;
    const deadline = startDeadline(timeout, signal, () => ({ method, url: redactUrl(url) }));
    this.request = { ...prepared, deadline, watch, attempt };
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
    const { deadline, watch } = this.request;
    deadline.end();
    watch?.end(failure);
  };
}
