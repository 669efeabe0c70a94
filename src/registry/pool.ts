import { checkOptions, maxTimerDelay, ownCopy } from '../core/checks.ts';
import { isRequestError, RequestError } from '../core/errors.ts';
import { Account, type AccountInfo, type AccountInput } from './account.ts';
import { type AccountLease, createLease, type LeaseParts, noteStanding } from './account-lease.ts';
import { AccountQueue } from './account-queue.ts';
import { liveOf } from './live-session.ts';
import { type PoolOptions, type ResolvedPool, resolvePool } from './pool-options.ts';
import { type Job, type LeaseSource, type RunOptions, runJobs } from './pool-run.ts';
import { createLanes, type ProxyLane } from './proxy-lane.ts';
import { clockOf, type Registry } from './registry.ts';
import { resolveWait, type WaitLimits } from './session-lease.ts';
import { StoreRest } from './store-rest.ts';

/** Options of {@link Pool.lease}. */
export interface PoolLeaseOptions {
  /** Waits only for this account. @default the next free one */
  readonly id?: string | undefined;
  /**
   * Longest wait for a free account in milliseconds; then ERR_TIMEOUT.
   * @default no limit
   */
  readonly wait?: number | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

const leaseKeys: ReadonlySet<string> = new Set(['id', 'wait', 'signal']);

/** Milliseconds before an account that another process holds is tried again. */
const busyPause = 250;

/**
 * Creates a pool: jobs lease one account's session each, with its whole identity. The sessions stay in the registry.
 *
 * @throws RequestError ERR_INVALID_OPTION
 * @example
 * const pool = createPool(registry, { accounts: ['ada', 'bob'] });
 * const results = await pool.run(urls, async (session, url) => (await session.fetch(url)).text());
 */
export function createPool(registry: Registry, options: PoolOptions): Pool {
  return new Pool(registry, options);
}

/** Accounts that jobs share. */
export class Pool {
  readonly #registry: Registry;
  readonly #options: ResolvedPool;
  readonly #accounts = new Map<string, Account>();
  readonly #queue: AccountQueue;
  readonly #laneOf: (proxy: unknown) => ProxyLane | null;
  readonly #rest: StoreRest;
  #given = 0;

