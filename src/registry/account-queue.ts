import { maxTimerDelay } from '../core/checks.ts';
import { RequestError } from '../core/errors.ts';
import type { Account } from './account.ts';
import { type Clock, stayAlive } from './clock.ts';
import { type Due, DueQueue } from './due-queue.ts';
import type { ProxyLane } from './proxy-lane.ts';
import { ReadyAccounts, type Rotation } from './ready-accounts.ts';
import type { WaitLimits } from './session-lease.ts';

interface Waiter {
  resolve(account: Account): void;
  reject(error: unknown): void;
}

/** An item that is checked again at a certain time. */
interface Wake extends Due {
  readonly look: () => void;
}

/**
 * The jobs of a pool that wait for an account, in order, and the accounts: free ones, resting ones, and those that
 * wait for their proxy. No step walks over all accounts or all jobs.
 */
export class AccountQueue {
  readonly #clock: Clock;
  readonly #alive = new Map<string, Account>();
  readonly #ready: ReadyAccounts;
  readonly #waking = new DueQueue<Wake>();
  readonly #waiting = new Set<Waiter>();
  /** Jobs that wait for a given account, by its id. */
  readonly #waitingFor = new Map<string, Set<Waiter>>();
  #leases = 0;
  #turn = 0;
  #drained: (() => void) | null = null;
  #stopWaking: () => void = () => {};
  #wakesOn = Number.POSITIVE_INFINITY;
  #closing: Promise<void> | undefined;

  constructor(rotate: Rotation, clock: Clock) {
    this.#ready = new ReadyAccounts(rotate);
    this.#clock = clock;
  }

  add(account: Account): void {
    this.#alive.set(account.id, account);
    this.#place(account);
    this.#serve();
  }

  /** The account is not leased again. A job that has it keeps it to its end. */
  remove(account: Account): void {
    account.isRemoved = true;
    this.#dropIfDead(account);
    this.#serve();
  }

