import { checkDelay, checkNumber, checkOptions, own } from '../checks.ts';
import { invalidOption, isRequestError, RequestError, type RequestErrorCode, redactUrl } from '../errors.ts';
import type { RawHeaders, RawResponse, ResolvedRequest, RetrySettings, Send, Stage } from '../pipeline.ts';

/** When a failed call is sent again. Off unless asked for, and always inside the call's total time. */
export interface RetryOptions {
  /**
   * Most times a call is sent again.
   * @default 2
   */
  readonly limit?: number | undefined;
  /**
   * Methods that may be sent twice.
   * @default GET, HEAD, OPTIONS, TRACE, PUT, DELETE (RFC 9110 section 9.2.2: idempotent)
   */
  readonly methods?: readonly string[] | undefined;
  /**
   * Answers that are tried again.
   * @default 408, 429, 500, 502, 503, 504
   */
  readonly statusCodes?: readonly number[] | undefined;
  /**
   * Milliseconds before the n-th retry (from 1) where the server names none; up to half is taken off by chance.
   * @default 1000 times 2 to the power of (n - 1), at most 30000
   */
  readonly backoff?: ((retry: number) => number) | undefined;
  /**
   * Longest Retry-After that is waited for, in milliseconds; for a longer one the answer is returned as it is.
   * @default 60000
   */
  readonly maxRetryAfter?: number | undefined;
}

const keys: ReadonlySet<string> = new Set(['limit', 'methods', 'statusCodes', 'backoff', 'maxRetryAfter']);

const defaults: RetrySettings = {
  limit: 2,
  methods: new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']),
  statusCodes: new Set([408, 429, 500, 502, 503, 504]),
  backoff: (retry) => Math.min(1000 * 2 ** (retry - 1), 30_000),
  maxRetryAfter: 60_000,
};

/** Failures of the way, not of the request. A timeout is not among them: its time is over. */
const passingFailures: ReadonlySet<RequestErrorCode> = new Set([
  'ERR_CONNECT',
  'ERR_CONNECTION_LOST',
  'ERR_DNS',
  'ERR_PROXY',
]);

/**
 * Checks the `retry` option: `false` or nothing is none, `true` the defaults.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveRetry(input: RetryOptions | boolean): RetrySettings | null {
  if (input === false) return null;
  if (input === true) return defaults;
  checkOptions(input, 'retry', keys);
  const limit = own(input, 'limit');
  const backoff = own(input, 'backoff');
  const maxRetryAfter = own(input, 'maxRetryAfter');
  if (backoff !== undefined && typeof backoff !== 'function') {
    throw invalidOption('retry.backoff', 'a function of the number of the retry', backoff);
  }
  return {
    limit:
      limit === undefined ? defaults.limit : checkNumber('retry.limit', limit, { least: 0, integer: true }),
    methods: checkList('retry.methods', own(input, 'methods'), 'string') ?? defaults.methods,
    statusCodes: checkList('retry.statusCodes', own(input, 'statusCodes'), 'number') ?? defaults.statusCodes,
    backoff: backoff ?? defaults.backoff,
    maxRetryAfter: maxRetryAfter === undefined ? defaults.maxRetryAfter : checkRetryAfter(maxRetryAfter),
  };
}

function checkRetryAfter(value: number): number {
  checkNumber('retry.maxRetryAfter', value, { least: 0, integer: false });
  return value === 0 ? 0 : checkDelay('retry.maxRetryAfter', value);
}

function checkList<T>(
  name: string,
  value: readonly T[] | undefined,
  type: string,
): ReadonlySet<T> | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((item) => typeof item === type)) {
    throw invalidOption(name, `an array of ${type}s`, value);
  }
  return new Set(value);
}

/**
 * Origins that asked to be left alone for a time (429 or 503 with Retry-After). Of one session: what one call was
 * told holds for the others.
 */
export class OriginHolds {
  readonly #until = new Map<string, number>();

  hold(origin: string, milliseconds: number): void {
    const until = performance.now() + milliseconds;
    this.#until.set(origin, Math.max(until, this.#until.get(origin) ?? 0));
  }

  /** Milliseconds until `origin` may be asked again; 0 for at once. */
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
  request: ResolvedRequest,
  settings: RetrySettings,
  holds: OriginHolds,
  next: Send,
): Promise<RawResponse> {
  const isRepeatable = settings.methods.has(request.method) && request.body?.kind !== 'stream';
  for (let retry = 1; ; retry++) {
    await waitForHold(request, holds.remaining(request.url.origin));
    const outcome = await outcomeOf(next(request));
    if (outcome.asked !== null) holds.hold(outcome.origin, Math.min(outcome.asked, settings.maxRetryAfter));
    const wait = isRepeatable && retry <= settings.limit ? waitBefore(retry, outcome, settings) : null;
    // Nobody is served by waiting longer than the call may take.
    if (wait === null || wait >= request.deadline.remaining()) {
      if (outcome.response === null) throw outcome.error;
      return outcome.response;
    }
    outcome.response?.body?.discard();
    await pause(request, wait);
  }
}

async function waitForHold(request: ResolvedRequest, held: number): Promise<void> {
  if (held <= 0) return;
  if (held < request.deadline.remaining()) return pause(request, held);
  const message = `The origin asked to be left alone for ${Math.ceil(held)} ms more (Retry-After), longer than the call may take`;
  const { method, url } = request;
  throw new RequestError('ERR_TIMEOUT', message, {
    phase: 'queue',
    request: { method, url: redactUrl(url) },
  });
}

interface Outcome {
  readonly response: RawResponse | null;
  readonly error: unknown;
  readonly origin: string;
  /** Milliseconds that the server asked to be left alone. */
  readonly asked: number | null;
}

async function outcomeOf(sent: Promise<RawResponse>): Promise<Outcome> {
  try {
    const response = await sent;
    const asked = retryAfter(response.status, response.headers);
    return { response, error: undefined, origin: response.url.origin, asked };
  } catch (error) {
    return { response: null, error, origin: '', asked: null };
  }
}

/** Milliseconds until the next try; `null` when the outcome stands. */
function waitBefore(retry: number, outcome: Outcome, settings: RetrySettings): number | null {
  const { response, error, asked } = outcome;
  const isPassing =
    response === null
      ? isRequestError(error) && passingFailures.has(error.code)
      : settings.statusCodes.has(response.status);
  if (!isPassing) return null;
  const wait = asked ?? jittered(settings.backoff(retry));
  return asked !== null && asked > settings.maxRetryAfter ? null : wait;
}

function jittered(milliseconds: number): number {
  return milliseconds * (1 - Math.random() / 2);
}

/** RFC 9110 section 10.2.3: seconds or a date; anything else says nothing. */
export function retryAfter(status: number, headers: RawHeaders, now: number = Date.now()): number | null {
  const value = headers['retry-after'];
  if (typeof value !== 'string' || (status !== 429 && status !== 503)) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = /^[A-Z][a-z]{2,8}, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Waits, unless the call's time runs out or its caller gives up first. */
async function pause({ deadline }: ResolvedRequest, milliseconds: number): Promise<void> {
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
