import { maxTimerDelay } from '../core/checks.ts';
import { RequestError } from '../core/errors.ts';
import type { Account } from './account.ts';
import type { Clock } from './clock.ts';
import type { WaitLimits } from './session-lease.ts';

interface Waiter {
  readonly resolve: (account: Account) => void;
  readonly reject: (error: RequestError) => void;
}

/** The jobs of a pool that wait for an account, in the order in which they came. */
export class AccountQueue {
  readonly #accounts: readonly Account[];
  readonly #rotate: 'least' | 'longest' | 'random';
  readonly #clock: Clock;
  readonly #waiting: Waiter[] = [];
  #leases = 0;
  #turn = 0;
  #drained: (() => void) | null = null;
  /** Forgets the time at which the first account has rested. */
  #stopWaking: () => void = () => {};
  #closing: Promise<void> | undefined;

  constructor(accounts: readonly Account[], rotate: 'least' | 'longest' | 'random', clock: Clock) {
    this.#accounts = accounts;
    this.#rotate = rotate;
    this.#clock = clock;
  }

  async takeInTime({ wait, signal }: WaitLimits): Promise<Account> {
    const taken = this.take();
    const waiter = this.#waiting.at(-1);
    const { promise: given, reject } = Promise.withResolvers<never>();
    const giveUp = (reason: unknown): void => {
      const place = waiter === undefined ? -1 : this.#waiting.indexOf(waiter);
      // One that was served meanwhile has its account.
      if (place < 0) return;
      this.#waiting.splice(place, 1);
      reject(reason);
    };
    const onAbort = (): void => giveUp(signal?.reason);
    const message = `No account was free within ${wait} ms`;
    const late = (): void => giveUp(new RequestError('ERR_TIMEOUT', message, { timeout: wait }));
    const cancel = this.#clock.schedule(late, wait);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([taken, given]);
    } finally {
      cancel();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  take(): Promise<Account> {
    if (this.#closing !== undefined) return Promise.reject(poolClosed());
    const free = this.#next();
    if (free !== null) return Promise.resolve(this.#occupy(free));
    const wait = new Promise<Account>((resolve, reject) => void this.#waiting.push({ resolve, reject }));
    this.#serve();
    return wait;
  }

  /** The free account whose turn it is; `null` when all are in use. */
  #next(): Account | null {
    const now = this.#clock.monotonic();
    const free = this.#accounts.filter((account) => account.isFree(now));
    if (this.#rotate === 'random') return free[Math.floor(Math.random() * free.length)] ?? null;
    const key = this.#rotate === 'least' ? 'uses' : 'lastTurn';
    return free.reduce<Account | null>(
      (best, one) => (best === null || one[key] < best[key] ? one : best),
      null,
    );
  }

  #occupy(account: Account): Account {
    this.#leases++;
    account.begin(this.#clock.monotonic(), ++this.#turn);
    return account;
  }

  giveBack(account: Account): void {
    this.#leases--;
    account.end();
    this.#serve();
    if (this.#leases === 0) this.#drained?.();
  }

  /** Gives free accounts to who waits, in order; all are refused when no account will ever be free. */
  #serve(): void {
    while (this.#waiting.length > 0) {
      const account = this.#next();
      if (account === null) break;
      this.#waiting.shift()?.resolve(this.#occupy(account));
    }
    const now = this.#clock.monotonic();
    if (this.#accounts.some((account) => account.isAlive(now))) {
      this.#wakeLater(now);
      return;
    }
    const error = new RequestError(
      'ERR_NO_ACCOUNT',
      `No account is left: ${this.#accounts.length} are retired`,
    );
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }

  /** Serves who waits when the first account has rested. */
  #wakeLater(now: number): void {
    this.#stopWaking();
    if (this.#waiting.length === 0) return;
    const next = this.#accounts.reduce(
      (earliest, account) => Math.min(earliest, account.wakesOn(now)),
      Number.POSITIVE_INFINITY,
    );
    if (next !== Number.POSITIVE_INFINITY)
      this.#stopWaking = this.#clock.schedule(() => this.#serve(), Math.min(next - now, maxTimerDelay));
  }

  /** Refuses who waits; resolves when all accounts are given back. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopWaking();
    for (const waiter of this.#waiting.splice(0)) waiter.reject(poolClosed());
    if (this.#leases === 0) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }
}

function poolClosed(): RequestError {
  return new RequestError('ERR_POOL_CLOSED', 'Pool has been closed');
}
