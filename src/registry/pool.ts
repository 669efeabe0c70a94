import { checkDelay, checkNumber, checkOneOf, checkOptions, maxTimerDelay, ownCopy } from '../core/checks.ts';
import { invalidOption, RequestError } from '../core/errors.ts';
import { Account, type AccountInfo, type AccountInput } from './account.ts';
import { AccountQueue } from './account-queue.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Registry } from './registry.ts';
import type { RegistrySession } from './registry-session.ts';
import { resolveWait } from './session-lease.ts';

/** Options of {@link createPool}. Times are milliseconds. */
export interface PoolOptions {
  /** Ids of sessions of the registry, or ids with the options they are created with. */
  readonly accounts: readonly AccountInput[];
  /**
   * Jobs that may use one account at the same time.
   * @default 1
   */
  readonly perAccount?: number | undefined;
  /**
   * Which free account is next: the one that was used `least`, the one `longest` ago, or a `random` one.
   * @default 'longest'
   */
  readonly rotate?: 'least' | 'longest' | 'random' | undefined;
  /** Jobs after which an account is retired. @default no limit */
  readonly maxUses?: number | undefined;
  /** Time after its first job at which an account is retired. @default no limit */
  readonly maxAge?: number | undefined;
  /** Longest time of one job; then it fails with ERR_TIMEOUT and its account is free. @default no limit */
  readonly leaseTimeout?: number | undefined;
  /** Where time comes from; for tests. @default the system's */
  readonly clock?: Clock | undefined;
}

/** An account in use: session, proxy, jar and browser are one identity. */
export interface Lease {
  readonly id: string;
  readonly session: RegistrySession;
  /** Aborted when the lease's time is over. */
  readonly signal: AbortSignal;
  /**
   * Lets the account rest for so many milliseconds once it is given back, as a site asks for with 429 and Retry-After:
   * nobody gets it before, and other accounts go on.
   *
   * @throws RequestError ERR_INVALID_OPTION
   */
  rest(milliseconds: number): void;
  /** Retires the account: nobody gets it any more. */
  markBad(reason: string): void;
  /** Gives the account back; once is enough. */
  release(): void;
  [Symbol.dispose](): void;
}

/** Options of {@link Pool.lease}. */
export interface PoolLeaseOptions {
  /**
   * Longest wait for a free account in milliseconds; then ERR_TIMEOUT.
   * @default no limit
   */
  readonly wait?: number | undefined;
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a run is. */
export interface PoolProgress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  /** Jobs that ended in a second, on average so far. */
  readonly perSecond: number;
}

/** Options of {@link Pool.run}. */
export interface RunOptions {
  /** Most jobs at the same time. @default as many as the accounts allow */
  readonly concurrency?: number | undefined;
  /** Called after each job. */
  readonly onProgress?: ((progress: PoolProgress) => void) | undefined;
}

const poolKeys: ReadonlySet<string> = new Set([
  ...['accounts', 'perAccount', 'rotate', 'maxUses', 'maxAge', 'leaseTimeout', 'clock'],
]);
const leaseKeys: ReadonlySet<string> = new Set(['wait', 'signal']);
const runKeys: ReadonlySet<string> = new Set(['concurrency', 'onProgress']);

/**
 * Creates a pool: jobs lease one account's session each, and whole identities rotate. The sessions stay the registry's.
 *
 * @throws RequestError ERR_INVALID_OPTION
 * @example
 * const pool = createPool(registry, { accounts: ['ada', 'bob'] });
 * const results = await pool.run(urls, async (session, url) => (await session.fetch(url)).text());
 */
export function createPool(registry: Registry, options: PoolOptions): Pool {
  return new Pool(registry, options);
}

const noLimits: PoolLeaseOptions = {};

/** Accounts that jobs share. */
export class Pool {
  readonly #registry: Registry;
  readonly #accounts: readonly Account[];
  readonly #leaseTimeout: number | null;
  readonly #clock: Clock;
  readonly #queue: AccountQueue;

