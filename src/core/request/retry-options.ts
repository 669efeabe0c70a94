import { checkDelay, checkNumber, checkOptions, own } from '../checks.ts';
import { invalidOption } from '../errors.ts';
import { idempotentMethods } from '../http.ts';
/** When a call is sent again; see the option `retry`. */
export interface RetrySettings {
  readonly limit: number;
  readonly methods: ReadonlySet<string>;
  readonly statusCodes: ReadonlySet<number>;
  readonly backoff: (retry: number) => number;
  readonly maxRetryAfter: number;
}

/** When a failed call is sent again. Off by default, and always within the call's total time limit. */
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
   * Statuses of responses after which the call is sent again.
   * @default 408, 429, 500, 502, 503, 504
   */
  readonly statusCodes?: readonly number[] | undefined;
  /**
   * Milliseconds before the n-th retry (from 1) where the server sets none; a random part of up to half is
   * subtracted.
   * @default 1000 times 2 to the power of (n - 1), at most 30000
   */
  readonly backoff?: ((retry: number) => number) | undefined;
  /**
   * Longest Retry-After that is waited for, in milliseconds; for a longer one the response is returned as it is.
   * @default 60000
   */
  readonly maxRetryAfter?: number | undefined;
}

const defaults: RetrySettings = {
  limit: 2,
  methods: idempotentMethods,
  statusCodes: new Set([408, 429, 500, 502, 503, 504]),
  backoff: (retry) => Math.min(1000 * 2 ** (retry - 1), 30_000),
  maxRetryAfter: 60_000,
};

const keys: ReadonlySet<string> = new Set(Object.keys(defaults));

/**
 * Checks the `retry` option: `false` or nothing means no retries, `true` the defaults.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveRetry(given: unknown): RetrySettings | null {
  if (given === false) return null;
  if (given === true) return defaults;
  if (typeof given !== 'object' || given === null) {
    throw invalidOption('retry', 'true, false or an object such as { limit: 2 }', given);
  }
  checkOptions(given, 'retry', keys);
  const input: RetryOptions = given;
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
