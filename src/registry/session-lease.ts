import { checkDelay } from '../core/checks.ts';
import { invalidOption, RequestError } from '../core/errors.ts';
import type { HeldLock } from './held-lock.ts';
import type { RegistrySession } from './registry-session.ts';
import type { RegistrySessionOptions } from './session-options.ts';

/** Options of {@link Registry.lease}: those of `getOrCreate`, and how long is waited. */
export interface LeaseOptions extends RegistrySessionOptions {
  /**
   * Longest wait in milliseconds while another holds the session; 0 asks once.
   * @default 60000
   */
  readonly wait?: number | undefined;
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** A session that nobody else has for the time, in any process with the store. */
export interface SessionLease {
  readonly id: string;
  readonly session: RegistrySession;
  /** Aborted when the lease was lost: this process stood still, or the store was away for too long. */
  readonly signal: AbortSignal;
  /**
   * Saves the session and gives it back; once is enough.
   *
   * @throws RequestError ERR_STORE_CONFLICT when the lease was lost and another has written since; ERR_STORE
   */
  release(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How long a lease is waited for. */
export interface WaitLimits {
  /** Milliseconds. */
  readonly wait: number;
  readonly signal: AbortSignal | null;
}

/** @throws RequestError ERR_INVALID_OPTION */
export function resolveWait({ wait = 60_000, signal }: Pick<LeaseOptions, 'wait' | 'signal'>): WaitLimits {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidOption('signal', 'an AbortSignal', signal);
  }
  return { wait: wait === 0 ? 0 : checkDelay('wait', wait), signal: signal ?? null };
}

/** Who holds a session in this process; the others wait in the order in which they came. */
export class LeaseQueue {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Waits until nobody in this process holds the lease of `id`, and takes it.
   *
   * @returns what gives it back
   * @throws RequestError ERR_STORE_LOCKED; the reason of the signal
   */
  async take(id: string, { wait, signal }: WaitLimits): Promise<() => void> {
    signal?.throwIfAborted();
    const before = this.#last.get(id);
    const { promise: own, resolve: giveBack } = Promise.withResolvers<void>();
    // Who gives up waiting lets the next one wait for those before.
    const turn = before ?? Promise.resolve();
    const ended = turn.then(() => own);
    this.#last.set(id, ended);
    void ended.then(() => {
      if (this.#last.get(id) === ended) this.#last.delete(id);
    });
    try {
      if (before !== undefined) await inTime(id, before, { wait, signal });
      return giveBack;
    } catch (error) {
      giveBack();
      throw error;
    }
  }
}

async function inTime(id: string, turn: Promise<void>, { wait, signal }: WaitLimits): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const message = `session ${id} was in use in this process for ${wait} ms`;
  const timer = setTimeout(() => reject(new RequestError('ERR_STORE_LOCKED', message)), wait);
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([turn, late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Makes the lease of a session that is held. */
export function leaseOf(
  session: RegistrySession,
  lock: HeldLock | null,
  giveBack: () => Promise<void>,
): SessionLease {
  let released: Promise<void> | undefined;
  const release = (): Promise<void> => {
    released ??= giveBack();
    return released;
  };
  return {
    id: session.id,
    session,
    signal: lock?.lost ?? new AbortController().signal,
    release,
    [Symbol.asyncDispose]: release,
  };
}
