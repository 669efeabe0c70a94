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
  readonly #isPart: boolean;

  /**
   * @param watch reports the call to observers, `null` without observers
   * @param part its number among the requests of a call that consists of several
   */
  constructor(prepared: ResolvedRequest, watch: CallWatch | null, part: number | null = null) {
    const { signal, timeout } = prepared.settings;
    const deadline = startDeadline(timeout, signal, prepared);
    this.#isPart = part !== null;
    // Said here, so that it is not inherited from a polluted Object.prototype.
    this.request = { ...prepared, deadline, watch, attempt: part ?? 1, upgrade: undefined };
  }

  /** The call has its response, whose body may still be arriving. */
  respond(raw: RawResponse): SessionResponse {
    if (raw.body === null) this.#finish(null);
    else raw.body.whenDone(this.#finish);
    const response = createResponse(raw);
    this.request.watch?.respond(response);
    return response;
  }

  /** The response after the middleware of the call; `send` is the inner part of the flow. */
  respondThrough(middleware: readonly Middleware[], send: Send): Promise<SessionResponse> {
    const { watch } = this.request;
    const sent = sendThrough(middleware, this.request, send, this.#finish);
    if (watch === null) return sent;
    return sent.then((response) => {
      watch.respond(response);
      return response;
    });
  }

  /** Ends the limits of the call. The socket that it opened stays open, and its owner reports the end to the watch. */
  release(): void {
    this.request.deadline.end();
  }

  /** The call has failed. */
  fail(reason: unknown): void {
    this.#finish({ reason });
  }

  readonly #finish = (failure: { readonly reason: unknown } | null): void => {
    const { deadline, watch } = this.request;
    deadline.end();
    if (!this.#isPart) watch?.end(failure);
  };
}
