import {
  isRequestError,
  RequestError,
  type RequestErrorCode,
  type RequestPhase,
  redactUrl,
} from '../errors.ts';
import { trimBlanks } from '../header-text.ts';
import type { RawHeaders } from '../http.ts';
import type { RetrySettings } from '../request/retry-options.ts';
import type { RawResponse } from '../response/raw.ts';
import type { CallRequest, Send, Stage } from './pipeline.ts';
import type { CallWatch } from './watch.ts';

/** Failures of the connection, not of the request. */
const passingFailures: ReadonlySet<RequestErrorCode> = new Set([
  'ERR_CONNECT',
  'ERR_CONNECTION_LOST',
  'ERR_DNS',
  'ERR_PROXY',
]);

/**
 * Phases before the request is sent. A limit that runs out in one of them is a failed connection. In the other phases
 * the server has the request, and had the time that the caller allows.
 */
const connectPhases: ReadonlySet<RequestPhase | undefined> = new Set<RequestPhase>([
  ...(['queue', 'connect', 'tls', 'proxy'] as const),
]);

/**
 * Origins that require a pause (429 or 503 with Retry-After). One list for a session: a pause that was required of
 * one call applies to the others.
 */
export class OriginHolds {
  readonly #until = new Map<string, number>();

  hold(origin: string, milliseconds: number): void {
    const until = performance.now() + milliseconds;
    this.#until.set(origin, Math.max(until, this.#until.get(origin) ?? 0));
  }

  /** Milliseconds until `origin` may get another request; 0 for at once. */
  remaining(origin: string): number {
    const until = this.#until.get(origin);
    if (until === undefined) return 0;
    const left = until - performance.now();
    if (left > 0) return left;
    this.#until.delete(origin);
    return 0;
  }
}

/** The stage that sends a call again, once per call and outside its redirects. */
export function withRetry(holds: OriginHolds): Stage {
  return (next) => (request) => {
    const { retry } = request.settings;
    return retry === null ? next(request) : sendWithRetry(request, retry, holds, next);
  };
}

async function sendWithRetry(
  request: CallRequest,
  settings: RetrySettings,
  holds: OriginHolds,
  next: Send,
): Promise<RawResponse> {
  const isRepeatable = settings.methods.has(request.method) && request.body?.kind !== 'stream';
  for (let retry = 1, attempt = request.attempt; ; retry++, attempt++) {
    await waitForHold(request, holds.remaining(request.url.origin));
    const outcome = await outcomeOf(next({ ...request, attempt }));
    if (outcome.asked !== null) holds.hold(outcome.origin, Math.min(outcome.asked, settings.maxRetryAfter));
    const wait = isRepeatable && retry <= settings.limit ? waitBefore(retry, outcome, settings) : null;
    // A wait that ends after the call's time limit is of no use.
    if (wait === null || wait >= request.deadline.remaining() || !request.deadline.recover()) {
      if (outcome.response === null) throw outcome.error;
      return outcome.response;
    }
    giveUp(outcome, attempt + 1, wait, request.watch);
    await pause(request, wait);
  }
}

/** @param attempt number of the next try */
function giveUp(
  { response, error }: AttemptOutcome,
  attempt: number,
  wait: number,
  watch: CallWatch | null,
): void {
  response?.body?.discard();
  watch?.retry({ attempt, wait, status: response?.status ?? null, error: error ?? null });
}

async function waitForHold(request: CallRequest, held: number): Promise<void> {
  if (held <= 0) return;
  if (held < request.deadline.remaining()) return pause(request, held);
  const { method, url } = request;
  const wait = Math.ceil(held);
  const message = `${url.origin} requires a pause of ${wait} ms (Retry-After), longer than this call may take`;
  throw new RequestError('ERR_RATE_LIMITED', message, {
    phase: 'queue',
    request: { method, url: redactUrl(url) },
    retryAfter: wait,
  });
}

interface AttemptOutcome {
  readonly response: RawResponse | null;
  readonly error: unknown;
  readonly origin: string;
  /** Milliseconds of the pause that the server requires. */
  readonly asked: number | null;
}

async function outcomeOf(sent: Promise<RawResponse>): Promise<AttemptOutcome> {
  try {
    const response = await sent;
    const asked = retryAfter(response.status, response.headers);
    return { response, error: undefined, origin: response.url.origin, asked };
  } catch (error) {
    return { response: null, error, origin: '', asked: null };
  }
}

/** Milliseconds until the next try; `null` when there is none. */
function waitBefore(retry: number, outcome: AttemptOutcome, settings: RetrySettings): number | null {
  const { response, error, asked } = outcome;
  const isPassing =
    response === null
      ? isRequestError(error) && isPassingFailure(error)
      : settings.statusCodes.has(response.status);
  if (!isPassing) return null;
  const wait = asked ?? jittered(settings.backoff(retry));
  return asked !== null && asked > settings.maxRetryAfter ? null : wait;
}

function isPassingFailure({ code, phase }: RequestError): boolean {
  return passingFailures.has(code) || (code === 'ERR_TIMEOUT' && connectPhases.has(phase));
}

function jittered(milliseconds: number): number {
  return milliseconds * (1 - Math.random() / 2);
}

/** RFC 9110 section 10.2.3: seconds or a date. Anything else is ignored. */
export function retryAfter(status: number, headers: RawHeaders, now: number = Date.now()): number | null {
  const field = headers['retry-after'];
  if (typeof field !== 'string' || (status !== 429 && status !== 503)) return null;
  const value = trimBlanks(field);
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = /^[A-Z][a-z]{2,8}, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Waits, unless the call's time runs out or its caller aborts first. */
async function pause({ deadline }: CallRequest, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await deadline.during(slept);
  } finally {
    clearTimeout(timer);
  }
}
