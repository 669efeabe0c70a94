import { checkDelay } from '../core/checks.ts';
import { RequestError } from '../core/errors.ts';
import type { Account } from './account.ts';
import { judge } from './account-outcomes.ts';
import { type AnswerWatch, type LiveSession, liveOf } from './live-session.ts';
import type { ResolvedPool } from './pool-options.ts';
import type { RegistrySession } from './registry-session.ts';

/** An account in use: its session, proxy, jar and browser are one identity. */
export interface AccountLease {
  readonly id: string;
  readonly session: RegistrySession;
  /** Aborted when the time limit of the lease ends, or when another process has taken the session. */
  readonly signal: AbortSignal;
  /** True once a response, `rest` or `markBad` has made the account rest or retire during this lease. */
  readonly isBlocked: boolean;
  /**
   * Lets the account rest for a number of milliseconds after the lease. Until then only other accounts are leased. A
   * response of 429 has the same effect.
   *
   * @throws RequestError ERR_INVALID_OPTION
   */
  rest(milliseconds: number): void;
  /** Retires the account: it is not leased again. */
  markBad(reason: string): void;
  /** Ends the lease. Further calls do nothing. */
  release(): void;
  [Symbol.dispose](): void;
}

/** The parts of a lease. */
export interface LeaseParts {
  readonly account: Account;
  readonly session: RegistrySession;
  /** Aborted when another process has taken the session. */
  readonly lost: AbortSignal | null;
  /** Ends the lease when no request is in progress. */
  readonly giveBack: () => void;
}

/** Creates the lease of an account, and watches the responses during the lease. */
export function createLease(
  { account, session, lost, giveBack }: LeaseParts,
  pool: ResolvedPool,
): AccountLease {
  const { leaseTimeout, clock } = pool;
  const over = new AbortController();
  const live = liveOf(session);
  let [isHeld, isBlocked] = [true, false];
  const block = (action: () => void): void => {
    isBlocked = true;
    action();
  };
  const watch: AnswerWatch = (response, error) => {
    const verdict = judge(pool.outcomes, response, error, live?.baseOrigin ?? null);
    if (verdict.kind === 'good') account.forgive();
    if (verdict.kind === 'bad') {
      block(() => {
        const rest = verdict.restAfter(account.blame(verdict.score));
        if (rest > 0) restFor(account, rest, verdict.reason, pool);
        tellEnd(account, pool);
      });
    }
    if (live !== undefined) noteStanding(account, live);
  };
  live?.watches.add(watch);
  const end = (): void => {
    cancel();
    live?.watches.delete(watch);
    giveBack();
  };
  const release = (): void => {
    if (!isHeld) return;
    isHeld = false;
    end();
  };
  const expire = (timeout: number): void => {
    isHeld = false;
    over.abort(new RequestError('ERR_TIMEOUT', `The lease of ${account.id} is over`, { timeout }));
    // Requests of this job must not run at the same time as those of the next job.
    if (live?.isBusy) void live.whenQuiet().then(end);
    else end();
  };
  const cancel =
    leaseTimeout === null ? () => {} : clock.schedule(() => isHeld && expire(leaseTimeout), leaseTimeout);
  return {
    id: account.id,
    session,
    signal: lost === null ? over.signal : AbortSignal.any([over.signal, lost]),
    get isBlocked() {
      return isBlocked;
    },
    rest: (milliseconds) => {
      const rest = checkDelay('rest', milliseconds);
      block(() => restFor(account, rest, 'rest', pool));
      if (live !== undefined) noteStanding(account, live);
    },
    markBad: (reason) => {
      block(() => account.retire(reason));
      tellEnd(account, pool);
      if (live !== undefined) noteStanding(account, live);
    },
    release,
    [Symbol.dispose]: release,
  };
}

function restFor(account: Account, milliseconds: number, reason: string, { onEvent }: ResolvedPool): void {
  account.rest(milliseconds);
  onEvent({ type: 'rest', id: account.id, reason, until: account.standing.restsUntil });
}

function tellEnd({ id, retired }: Account, { onEvent }: ResolvedPool): void {
  if (retired !== null) onEvent({ type: 'retire', id, reason: retired });
}

/** Saves the state of the account with its session, for other processes and the next one. */
export function noteStanding(account: Account, live: LiveSession): void {
  const { standing } = account;
  if (standing.changedAt === 0 || standing.changedAt <= (live.account?.changedAt ?? 0)) return;
  live.account = standing;
  live.noteworthy();
}