  /**
   * The next free account, or the account with the given id.
   *
   * @throws RequestError ERR_NO_ACCOUNT, ERR_TIMEOUT, ERR_POOL_CLOSED; the reason of the signal
   */
  async take(limits: WaitLimits | null, named: Account | null): Promise<Account> {
    if (this.#closing !== undefined) throw poolClosed();
    limits?.signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Account>();
    const waiter: Waiter = { resolve, reject };
    const line = named === null ? this.#waiting : this.#lineFor(named);
    line.add(waiter);
    if (named !== null) this.#dropIfDead(named);
    if (named !== null && this.#ready.has(named)) {
      this.#ready.remove(named);
      this.#offer(named);
    }
    this.#serve();
    if (limits === null || !line.has(waiter)) return promise;
    return this.#inTime(promise, limits, (reason) => {
      // A job that was served meanwhile has its account.
      if (!line.delete(waiter)) return;
      if (named !== null && line.size === 0) this.#waitingFor.delete(named.id);
      reject(reason);
    });
  }

  async #inTime(
    taken: Promise<Account>,
    { wait, signal }: WaitLimits,
    giveUp: (reason: unknown) => void,
  ): Promise<Account> {
    const onAbort = (): void => giveUp(signal?.reason);
    const message = `No account was free within ${wait} ms`;
    const late = (): void => giveUp(new RequestError('ERR_TIMEOUT', message, { timeout: wait }));
    const cancel = this.#clock.schedule(late, wait);
    const release = wait < maxTimerDelay ? stayAlive() : null;
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await taken;
    } finally {
      cancel();
      release?.();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #lineFor({ id }: Account): Set<Waiter> {
    const line = this.#waitingFor.get(id) ?? new Set();
    this.#waitingFor.set(id, line);
    return line;
  }

  giveBack(account: Account): void {
    this.#leases--;
    account.end();
    account.lane?.end();
    if (account.lane !== null) this.#unpark(account.lane);
    this.#place(account);
    this.#serve();
    if (this.#leases === 0) this.#drained?.();
  }

  /** Called when the account has changed: it can rest, be retired, or be free again. */
  changed(account: Account): void {
    this.#ready.remove(account);
    if (account.isAlive) this.#alive.set(account.id, account);
    this.#place(account);
    this.#serve();
  }

  /** Puts an account into its queue: free, or waiting for its time or its proxy. */
  #place(account: Account): void {
    if (this.#dropIfDead(account) || !account.hasRoom || this.#ready.has(account)) return;
    const { lane, readyOn } = account;
    if (readyOn > this.#clock.monotonic()) this.#lookAt(readyOn, () => this.#place(account));
    else if (lane !== null && !this.#isOpen(lane)) lane.parked.add(account);
    else this.#offer(account);
  }

  /** Gives it to a job that waits for this account, else to any job. */
  #offer(account: Account): void {
    const [waiter] = this.#waitingFor.get(account.id) ?? [];
    if (waiter === undefined) this.#ready.add(account);
    else this.#give(account, waiter);
  }

  #give(account: Account, waiter: Waiter): void {
    this.#waiting.delete(waiter);
    const line = this.#waitingFor.get(account.id);
    line?.delete(waiter);
    if (line?.size === 0) this.#waitingFor.delete(account.id);
    this.#leases++;
    account.begin(++this.#turn);
    account.lane?.begin(this.#clock.monotonic());
    if (account.lane !== null) this.#unpark(account.lane);
    // The account can serve more jobs at the same time.
    this.#place(account);
    waiter.resolve(account);
  }

  /** True when a job may begin now; otherwise the lane is checked again when one may begin. */
  #isOpen(lane: ProxyLane): boolean {
    if (!lane.hasRoom) return false;
    if (lane.readyOn <= this.#clock.monotonic()) return true;
    if (!lane.isAwaited) {
      lane.isAwaited = true;
      this.#lookAt(lane.readyOn, () => {
        lane.isAwaited = false;
        this.#unpark(lane);
      });
    }
    return false;
  }

  /** The proxy may have room for one more account: takes the first usable one of those waiting. */
  #unpark(lane: ProxyLane): void {
    for (const account of lane.parked) {
      if (!this.#isOpen(lane)) return;
      lane.parked.delete(account);
      this.#place(account);
      if (this.#ready.has(account)) return;
    }
  }

  #dropIfDead(account: Account): boolean {
    if (account.isAlive) return false;
    this.#ready.remove(account);
    if (this.#alive.get(account.id) === account) this.#alive.delete(account.id);
    for (const waiter of this.#waitingFor.get(account.id) ?? []) {
      const why = account.isRemoved ? 'was removed' : `is retired (${account.retired})`;
      waiter.reject(new RequestError('ERR_NO_ACCOUNT', `Account ${account.id} ${why}`));
    }
    this.#waitingFor.delete(account.id);
    return true;
  }

  /** Gives free accounts to the waiting jobs, in order. All jobs are refused when no account will be free again. */
  #serve(): void {
    const now = this.#clock.monotonic();
    for (const { look } of this.#waking.take(now)) look();
    for (const waiter of this.#waiting) {
      const account = this.#next();
      if (account === null) break;
      this.#give(account, waiter);
    }
    if (this.#alive.size === 0) {
      const error = new RequestError('ERR_NO_ACCOUNT', 'No account is left: all are retired or removed');
      for (const waiter of this.#waiting) waiter.reject(error);
      this.#waiting.clear();
    }
    this.#wakeLater(now);
  }

  /** The next free account; `null` when none is free. */
  #next(): Account | null {
    for (let account = this.#ready.take(); account !== null; account = this.#ready.take()) {
      if (this.#dropIfDead(account)) continue;
      if (account.lane === null || this.#isOpen(account.lane)) return account;
      account.lane.parked.add(account);
    }
    return null;
  }

  #lookAt(at: number, look: () => void): void {
    this.#waking.add({ dueAt: Number.POSITIVE_INFINITY, look }, at);
  }

  /** Serves the waiting jobs when the rest of the first account ends. Jobs that wait for that keep the process alive. */
  #wakeLater(now: number): void {
    const isWanted = this.#waiting.size > 0 || this.#waitingFor.size > 0;
    const next = isWanted ? this.#waking.next : Number.POSITIVE_INFINITY;
    if (next === this.#wakesOn) return;
    this.#stopWaking();
    this.#wakesOn = next;
    if (next === Number.POSITIVE_INFINITY) return;
    const release = stayAlive();
    const wake = (): void => {
      release();
      this.#wakesOn = Number.POSITIVE_INFINITY;
      this.#serve();
    };
    const cancel = this.#clock.schedule(wake, Math.min(Math.max(0, next - now), maxTimerDelay));
    this.#stopWaking = () => {
      cancel();
      release();
    };
  }

  /** Refuses the waiting jobs. Resolves when all accounts are given back. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const lines = [this.#waiting, ...this.#waitingFor.values()];
    for (const waiter of lines.flatMap((line) => [...line])) waiter.reject(poolClosed());
    this.#waiting.clear();
    this.#waitingFor.clear();
    this.#stopWaking();
    if (this.#leases === 0) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }
}

function poolClosed(): RequestError {
  return new RequestError('ERR_POOL_CLOSED', 'Pool has been closed');
}