  /** Use {@link createPool}. @internal */
  constructor(registry: Registry, given: PoolOptions) {
    this.#options = resolvePool(given, clockOf(registry));
    this.#registry = registry;
    this.#rest = new StoreRest(() => registry.ping(), this.#options.clock);
    this.#laneOf = createLanes(this.#options.lanes);
    this.#queue = new AccountQueue(this.#options.rotate, this.#options.clock);
    for (const account of this.#options.accounts) this.#add(account);
  }

  /** The state of each account. */
  get accounts(): AccountInfo[] {
    return [...this.#accounts.values()].map((account) => account.info());
  }

  /**
   * Adds an account; a waiting job gets it.
   *
   * @throws RequestError ERR_INVALID_OPTION for an account that the pool has already
   */
  add(account: AccountInput): void {
    const { id } = this.#add(account);
    this.#options.onEvent({ type: 'add', id });
  }

  #add(input: AccountInput): Account {
    const { limits, clock } = this.#options;
    const account = new Account(input, this.#given++, { limits, clock, laneOf: this.#laneOf });
    if (this.#accounts.has(account.id)) {
      throw new RequestError(
        'ERR_INVALID_OPTION',
        `accounts must have different ids: ${account.id} occurs twice`,
      );
    }
    this.#accounts.set(account.id, account);
    this.#queue.add(account);
    return account;
  }

  /**
   * Removes an account. A job that has it keeps it to its end; its session stays in the registry.
   *
   * @returns false when there was none
   */
  remove(id: string): boolean {
    const account = this.#accounts.get(id);
    if (account === undefined) return false;
    this.#accounts.delete(id);
    this.#queue.remove(account);
    this.#options.onEvent({ type: 'remove', id });
    return true;
  }

  /**
   * Resets an account that rests or is retired, and its uses.
   *
   * @returns false when there is none
   */
  async revive(id: string): Promise<boolean> {
    const account = this.#accounts.get(id);
    if (account === undefined) return false;
    const live = liveOf(await this.#registry.getOrCreate(id, account.options));
    // Makes this note the newer one.
    if (live?.account !== undefined) account.adopt(live.account);
    account.revive();
    if (live !== undefined) noteStanding(account, live);
    this.#queue.changed(account);
    this.#options.onEvent({ type: 'revive', id });
    return true;
  }

  /**
   * Leases an account, and waits while all are in use or rest.
   *
   * @throws RequestError ERR_NO_ACCOUNT when all are retired, ERR_TIMEOUT, ERR_POOL_CLOSED, and what `getOrCreate`
   *   throws; the reason of the signal
   */
  async lease(options: PoolLeaseOptions = {}): Promise<AccountLease> {
    checkOptions(options, 'Lease options', leaseKeys);
    const { id, wait, signal } = ownCopy('Lease options', options);
    const open = await this.#next(resolveWait({ wait: wait ?? maxTimerDelay, signal }), id);
    return open();
  }

  /** Waits for an account. The caller opens its session, so that other jobs need not wait for that. */
  async #next(limits: WaitLimits, id?: string): Promise<() => Promise<AccountLease>> {
    const named = id === undefined ? null : this.#accounts.get(id);
    if (named === undefined) throw new RequestError('ERR_NO_ACCOUNT', `The pool has no account ${id}`);
    const end = this.#options.clock.monotonic() + limits.wait;
    const isBounded = limits.wait < maxTimerDelay || limits.signal !== null;
    const account = await this.#queue.take(isBounded ? limits : null, named);
    return async () => {
      const left = (): number => Math.max(0, end - this.#options.clock.monotonic());
      const lease = await this.#open(account, { ...limits, wait: left() });
      if (lease !== null) return lease;
      const wait = left();
      const open = await this.#next({ ...limits, wait }, id);
      return open();
    };
  }

  /**
   * `null` when the account cannot be used now: another process holds it or has let it rest, or the store gave no answer
   * and has been waited for.
   */
  async #open(account: Account, limits: WaitLimits): Promise<AccountLease | null> {
    const parts = await this.#openSession(account, limits);
    if (parts === null) return null;
    this.#rest.answered();
    const live = liveOf(parts.session);
    if (live === undefined) return createLease(parts, this.#options);
    if (live.account !== undefined) account.adopt(live.account);
    noteStanding(account, live);
    const isFree = account.standing.retired === null && !this.#isResting(account);
    if (isFree) return createLease(parts, this.#options);
    parts.giveBack();
    return null;
  }

  #isResting({ standing }: Account): boolean {
    return standing.restsUntil > this.#options.clock.wall();
  }

  async #openSession(account: Account, limits: WaitLimits): Promise<LeaseParts | null> {
    const giveBack = (): void => this.#queue.giveBack(account);
    const { id, options } = account;
    const { signal } = limits;
    try {
      if (!this.#options.exclusive) {
        return { account, session: await this.#registry.getOrCreate(id, options), lost: null, giveBack };
      }
      const wait = { wait: 0, ...(signal === null ? {} : { signal }) };
      const lease = await this.#registry.lease(id, { ...options, ...wait });
      // It is free only after that, since others read what was saved.
      const returned = (): void => void lease.release().then(giveBack, giveBack);
      return { account, session: lease.session, lost: lease.signal, giveBack: returned };
    } catch (error) {
      const isBusy = isRequestError(error, 'ERR_STORE_LOCKED');
      if (isBusy) account.pause(busyPause * (1 + Math.random()));
      // The account is held meanwhile, so that no further jobs begin to wait for the store.
      else await this.#rest.wait(error, limits).finally(giveBack);
      if (isBusy) giveBack();
      return null;
    }
  }

  /**
   * Runs `fn` for every item, each with an account leased for that time. A failed job does not stop the others.
   *
   * @returns the outcomes of the items, in their order
   * @throws RequestError ERR_INVALID_OPTION; what an async iterable throws
   */
  run<Item, Result>(
    items: Iterable<Item> | AsyncIterable<Item>,
    fn: Job<Item, Result>,
    options: RunOptions = {},
  ): Promise<PromiseSettledResult<Awaited<Result>>[]> {
    const source: LeaseSource = {
      clock: this.#options.clock,
      next: (wait = maxTimerDelay) => this.#next(resolveWait({ wait })),
    };
    return runJobs(source, items, fn, options);
  }

  /** Ends the pool: waiting jobs are refused with ERR_POOL_CLOSED, leases run to their end. Sessions stay open. */
  close(): Promise<void> {
    return this.#queue.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
