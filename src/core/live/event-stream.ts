import { setTimeout as delay } from 'node:timers/promises';
import { checkBoolean, checkDelay, checkNumber, checkString, own } from '../checks.ts';
import { isRequestError, RequestError, type RequestErrorCode, redactUrl } from '../errors.ts';
import { readHeaders } from '../request/headers.ts';
import type { RequestInit } from '../request/init.ts';
import { optionTable } from '../request/option-table.ts';
import type { SessionResponse } from '../response/response.ts';
import { EventParser, type EventState, isEventId, type ServerSentEvent } from './event-parser.ts';

/** Options of {@link Session.eventSource}: those of a request, and those of the stream. */
export interface EventStreamInit extends RequestInit {
  /** Id of the last event of an earlier stream; sent as Last-Event-ID with the first request. At most 4096 bytes. */
  readonly lastEventId?: string | undefined;
  /**
   * Milliseconds before a reconnect, as long as the server has not set them. A server may set a shorter time, but at
   * least 500 ms. After failed connections the wait doubles, up to 30 s.
   * @default 3000
   */
  readonly reconnectDelay?: number | undefined;
  /**
   * Whether it reconnects after a connection ends. With false the end of the connection is the end of the stream.
   * @default true
   */
  readonly reconnect?: boolean | undefined;
}

/** The functions of the session that a stream needs. */
export interface StreamHost {
  fetch(init: RequestInit): Promise<SessionResponse>;
  /** Milliseconds until the head of a response, where the call sets none. */
  readonly headTimeout: number | false;
  /** Most bytes of one event, where the call sets none. */
  readonly maxEventBytes: number;
  /** Called before the wait for another connection. */
  onReconnect(wait: number): void;
  /** Called once, when the stream is over. */
  onEnd(stream: EventStream, failure: { readonly reason: unknown } | null): void;
}

/** Shortest wait in milliseconds that a server may set, as in Firefox. */
const shortestRetry = 500;

/** Longest wait in milliseconds after failed connections. */
const longestBackoff = 30_000;

/** Failures after which another connection may succeed. */
const passing: readonly RequestErrorCode[] = [
  'ERR_BODY_TRUNCATED',
  'ERR_CONNECT',
  'ERR_CONNECTION_LOST',
  'ERR_DNS',
  'ERR_PROXY',
  'ERR_TIMEOUT',
];

/**
 * Server-sent events as they arrive, over as many connections as needed. It can be iterated once; leaving the loop
 * ends it. The first connection must succeed. When a later one is lost, the stream reconnects with Last-Event-ID.
 */
export class EventStream implements AsyncIterable<ServerSentEvent>, AsyncDisposable {
  readonly #host: StreamHost;
  readonly #init: EventStreamInit;
  readonly #state: EventState;
  readonly #reconnects: boolean;
  readonly #delay: number;
  readonly #maxEventBytes: number;
  /** Consecutive connections that failed before a response. */
  #failures = 0;
  readonly #ending = new AbortController();
  #isTaken = false;

  /** Use {@link Session.eventSource}. @internal */
  constructor(host: StreamHost, init: EventStreamInit) {
    this.#host = host;
    this.#init = init;
    const lastEventId = own(init, 'lastEventId');
    const maxBodyBytes = own(init, 'maxBodyBytes');
    const reconnectDelay = own(init, 'reconnectDelay');
    this.#reconnects = checkBoolean('reconnect', own(init, 'reconnect') ?? optionTable.reconnect.default);
    this.#delay =
      reconnectDelay === undefined
        ? optionTable.reconnectDelay.default
        : checkDelay('reconnectDelay', reconnectDelay);
    this.#maxEventBytes =
      maxBodyBytes === undefined
        ? host.maxEventBytes
        : checkNumber('maxBodyBytes', maxBodyBytes, { least: 1, integer: true });
    this.#state = { lastEventId: lastEventId === undefined ? '' : checkEventId(lastEventId), retry: null };
  }

  /** Id of the last event that had one, `''` before. */
  get lastEventId(): string {
    return this.#state.lastEventId;
  }

