import type { RequestPhase } from '../errors.ts';
import type { TimeoutLimits } from '../request/settings.ts';
import { type TimedRequest, timedOut } from './timed-out.ts';

/** The time limits and the abort of a whole call. */
export interface Deadline {
  /**
   * The reason why the call must end, `undefined` while it may go on: the caller's abort reason itself, or the
   * timeout error.
   */
  readonly failure: { readonly reason: unknown } | undefined;
  /** Starts the limits of a phase and returns its start time, by `performance.now()`. */
  enter(phase: RequestPhase): number;
  /** Waits for work outside of an exchange, such as a cookie store. Meanwhile only the total and the abort apply. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Milliseconds of the total that are left, `Infinity` without a total. */
  remaining(): number;
  /** Reports that bytes were sent or received: the idle limit starts again. */
  touch(): void;
  /** Reports that the body waits for its reader. The silence is not the server's then, and the idle limit is paused. */
  hold(isHeld: boolean): void;
  /** Sets the watcher that is called when the call must end. */
  watch(watcher: DeadlineWatcher): void;
  /** Removes that watcher, unless another one was set since: the discarded body of a redirect may end late. */
  unwatch(watcher: DeadlineWatcher): void;
  /** A deadline with the same start, limits and signal for a part of the call, with its own phases. */
  fork(): DeadlineFork;
  /** Frees the timer and the caller's signal. */
  end(): void;
  /**
   * Continues after a limit of the connect phase ran out. The total still counts from its start.
   * @returns false where the call must end, for another reason or because its time is over
   */
  recover(): boolean;
  /** Continues after end(): the remaining total is the same as then, and the signal applies again. */
  reopen(): void;
}

/** The deadline of a part of a call, such as one `next` of its middleware. */
export interface DeadlineFork extends Deadline {
  /** Ends the part with its own reason. */
  cancel(reason: unknown): void;
}

/** Is notified by a {@link Deadline} that the call must end. */
export interface DeadlineWatcher {
  onDeadline(reason: unknown): void;
  /** The exact phase behind `queue`: the request may wait while its connection is opened. */
  readonly queuePhase: RequestPhase;
}

/**
 * Starts the one timer and the one abort listener of a call. undici's own timeouts are off: they are accurate to half
 * a second, do not include the wait for a connection, and never end a body that arrives byte by byte. Invariant:
 * abort is yours.
 *
 * @param request the request that a timeout error names
 */
export function startDeadline(
  limits: TimeoutLimits,
  signal: AbortSignal | null,
  request: TimedRequest,
): Deadline {
  return new CallDeadline(limits, signal, request);
}

class CallDeadline implements DeadlineFork {
  failure: { readonly reason: unknown } | undefined;
  readonly #limits: TimeoutLimits;
  readonly #signal: AbortSignal | null;
  readonly #request: TimedRequest;
  #startedAt: number;
  #endedAt = 0;
  /** Parts that have not ended. Their phases show what the call waits for. */
  #forks: Set<CallDeadline> | null = null;
  #phase: RequestPhase = 'queue';
  #phaseStartedAt: number;
  #watcher: DeadlineWatcher | null = null;
  #timer: NodeJS.Timeout | undefined;
  #timerDueAt = Number.POSITIVE_INFINITY;
  #held = false;
  /** True while no exchange is in progress: then only the total applies. */
  #resting = true;
  #ended = false;
  /** The failure is a limit of the connect phase. */
  #isPassing = false;

  constructor(limits: TimeoutLimits, signal: AbortSignal | null, request: TimedRequest, startedAt?: number) {
    const now = performance.now();
    this.#startedAt = startedAt ?? now;
    this.#phaseStartedAt = this.#startedAt;
    this.#limits = limits;
    this.#signal = signal;
    this.#request = request;
    if (signal?.aborted === true) {
      this.failure = { reason: signal.reason };
      return;
    }
    signal?.addEventListener('abort', this);
    this.#arm(now);
  }