  /** Use {@link createPool}. @internal */
  constructor(registry: Registry, given: PoolOptions) {
    checkOptions(given, 'Pool options', poolKeys);
    const options = ownCopy('Pool options', given);
    const { accounts, perAccount = 1, rotate = 'longest', leaseTimeout, clock = systemClock } = options;
    if (!Array.isArray(accounts) || accounts.length === 0) {
      throw invalidOption('accounts', 'a list of ids that is not empty', accounts);
    }
    const limits = {
      perAccount: count('perAccount', perAccount),
      maxUses: count('maxUses', options.maxUses),
      maxAge: options.maxAge === undefined ? Number.POSITIVE_INFINITY : checkDelay('maxAge', options.maxAge),
    };
    this.#registry = registry;
    this.#accounts = accounts.map((account) => new Account(account, limits));
    if (new Set(this.#accounts.map(({ id }) => id)).size < accounts.length) {
      throw new RequestError('ERR_INVALID_OPTION', 'accounts must have different ids');
    }
    const order = checkOneOf('rotate', rotate, ['least', 'longest', 'random']);
    this.#leaseTimeout = leaseTimeout === undefined ? null : checkDelay('leaseTimeout', leaseTimeout);
    this.#clock = clock;
    this.#queue = new AccountQueue(this.#accounts, order, clock);
  }

  /** What became of each account. */
  get accounts(): AccountInfo[] {
    return this.#accounts.map((account) => account.info());
  }

  /**
   * Leases an account, waiting for one where all are in use or rest.
   *
   * @throws RequestError ERR_NO_ACCOUNT when all are retired, ERR_TIMEOUT, ERR_POOL_CLOSED, and what `getOrCreate`
   *   throws; the reason of the signal
   */
  async lease(options: PoolLeaseOptions = noLimits): Promise<Lease> {
    checkOptions(options, 'Lease options', leaseKeys);
    const { wait, signal } = ownCopy('Lease options', options);
    const limits = resolveWait({ wait: wait ?? maxTimerDelay, signal });
    limits.signal?.throwIfAborted();
    const account = await (options === noLimits ? this.#queue.take() : this.#queue.takeInTime(limits));
    try {
      const session = await this.#registry.getOrCreate(account.id, account.options);
      return this.#leaseOf(account, session);
    } catch (error) {
      this.#queue.giveBack(account);
      throw error;
    }
  }

  #leaseOf(account: Account, session: RegistrySession): Lease {
    const over = new AbortController();
    const timeout = this.#leaseTimeout;
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      cancel();
      this.#queue.giveBack(account);
    };
    const expire = (): void => {
      over.abort(
        new RequestError('ERR_TIMEOUT', `The lease of ${account.id} is over`, { timeout: timeout ?? 0 }),
      );
      release();
    };
    const cancel = timeout === null ? () => {} : this.#clock.schedule(expire, timeout);
    return {
      id: account.id,
      session,
      signal: over.signal,
      rest: (milliseconds) => account.rest(this.#clock.monotonic() + checkDelay('rest', milliseconds)),
      markBad: (reason) => account.retire(reason),
      release,
      [Symbol.dispose]: release,
    };
  }

  /**
   * Runs `fn` for every item, each with an account of its own for that time. A job that fails stops no other.
   *
   * @returns what became of the items, in their order
   * @throws RequestError ERR_INVALID_OPTION
   */
  async run<Item, Result>(
    items: Iterable<Item>,
    fn: (session: RegistrySession, item: Item, lease: Lease) => Promise<Result> | Result,
    options: RunOptions = {},
  ): Promise<PromiseSettledResult<Awaited<Result>>[]> {
    checkOptions(options, 'Run options', runKeys);
    const { concurrency, onProgress } = ownCopy('Run options', options);
    const all = [...items];
    const queue = all.entries();
    const most = Math.min(count('concurrency', concurrency), all.length);
    const results: PromiseSettledResult<Awaited<Result>>[] = [];
    const report = this.#reporter(all.length, onProgress);
    const work = async (): Promise<void> => {
      for (const [index, item] of queue) {
        const [result] = await Promise.allSettled([this.#job((lease) => fn(lease.session, item, lease))]);
        results[index] = result;
        report(result.status === 'fulfilled');
      }
    };
    await Promise.all(Array.from({ length: most }, work));
    return results;
  }

  async #job<Result>(fn: (lease: Lease) => Promise<Result> | Result): Promise<Awaited<Result>> {
    const lease = await this.lease();
    const { signal } = lease;
    const over = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    try {
      return await Promise.race([fn(lease), over]);
    } finally {
      lease.release();
    }
  }

  #reporter(total: number, onProgress: RunOptions['onProgress']): (isGood: boolean) => void {
    const start = this.#clock.monotonic();
    let [done, failed] = [0, 0];
    return (isGood) => {
      if (isGood) done++;
      else failed++;
      const seconds = (this.#clock.monotonic() - start) / 1000;
      onProgress?.({ done, failed, total, perSecond: seconds > 0 ? (done + failed) / seconds : 0 });
    };
  }

  /** Ends the pool: who waits is refused with ERR_POOL_CLOSED, leases run to their end. Sessions stay open. */
  close(): Promise<void> {
    return this.#queue.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function count(name: string, value: number | undefined): number {
  return value === undefined
    ? Number.POSITIVE_INFINITY
    : checkNumber(name, value, { least: 1, integer: true });
}
