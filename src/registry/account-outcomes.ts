import { checkNumber, checkOptions, maxTimerDelay, ownCopy } from '../core/checks.ts';
import { invalidOption, isRequestError, type RequestErrorCode } from '../core/errors.ts';
import { retryAfter } from '../core/flow/retry.ts';
import type { SessionResponse } from '../core/response/response.ts';
import { hostFacts } from '../core/sites.ts';

/** The effect of a response or an error on the account. */
export interface AccountOutcome {
  /**
   * Milliseconds for which the account rests: doubled with each such response in a row, up to an hour. A longer
   * Retry-After of the response takes precedence.
   * @default 0
   */
  readonly rest?: number | undefined;
  /**
   * Added to the account's score, which retires it at `maxScore`.
   * @default 0
   */
  readonly score?: number | undefined;
}

/** Outcomes by status of the response or code of the error; `null` has no effect on the account. */
export type AccountOutcomes = Readonly<Partial<Record<number | RequestErrorCode, AccountOutcome | null>>>;

/** An outcome, complete. */
export interface ResolvedOutcome {
  readonly rest: number;
  readonly score: number;
}

/** Longest rest of an outcome, in milliseconds. */
const longestRest = 3_600_000;

const refused: AccountOutcome = { rest: 600_000, score: 1 };

/**
 * The default outcomes. 429 does not concern the account's standing, so any number of them does not retire it. A
 * refusal can concern only one page, so several in a row are needed.
 */
const usual: AccountOutcomes = {
  401: refused,
  403: refused,
  429: { rest: 60_000 },
  // Only by its Retry-After.
  503: {},
  ERR_LOGIN_FAILED: refused,
  ERR_PROXY: { rest: 30_000 },
  ERR_PROXY_AUTH: { rest: 600_000 },
};

const keys: ReadonlySet<string> = new Set(['rest', 'score']);

/**
 * The outcomes to apply, by status or code.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveOutcomes(given: AccountOutcomes): ReadonlyMap<string, ResolvedOutcome> {
  const all = { ...usual, ...ownCopy('outcomes', given) };
  const resolved = new Map<string, ResolvedOutcome>();
  for (const [key, outcome] of Object.entries(all)) {
    if (!/^(?:[1-5]\d\d|ERR_[A-Z_]+)$/.test(key))
      throw invalidOption('outcomes', 'by status, such as 429, or by code, such as ERR_PROXY', key);
    if (outcome == null) continue;
    checkOptions(outcome, `outcomes[${key}]`, keys);
    const { rest = 0, score = 0 } = ownCopy(`outcomes[${key}]`, outcome);
    resolved.set(key, {
      rest: checkNumber(`outcomes[${key}].rest`, rest, { least: 0, integer: false }),
      score: checkNumber(`outcomes[${key}].score`, score, { least: 0, integer: false }),
    });
  }
  return resolved;
}

/** The result of a call, as the account's outcomes need it. */
export type Verdict =
  | { readonly kind: 'good' }
  | { readonly kind: 'neither' }
  | {
      readonly kind: 'bad';
      /** The status or code. */
      readonly reason: string;
      readonly score: number;
      /** @param failures the number in a row, this one included */
      restAfter(failures: number): number;
    };

/**
 * Judges how a call ended.
 *
 * @param home the origin of the account's `baseUrl`: responses of other sites are ignored; `null` counts all
 */
export function judge(
  outcomes: ReadonlyMap<string, ResolvedOutcome>,
  response: SessionResponse | null,
  error: unknown,
  home: string | null,
): Verdict {
  if (response !== null && !isOfSite(response.url, home)) return { kind: 'neither' };
  const reason = response === null ? codeOf(error) : String(response.status);
  const outcome = outcomes.get(reason);
  if (outcome === undefined) {
    const isGood = response !== null && response.status < 400;
    return { kind: isGood ? 'good' : 'neither' };
  }
  const field = response?.headers.get('retry-after') ?? undefined;
  const asked = response === null ? 0 : (retryAfter(response.status, { 'retry-after': field }) ?? 0);
  const { rest, score } = outcome;
  if (rest === 0 && score === 0 && asked === 0) return { kind: 'neither' };
  const restAfter = (failures: number): number => {
    const own = Math.min(rest * 2 ** Math.min(failures - 1, 30), Math.max(rest, longestRest));
    return Math.min(Math.max(own, asked), maxTimerDelay);
  };
  return { kind: 'bad', reason, score, restAfter };
}

/** A login that failed because of its connection counts as a failure of the connection. */
function codeOf(error: unknown): string {
  if (!isRequestError(error)) return '';
  return error.code === 'ERR_LOGIN_FAILED' && isRequestError(error.cause) ? error.cause.code : error.code;
}

function isOfSite(url: string, home: string | null): boolean {
  const own = URL.parse(home ?? '');
  const other = URL.parse(url);
  if (own === null || other === null) return true;
  return hostFacts(own.hostname).site === hostFacts(other.hostname).site;
}
