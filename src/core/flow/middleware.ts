import { describe, invalidObject, invalidOption, RequestError, redactUrl } from '../errors.ts';
import type { ResolvedRequest } from '../request/resolve.ts';
import { adoptResponse, isResponse } from '../response/adopt.ts';
import type { RawResponse } from '../response/raw.ts';
import { createResponse, rawOf, type SessionResponse } from '../response/response.ts';
import type { DeadlineFork } from './deadline.ts';
import { HandedRequest, type MiddlewareRequest } from './middleware-request.ts';
import type { CallRequest, Send } from './pipeline.ts';

/**
 * Can change the calls of `session.fetch`. It runs once for each call, outside its retries and redirects, and returns
 * the response: that of `next`, or any other `Response`, for which no request needs to be sent. The limits of the
 * call apply to it too.
 *
 * @example
 * const signed: Middleware = (request, next) => next(request.with({ headers: { 'x-signature': sign(request) } }));
 */
export type Middleware = (request: MiddlewareRequest, next: MiddlewareNext) => Response | Promise<Response>;

/**
 * Continues the call: the next middleware runs, or the request is sent. It may be called more than once, also at the
 * same time; responses that are not returned are discarded. It must not be called after the middleware has returned.
 *
 * @param request the request that the middleware got (the default), or one that its `with` created
 * @throws RequestError by code; ERR_BODY_NOT_REPLAYABLE when a stream was sent before
 */
export type MiddlewareNext = (request?: MiddlewareRequest) => Promise<SessionResponse>;

/**
 * Checks the option; `null` for none.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function checkMiddleware(middleware: unknown): readonly Middleware[] | null {
  if (middleware === undefined) return null;
  if (!Array.isArray(middleware)) throw invalidOption('middleware', 'an array of functions', middleware);
  for (const [index, each] of middleware.entries()) {
    if (typeof each !== 'function') throw invalidOption(`middleware[${index}]`, 'a function', each);
  }
  return middleware.length === 0 ? null : [...middleware];
}

/** How a call ended: `null` after its last byte. */
type Failure = { readonly reason: unknown } | null;

/**
 * Sends a call through its middleware.
 *
 * @param send the part of the flow inside the innermost middleware
 * @param onDone called once, when every byte of the returned response has arrived or no more will follow
 */
export function sendThrough(
  middleware: readonly Middleware[],
  request: CallRequest,
  send: Send,
  onDone: (failure: Failure) => void,
): Promise<SessionResponse> {
  return new MiddlewareRun(middleware, request, send).respond(onDone);
}

/** A response of this call, whether the caller or a middleware gets it. */
interface Owned {
  /** Reports that this part of the call is over. */
  readonly end: () => void;
  /** Ends its body early, where no exchange of this call does that. */
  readonly fail: ((reason: unknown) => void) | null;
}

class MiddlewareRun {
  readonly #middleware: readonly Middleware[];
  readonly #request: CallRequest;
  readonly #send: Send;
  /** The parts that have no response yet. */
  readonly #sending = new Set<DeadlineFork>();
  readonly #owned = new Map<RawResponse, Owned>();
  readonly #sentStreams = new Set<unknown>();
  #last: RawResponse | null = null;
  /** Number of tries of the call so far. */
  #attempts = 0;
  #isOver = false;
  #controller: AbortController | null = null;

  constructor(middleware: readonly Middleware[], request: CallRequest, send: Send) {
    this.#middleware = middleware;
    this.#request = request;
    this.#send = send;
  }

  async respond(onDone: (failure: Failure) => void): Promise<SessionResponse> {
    const { deadline } = this.#request;
    if (deadline.failure !== undefined) throw deadline.failure.reason;
    try {
      const first = new HandedRequest(this.#request, this.#signal);
      const response = await deadline.during(this.#step(0, first));
      this.#finish(rawOf(response), onDone);
      return response;
    } catch (error) {
      this.#controller?.abort(error);
      this.#giveUp(null, error);
      throw error;
    }
  }

  readonly #signal = (): AbortSignal => {
    this.#controller ??= new AbortController();
    const { failure } = this.#request.deadline;
    if (failure !== undefined) this.#controller.abort(failure.reason);
    return this.#controller.signal;
  };

  /** The response of the middleware at `index` and those inside it. */
  async #step(index: number, request: MiddlewareRequest): Promise<SessionResponse> {
    const resolved = HandedRequest.resolvedOf(request);
    if (resolved === null) {
      throw invalidObject('next', 'given the request, or one that its with() made', request);
    }
    const middleware = this.#middleware[index];
    if (middleware === undefined) return this.#sendOne(resolved);
    const next: MiddlewareNext = (passed = request) => {
      const answered = this.#step(index + 1, passed);
      // Nothing may be awaiting this promise when it is abandoned.
      answered.catch(() => {});
      return answered;
    };
    return this.#own(index, await middleware(request, next));
  }

