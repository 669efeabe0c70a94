import { inspect } from 'node:util';
import { isRequestError, redactUrl } from '../errors.ts';
import type { HeaderEntry } from '../http.ts';
import { maskHeader, maskHeaders, showMasked } from '../masking.ts';
import {
  type RawFields,
  type ReadHead,
  readRawFields,
  readSentHead,
  type SentHead,
} from '../transport/head/sent.ts';
import { plainTimings, type Timings } from '../transport/timings.ts';
import type {
  ObservedCall,
  ObservedConnection,
  ObservedExchange,
  ObservedFailure,
  ObservedRequest,
  ObservedResponse,
} from './observer.ts';

/** The URL for observers: without userinfo, which is sent as a header, and without fragment, which is not sent. */
export function observedUrl({ href, hash }: URL): string {
  return hash === '' ? href : href.slice(0, -hash.length);
}

let calls = 0;

/** The record of a call for observers. */
export class CallRecord implements ObservedCall {
  readonly id = ++calls;
  readonly sessionId: string;
  readonly kind: ObservedCall['kind'];
  readonly method: string;
  readonly url: string;
  readonly startedAt = Date.now();
  failure: ObservedFailure | null = null;

  constructor(sessionId: string, kind: ObservedCall['kind'], method: string, url: URL) {
    this.sessionId = sessionId;
    this.kind = kind;
    this.method = method;
    this.url = observedUrl(url);
  }

  /** For logs: without the values of queries. */
  toJSON(): object {
    const { id, sessionId, kind, method, startedAt } = this;
    return {
      ...{ id, sessionId, kind, method, url: shownUrl(this.url), startedAt },
      failure: shownFailure(this.failure),
    };
  }

  [inspect.custom](): object {
    return this.toJSON();
  }
}

/** The properties of an exchange that are known at its start. */
export interface ExchangeStart extends Pick<ObservedExchange, 'attempt' | 'hop' | 'isResent' | 'method'> {
  readonly url: URL;
  readonly times: Timings;
}

/** The record of an exchange for observers. */
export class ExchangeRecord implements ObservedExchange {
  readonly call: CallRecord;
  readonly attempt: number;
  readonly hop: number;
  readonly isResent: boolean;
  readonly method: string;
  readonly url: string;
  readonly startedAt = Date.now();
  connection: ObservedConnection | null = null;
  request: ObservedRequest | null = null;
  sentBytes = 0;
  response: ObservedResponse | null = null;
  receivedBytes = 0;
  trailers: readonly HeaderEntry[] = [];
  failure: ObservedFailure | null = null;
  readonly #times: Timings;

  constructor(call: CallRecord, { attempt, hop, isResent, method, url, times }: ExchangeStart) {
    this.call = call;
    this.attempt = attempt;
    this.hop = hop;
    this.isResent = isResent;
    this.method = method;
    this.url = observedUrl(url);
    this.#times = times;
  }

  get timings(): Timings {
    return plainTimings(this.#times);
  }

  /** For logs: cookies, credentials and the values of queries are masked. */
  toJSON(): object {
    const { attempt, hop, isResent, method, startedAt, connection, sentBytes, receivedBytes } = this;
    return {
      ...{ call: this.call.id, attempt, hop, isResent, method, url: shownUrl(this.url), startedAt },
      ...{ connection, request: this.request, sentBytes, response: this.response, receivedBytes },
      ...{ trailers: maskHeaders(this.trailers), timings: this.timings },
      failure: shownFailure(this.failure),
    };
  }

  [inspect.custom](): object {
    return this.toJSON();
  }
}

/** The head of a request for observers; it is parsed when it is read. */
export class RequestHeadRecord implements ObservedRequest {
  readonly method: string;
  readonly bodyLength: number | null;
  readonly #sent: SentHead;
  readonly #path: string;
  #read: ReadHead | null = null;

  /** @param path the target of the request line, where the head does not have it */
  constructor(method: string, bodyLength: number | null, sent: SentHead, path: string) {
    this.method = method;
    this.bodyLength = bodyLength;
    this.#sent = sent;
    this.#path = path;
  }

  get #head(): ReadHead {
    if (this.#read === null) {
      const { target, headers } = readSentHead(this.#sent);
      this.#read = { target, headers: showMasked(headers) };
    }
    return this.#read;
  }

  get target(): string {
    return this.#head.target ?? this.#path;
  }

  get headers(): readonly HeaderEntry[] {
    return this.#head.headers;
  }

  toJSON(): object {
    const { method, target, headers, bodyLength } = this;
    return { method, target: maskHeader(':path', target), headers: maskHeaders(headers), bodyLength };
  }

  [inspect.custom](): object {
    return this.toJSON();
  }
}

/** The head of a response for observers; its fields are assembled when they are read. */
export class ResponseHeadRecord implements ObservedResponse {
  readonly status: number;
  readonly statusText: string;
  readonly #fields: RawFields;
  #headers: readonly HeaderEntry[] | null = null;

  constructor(status: number, statusText: string, fields: RawFields) {
    this.status = status;
    this.statusText = statusText;
    this.#fields = fields;
  }

  get headers(): readonly HeaderEntry[] {
    this.#headers ??= showMasked(readRawFields(this.#fields));
    return this.#headers;
  }

  toJSON(): object {
    const { status, statusText, headers } = this;
    return { status, statusText, headers: maskHeaders(headers) };
  }

  [inspect.custom](): object {
    return this.toJSON();
  }
}

function shownUrl(url: string): string {
  return redactUrl(new URL(url));
}

/** Of the caller's own abort reason only the type is shown. */
function shownFailure(failure: ObservedFailure | null): object | null {
  if (failure === null) return null;
  const { reason } = failure;
  if (isRequestError(reason)) return { code: reason.code, message: reason.message };
  return { reason: reason instanceof Error ? reason.name : typeof reason };
}
