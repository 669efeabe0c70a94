import { checkNumber, checkOptions, ownCopy } from '../core/checks.ts';
import { invalidOption } from '../core/errors.ts';
import type { AccountLease } from './account-lease.ts';
import type { Clock } from './clock.ts';
import { count } from './pool-options.ts';
import type { RegistrySession } from './registry-session.ts';

/** The progress of a run. */
export interface PoolProgress {
  readonly done: number;
  readonly failed: number;
  /** The number of items; of an async iterable, those read so far. */
  readonly total: number;
  /** Average number of finished jobs per second so far. */
  readonly perSecond: number;
}

/** Options of {@link Pool.run}. */
export interface RunOptions {
  /** Most jobs at the same time. @default as many as the accounts allow */
  readonly concurrency?: number | undefined;
  /**
   * How often a job is run again, with the next free account, when the account was made to rest or retired during the
   * job. After that its own outcome counts.
   * @default 0
   */
  readonly retries?: number | undefined;
  /**
   * Longest wait of a job for a free account in milliseconds; after it the job fails with ERR_TIMEOUT. Also bounds the
   * wait for a store that gives no answer, which is 30 seconds at most; then the job fails with ERR_STORE.
   * @default no limit
   */
  readonly wait?: number | undefined;
  /** Called after each job. */
  readonly onProgress?: ((progress: PoolProgress) => void) | undefined;
}

/** The function of a job. */
export type Job<Item, Result> = (
  session: RegistrySession,
  item: Item,
  lease: AccountLease,
) => Promise<Result> | Result;

/** How a run gets accounts: waits for the next, and then opens its session. */
export interface LeaseSource {
  readonly clock: Clock;
  /** @returns what opens the session */
  next(wait: number | undefined): Promise<() => Promise<AccountLease>>;
}

const keys: ReadonlySet<string> = new Set(['concurrency', 'retries', 'wait', 'onProgress']);

/**
 * Runs a job for every item. Only one item waits for an account at a time, so that any number of items needs no
 * memory.
 */
export async function runJobs<Item, Result>(
  source: LeaseSource,
  items: Iterable<Item> | AsyncIterable<Item>,
  job: Job<Item, Result>,
  options: RunOptions,
): Promise<PromiseSettledResult<Awaited<Result>>[]> {
  checkOptions(options, 'Run options', keys);
  const { concurrency, retries = 0, wait, onProgress } = ownCopy('Run options', options);
  const most = count('concurrency', concurrency);
  checkNumber('retries', retries, { least: 0, integer: true });
  if (typeof job !== 'function') throw invalidOption('fn', 'a function that takes a session', job);
  const all = Symbol.iterator in items ? [...items] : items;
  const results: PromiseSettledResult<Awaited<Result>>[] = [];
  const report = reporter(source.clock, onProgress);
  let [came, running] = [0, 0];
  let wake = (): void => {};
  const oneEnded = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  /** The error that the caller's `onProgress` threw. */
  const failures: unknown[] = [];
  const end = (index: number, result: PromiseSettledResult<Awaited<Result>>): void => {
    results[index] = result;
    try {
      report(result.status === 'fulfilled', Array.isArray(all) ? all.length : came);
    } catch (reason) {
      failures.push(reason);
    }
  };
  for await (const item of all) {
    if (failures.length > 0) break;
    const index = came++;
    while (running >= most) await oneEnded();
    const [taken] = await Promise.allSettled([source.next(wait)]);
    if (taken.status === 'rejected') {
      end(index, taken);
      continue;
    }
    running++;
    const work = runOne(source, taken.value, (lease) => job(lease.session, item, lease), { retries, wait });
    void settle(work).then((result) => {
      running--;
      end(index, result);
      wake();
    });
  }
  while (running > 0) await oneEnded();
  if (failures.length > 0) throw failures[0];
  return results;
}

async function settle<T>(work: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([work]);
  return result;
}

async function runOne<Result>(
  source: LeaseSource,
  first: () => Promise<AccountLease>,
  job: (lease: AccountLease) => Promise<Result> | Result,
  { retries, wait }: { readonly retries: number; readonly wait: number | undefined },
): Promise<Awaited<Result>> {
  let open = first;
  for (let left = retries; ; left--) {
    const lease = await open();
    const result = await settle(within(lease, job));
    if (!lease.isBlocked || left === 0) {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }
    open = await source.next(wait);
  }
}

async function within<Result>(
  lease: AccountLease,
  job: (lease: AccountLease) => Promise<Result> | Result,
): Promise<Awaited<Result>> {
  const { signal } = lease;
  const { promise: over, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([job(lease), over]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    lease.release();
  }
}

function reporter(
  clock: Clock,
  onProgress: RunOptions['onProgress'],
): (isGood: boolean, total: number) => void {
  const start = clock.monotonic();
  let [done, failed] = [0, 0];
  return (isGood, total) => {
    if (isGood) done++;
    else failed++;
    const seconds = (clock.monotonic() - start) / 1000;
    onProgress?.({ done, failed, total, perSecond: seconds > 0 ? (done + failed) / seconds : 0 });
  };
}