  async #sendOne(resolved: ResolvedRequest): Promise<SessionResponse> {
    if (this.#isOver) {
      throw new RequestError('ERR_INVALID_OPTION', 'next was called after its middleware had returned');
    }
    this.#checkReplayable(resolved);
    const deadline = this.#request.deadline.fork();
    this.#sending.add(deadline);
    try {
      const { watch } = this.#request;
      const attempt = this.#attempts + 1;
      this.#attempts = attempt;
      const raw = await this.#send({ ...resolved, deadline, watch, attempt, upgrade: undefined });
      this.#attempts = Math.max(this.#attempts, raw.attempts);
      this.#owned.set(raw, { end: () => deadline.end(), fail: null });
      this.#last = raw;
      return createResponse(raw);
    } catch (error) {
      deadline.end();
      throw error;
    } finally {
      this.#sending.delete(deadline);
      // The response arrived at the moment when the part was abandoned.
      if (this.#isOver) this.#discardOthers(null);
    }
  }

  #checkReplayable({ body, method, url }: ResolvedRequest): void {
    if (body?.kind !== 'stream') return;
    if (this.#sentStreams.has(body.stream)) {
      throw new RequestError(
        'ERR_BODY_NOT_REPLAYABLE',
        'next was called again for a request whose body is a stream, which can be sent only once',
        { request: { method, url: redactUrl(url) } },
      );
    }
    this.#sentStreams.add(body.stream);
  }

  /** The response that a middleware returned, as one of a session. */
  #own(index: number, response: unknown): SessionResponse {
    if (!isResponse(response)) {
      throw invalidReturn(index, response);
    }
    if (rawOf(response) !== null) return response as SessionResponse;
    const { method, url, settings } = this.#request;
    const { maxBodyBytes } = settings;
    const { raw, fail } = adoptResponse(response, { method, url, maxBodyBytes, last: this.#last });
    this.#owned.set(raw, { end: () => {}, fail });
    return createResponse(raw);
  }

  #finish(raw: RawResponse | null, onDone: (failure: Failure) => void): void {
    const owned = raw === null ? undefined : this.#owned.get(raw);
    this.#giveUp(raw, new DOMException('The middleware returned without waiting for it', 'AbortError'));
    // A response of another call has its own limits.
    if (owned === undefined || raw === null || raw.body === null) {
      owned?.end();
      onDone(null);
      return;
    }
    if (owned.fail !== null) this.#bound(owned.fail);
    raw.body.whenDone((failure) => {
      owned.end();
      onDone(failure);
    });
  }

  /** Applies the call's limits to a body from elsewhere. The idle limit does not apply to it. */
  #bound(fail: (reason: unknown) => void): void {
    const { deadline } = this.#request;
    deadline.watch({ onDeadline: fail, queuePhase: 'body' });
    deadline.enter('body');
    deadline.hold(true);
  }

  #giveUp(returned: RawResponse | null, reason: unknown): void {
    this.#isOver = true;
    for (const deadline of this.#sending) deadline.cancel(reason);
    this.#discardOthers(returned);
  }

  /** These bodies will not be read. Invariant: no stranded body. */
  #discardOthers(returned: RawResponse | null): void {
    for (const [raw, { end }] of this.#owned) {
      if (raw === returned) continue;
      this.#owned.delete(raw);
      const { body } = raw;
      if (body === null) {
        end();
        continue;
      }
      // A body that the middleware still reads, such as a clone for a cache, continues within the call's limits.
      if (!body.used && !body.locked) body.discard();
      body.whenDone(end);
    }
  }
}

function invalidReturn(index: number, got: unknown): RequestError {
  const message = `middleware[${index}] must return a Response, got ${describe(got)}`;
  return new RequestError('ERR_INVALID_OPTION', message);
}