  /** True when no event will follow. */
  get closed(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Ends the stream and its connection; a loop over it ends without an error. */
  close(): void {
    this.#end(null);
  }

  #end(failure: { readonly reason: unknown } | null): void {
    if (this.closed) return;
    this.#ending.abort();
    this.#host.onEnd(this, failure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /**
   * Connects when the first event is requested.
   *
   * @throws RequestError by code; ERR_PROTOCOL for a response that is not an event stream, with its status
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<ServerSentEvent, void, void> {
    if (this.#isTaken) throw new RequestError('ERR_INVALID_OPTION', 'an event stream is read by one loop');
    this.#isTaken = true;
    try {
      for (let wasOpen = false; !this.closed; wasOpen = true) {
        const response = await this.#settle(this.#connect(), wasOpen);
        this.#failures = response === null ? this.#failures + 1 : 0;
        if (response?.status === 204) return;
        if (response !== null) yield* this.#read(response);
        if (!this.#reconnects || this.closed) return;
        await this.#settle(this.#pause(), true);
      }
    } catch (reason) {
      this.#end({ reason });
      throw reason;
    } finally {
      this.close();
    }
  }

  /** The result of a step, `null` for a failure after which the stream reconnects. */
  async #settle<T>(step: Promise<T>, isOpen: boolean): Promise<T | null> {
    try {
      return await step;
    } catch (error) {
      if (this.closed) return null;
      // A stream in between may have wrapped the signal's reason in an Error. Invariant: abort is yours.
      own(this.#init, 'signal')?.throwIfAborted();
      const isPassing = passing.some((code) => isRequestError(error, code));
      if (isOpen && this.#reconnects && isPassing) return null;
      throw error;
    }
  }

  #signal(): AbortSignal {
    const given = own(this.#init, 'signal') ?? null;
    return given === null ? this.#ending.signal : AbortSignal.any([this.#ending.signal, given]);
  }

  async #connect(): Promise<SessionResponse> {
    const { lastEventId: _id, reconnectDelay: _delay, reconnect: _reconnect, ...init } = this.#init;
    const { entries, removed } = readHeaders(own(init, 'headers'));
    const said = new Set(entries.map(([name]) => name.toLowerCase()));
    const added: [string, string][] = [];
    if (!said.has('accept') && !removed.has('accept')) added.push(['Accept', 'text/event-stream']);
    // UTF-8, one character per byte, as header values are written.
    const id = Buffer.from(this.lastEventId).toString('latin1');
    if (id !== '') added.push(['Last-Event-ID', id]);
    const response = await this.#host.fetch({
      cache: 'no-store',
      destination: '',
      timeout: { total: false, headers: this.#host.headTimeout, connect: this.#host.headTimeout },
      ...init,
      headers: [...entries.filter(([name]) => name.toLowerCase() !== 'last-event-id'), ...added],
      signal: this.#signal(),
    });
    if (response.status === 204) return response;
    const type = response.headers.get('content-type') ?? '';
    if (response.status === 200 && /^\s*text\/event-stream\s*(;|$)/i.test(type)) return response;
    await response.body?.cancel();
    const url = redactUrl(new URL(response.url));
    const came = response.status === 200 ? `with content type ${JSON.stringify(type)}` : response.status;
    throw new RequestError('ERR_PROTOCOL', `The response is not an event stream (${came})`, {
      status: response.status,
      request: { method: init.method ?? 'GET', url },
    });
  }

  async *#read(response: SessionResponse): AsyncGenerator<ServerSentEvent, void, void> {
    const parser = new EventParser(this.#state, this.#maxEventBytes);
    const body = response.readable();
    const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#settle(chunks.next(), true);
        if (next === null || next.done === true) return;
        yield* parser.push(next.value);
        if (this.closed) return;
        if (!parser.isTooLarge) continue;
        const message = `an event is larger than maxBodyBytes (${this.#maxEventBytes})`;
        throw new RequestError('ERR_BODY_TOO_LARGE', message, { phase: 'body' });
      }
    } finally {
      body.destroy();
    }
  }

  async #pause(): Promise<void> {
    const wait = this.#wait();
    this.#host.onReconnect(wait);
    await delay(wait, undefined, { signal: this.#signal() });
  }

  /** HTML Standard, section 9.2.3: a client may wait longer than the reconnection time, especially after failures. */
  #wait(): number {
    const { retry } = this.#state;
    const asked = retry === null ? this.#delay : Math.max(retry, Math.min(shortestRetry, this.#delay));
    const backoff = asked * 2 ** Math.min(this.#failures - 1, 16);
    return Math.max(asked, Math.min(backoff, longestBackoff));
  }
}

function checkEventId(value: unknown): string {
  const id = checkString('lastEventId', value);
  if (isEventId(id)) return id;
  const message = 'lastEventId must be at most 4096 bytes without control characters: it is sent as a header';
  throw new RequestError('ERR_INVALID_OPTION', message);
}
