import { invalidOption } from '../core/errors.ts';
import { checkObserverList, type ObservedFailure } from '../core/flow/observer.ts';

/** What happened to a session of a registry. No cookie and no password is in it. */
export interface RegistryEvent {
  /** Of the session. */
  readonly id: string;
}

/** What was done for a session, well or not. */
export interface RegistryTimedEvent extends RegistryEvent {
  /** Milliseconds that it took. */
  readonly duration: number;
  /** `null` when it ended well. */
  readonly failure: ObservedFailure | null;
}

/** A lock of a session that was waited for. */
export interface RegistryLockEvent extends RegistryTimedEvent {
  /** `login`, or `use` for a lease. */
  readonly name: string;
}

/**
 * Watches what a registry does, and cannot change it. Every method is optional. They are called at once, what they
 * return is not waited for, and what they throw is reported as an uncaught exception. To watch requests, give observers
 * to the sessions: `createRegistry({ session: { observers } })`.
 *
 * @example
 * const registry = createRegistry({
 *   observers: [{ onLogin: ({ id, failure }) => console.log(id, failure === null ? 'logged in' : failure.reason) }],
 * });
 */
export interface RegistryObserver {
  /** A new session is there. */
  onCreate?(event: RegistryEvent): void;
  /** A session came from the store into memory. */
  onLoad?(event: RegistryEvent): void;
  /** A session left the memory for the store: by `maxSessions`, its `close`, or the end of the registry. */
  onUnload?(event: RegistryEvent): void;
  /** A session ended by `idleTimeout` or `maxAge`, as far as this process has seen it. */
  onExpire?(event: RegistryEvent): void;
  /** A session was killed, here or by another process that shares the store. */
  onKill?(event: RegistryEvent): void;
  /** A session was saved; or the store did not take it. */
  onSave?(event: RegistryTimedEvent): void;
  /** A login has ended; one that others made is theirs to tell. */
  onLogin?(event: RegistryTimedEvent): void;
  /** A lock between processes was waited for, and is held; or was not given. */
  onLock?(event: RegistryLockEvent): void;
  /** A process that had the lock later has written: what was changed here under the earlier one was dropped. */
  onConflict?(event: RegistryEvent): void;
}

const names: readonly (keyof RegistryObserver)[] = [
  ...(['onCreate', 'onLoad', 'onUnload', 'onExpire', 'onKill'] as const),
  ...(['onSave', 'onLogin', 'onLock', 'onConflict'] as const),
];
const methods: ReadonlySet<string> = new Set(names);

/**
 * Checks the option.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function checkRegistryObservers(observers: unknown): readonly RegistryObserver[] {
  if (observers === undefined) return [];
  if (!Array.isArray(observers)) throw invalidOption('observers', 'an array of objects', observers);
  checkObserverList(observers, methods);
  return [...observers];
}