  enter(phase: RequestPhase): number {
    const now = performance.now();
    if (this.#ended || this.failure !== undefined) return now;
    this.#phase = phase;
    this.#held = false;
    this.#resting = false;
    this.#phaseStartedAt = now;
    this.#arm(now);
    return now;
  }

  async during<T>(work: Promise<T>): Promise<T> {
    if (this.failure !== undefined) {
      // The result is not awaited. An unhandled rejection would end the process.
      work.catch(() => {});
      throw this.failure.reason;
    }
    const outer = this.#watcher;
    const wasResting = this.#resting;
    this.#resting = true;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const onDeadline = (reason: unknown): void => {
      reject(reason);
      outer?.onDeadline(reason);
    };
    const watcher: DeadlineWatcher = { onDeadline, queuePhase: 'queue' };
    this.#watcher = watcher;
    work.then(resolve, reject);
    try {
      return await promise;
    } finally {
      if (this.#watcher === watcher) this.#watcher = outer;
      this.#resting = wasResting;
      this.#phaseStartedAt = performance.now();
      if (!this.#ended) this.#arm();
    }
  }

  remaining(): number {
    const { total } = this.#limits;
    return total === false ? Number.POSITIVE_INFINITY : this.#startedAt + total - performance.now();
  }

  touch(): void {
    if (this.#limits.idle !== false) this.#phaseStartedAt = performance.now();
  }

  hold(isHeld: boolean): void {
    if (this.#limits.idle === false || this.#ended || this.#held === isHeld) return;
    this.#held = isHeld;
    if (isHeld) return;
    this.#phaseStartedAt = performance.now();
    this.#arm();
  }

  watch(watcher: DeadlineWatcher): void {
    this.#watcher = watcher;
  }

  unwatch(watcher: DeadlineWatcher): void {
    if (this.#watcher === watcher) this.#watcher = null;
  }

  fork(): DeadlineFork {
    const fork = new CallDeadline(this.#limits, this.#signal, this.#request, this.#startedAt);
    this.#forks ??= new Set();
    this.#forks.add(fork);
    return fork;
  }

  cancel(reason: unknown): void {
    this.#fail(reason);
  }

  end(): void {
    if (!this.#ended) this.#endedAt = performance.now();
    this.#ended = true;
    this.#watcher = null;
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    this.#signal?.removeEventListener('abort', this);
  }

  recover(): boolean {
    if (this.failure === undefined) return true;
    if (!this.#isPassing || this.remaining() <= 0) return false;
    this.#isPassing = false;
    // The signal was aborted meanwhile. The next step reports the reason.
    this.failure = this.#signal?.aborted === true ? { reason: this.#signal.reason } : undefined;
    if (this.failure !== undefined) return true;
    this.#ended = false;
    this.#resting = true;
    this.#timerDueAt = Number.POSITIVE_INFINITY;
    this.#signal?.addEventListener('abort', this);
    this.#arm();
    return true;
  }

  reopen(): void {
    if (!this.#ended || this.failure !== undefined) return;
    const now = performance.now();
    this.#ended = false;
    this.#startedAt += now - this.#endedAt;
    this.#phase = 'body';
    // Nothing is expected from the server, so its silence does not count.
    this.#held = true;
    this.#timerDueAt = Number.POSITIVE_INFINITY;
    if (this.#signal?.aborted === true) {
      this.#fail(this.#signal.reason);
      return;
    }
    this.#signal?.addEventListener('abort', this);
    this.#arm();
  }

  /** The abort event of the caller's signal. */
  handleEvent(): void {
    this.#fail(this.#signal?.reason);
  }

  #phaseLimit(): number | false {
    if (this.#resting) return false;
    if (this.#phase === 'headers') return this.#limits.headers;
    if (this.#phase === 'body') return this.#held ? false : this.#limits.idle;
    return this.#limits.connect;
  }

  #arm(now: number = performance.now()): void {
    const total = this.#limits.total === false ? Infinity : this.#startedAt + this.#limits.total;
    const limit = this.#phaseLimit();
    const dueAt = limit === false ? total : Math.min(total, this.#phaseStartedAt + limit);
    // A timer that fires too early checks the limits again and re-arms, which is cheaper than one timer per phase.
    if (dueAt >= this.#timerDueAt || dueAt === Infinity) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timerDueAt = dueAt;
    this.#timer = setTimeout(CallDeadline.#onTimer, Math.max(1, Math.ceil(dueAt - now)), this);
    // The socket of a call keeps the process alive; its timer does not.
    this.#timer.unref();
  }

  static #onTimer(deadline: CallDeadline): void {
    const late = performance.now() - deadline.#timerDueAt;
    deadline.#timer = undefined;
    deadline.#timerDueAt = Number.POSITIVE_INFINITY;
    if (late < busyFrom) {
      deadline.#check();
      return;
    }
    // The timer is late because this process was busy, which does not show that the server is slow. Data that arrived
    // meanwhile is handled first.
    deadline.#phaseStartedAt += late;
    setImmediate(() => deadline.#check());
  }

  #check(): void {
    if (this.#ended) return;
    const now = performance.now();
    const { total } = this.#limits;
    if (total !== false && now >= this.#startedAt + total) {
      this.#expire(total);
      return;
    }
    const limit = this.#phaseLimit();
    if (limit !== false && now >= this.#phaseStartedAt + limit) {
      this.#isPassing = this.#phase === 'queue';
      this.#expire(limit);
      return;
    }
    this.#arm();
  }

  #expire(timeout: number): void {
    for (const fork of this.#forks ?? []) {
      // A part that has ended does not count for this limit.
      if (fork.#ended) continue;
      fork.#check();
      if (fork.failure === undefined) continue;
      this.#fail(fork.failure.reason);
      return;
    }
    const isQueued = !this.#resting && this.#phase === 'queue';
    const phase = isQueued ? (this.#watcher?.queuePhase ?? 'queue') : this.#resting ? 'queue' : this.#phase;
    this.#fail(timedOut(this.#request, timeout, phase, this.#resting));
  }

  #fail(reason: unknown): void {
    if (this.#ended || this.failure !== undefined) return;
    this.failure = { reason };
    const watcher = this.#watcher;
    this.end();
    watcher?.onDeadline(reason);
  }
}

/** A timer that is late by this many milliseconds shows that the process was busy. */
const busyFrom = 50;
