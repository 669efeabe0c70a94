import { setTimeout as delay } from 'node:timers/promises';
import { checkBoolean, checkDelay, checkString, own } from '../checks.ts';
import { isRequestError, RequestError, type RequestErrorCode, redactUrl } from '../errors.ts';
import { readHeaders } from '../request/headers.ts';
import type { RequestInit } from '../request/init.ts';
import { optionTable } from '../request/option-table.ts';
import type { SessionResponse } from '../response/response.ts';
import { EventParser, type EventState, type ServerSentEvent } from './event-parser.ts';

/** What {@link Session.eventSource} takes: a request's options, and those of the stream. */
export interface EventStreamInit extends RequestInit {
  /** Where an earlier stream ended: told to the server with the first request. */
  readonly lastEventId?: string | undefined;
  /**
   * Milliseconds before a reconnect while the server has not named them.
   * @default 3000
   */
  readonly reconnectDelay?: number | undefined;
  /**
   * False: the end of the connection is the end of the stream.
   * @default true
   */
  readonly reconnect?: boolean | undefined;
}

/** What a session lends to its streams. */
export interface StreamHost {
  fetch(init: RequestInit): Promise<SessionResponse>;
  /** Milliseconds until the head of a response, where the call does not say. */
  readonly headTimeout: number | false;
  readonly maxEventBytes: number;
  /** Told once, when the stream is over. */
  onEnd(stream: EventStream): void;
}

/** What ended a connection that was good before, so that another may be as good. */
const passing: readonly RequestErrorCode[] = [
  'ERR_BODY_TRUNCATED',
  'ERR_CONNECT',
  'ERR_CONNECTION_LOST',
  'ERR_DNS',
  'ERR_PROXY',
  'ERR_TIMEOUT',
];

/**
 * Server-sent events as they come, over as many connections as it takes. Iterate over it once; leaving the loop ends
 * it. Its first connection must succeed; a later one that is lost is made anew with Last-Event-ID.
 */
export class EventStream implements AsyncIterable<ServerSentEvent>, AsyncDisposable {
  readonly #host: StreamHost;
  readonly #init: EventStreamInit;
  readonly #state: EventState;
  readonly #reconnects: boolean;
  readonly #delay: number;
  readonly #ending = new AbortController();
  #isTaken = false;

  /** Use {@link Session.eventSource}. */
  constructor(host: StreamHost, init: EventStreamInit) {
    this.#host = host;
    this.#init = init;
    const lastEventId = own(init, 'lastEventId');
    const reconnectDelay = own(init, 'reconnectDelay');
    this.#reconnects = checkBoolean('reconnect', own(init, 'reconnect') ?? optionTable.reconnect.default);
    this.#delay =
      reconnectDelay === undefined
        ? optionTable.reconnectDelay.default
        : checkDelay('reconnectDelay', reconnectDelay);
    this.#state = {
      lastEventId: lastEventId === undefined ? '' : checkString('lastEventId', lastEventId),
      retry: null,
    };
  }

  /** Identity of the last event that had one, `''` before. */
  get lastEventId(): string {
    return this.#state.lastEventId;
  }

  /** True when no event will follow. */
  get closed(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Ends the stream and its connection; a loop over it ends in order. */
  close(): void {
    if (this.closed) return;
    this.#ending.abort();
    this.#host.onEnd(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /**
   * Connects with the first event that is asked for.
   *
   * @throws RequestError by code; ERR_PROTOCOL for an answer that is no event stream, with its status
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<ServerSentEvent, void, void> {
    if (this.#isTaken) throw new RequestError('ERR_INVALID_OPTION', 'an event stream is read by one loop');
    this.#isTaken = true;
    try {
      for (let wasOpen = false; !this.closed; wasOpen = true) {
        const response = await this.#settle(this.#connect(), wasOpen);
        if (response?.status === 204) return;
        if (response != null) yield* this.#read(response);
        if (!this.#reconnects || this.closed) return;
        await this.#settle(this.#pause(), true);
      }
    } finally {
      this.close();
    }
  }

  /** The result of a step, `null` where it failed in a way that the stream outlives. */
  async #settle<T>(step: Promise<T>, isOpen: boolean): Promise<T | null> {
    try {
      return await step;
    } catch (error) {
      if (this.closed) return null;
      // The reason itself: a stream on the way may have made an Error of it. Invariant 3.
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
    const answer = response.status === 200 ? `with content type ${JSON.stringify(type)}` : response.status;
    throw new RequestError('ERR_PROTOCOL', `The answer is no event stream (${answer})`, {
      status: response.status,
      request: { method: init.method ?? 'GET', url },
    });
  }

  async *#read(response: SessionResponse): AsyncGenerator<ServerSentEvent, void, void> {
    const parser = new EventParser(this.#state, this.#host.maxEventBytes);
    const body = response.readable();
    const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#settle(chunks.next(), true);
        if (next === null || next.done === true) return;
        yield* parser.push(next.value);
        if (this.closed) return;
        if (!parser.isTooLarge) continue;
        const message = `an event is larger than maxBodyBytes (${this.#host.maxEventBytes})`;
        throw new RequestError('ERR_BODY_TOO_LARGE', message, { phase: 'body' });
      }
    } finally {
      body.destroy();
    }
  }

  async #pause(): Promise<void> {
    await delay(this.#state.retry ?? this.#delay, undefined, { signal: this.#signal() });
  }
}
