import { invalidOption } from '../core/errors.ts';
import { checkObserverList, type ObservedFailure } from '../core/flow/observer.ts';

/** An event of a session of a registry, without cookies and passwords. */
export interface RegistryEvent {
  /** Of the session. */
  readonly id: string;
}

/** An operation for a session, successful or not. */
export interface RegistryTimedEvent extends RegistryEvent {
  /** Milliseconds that it took. */
  readonly duration: number;
  /** `null` for success. */
  readonly failure: ObservedFailure | null;
}

/** A lock of a session, after the wait for it. */
export interface RegistryLockEvent extends RegistryTimedEvent {
  /** `login`, or `use` for a lease. */
  readonly name: string;
}

/**
 * Watches the operations of a registry, and cannot change them. Every method is optional. The methods are called
 * synchronously, their results are not awaited, and their exceptions are reported as uncaught. To watch requests,
 * give observers to the sessions: `createRegistry({ session: { observers } })`.
 *
 * @example
 * const registry = createRegistry({
 *   observers: [{ onLogin: ({ id, failure }) => console.log(id, failure === null ? 'logged in' : failure.reason) }],
 * });
 */
export interface RegistryObserver {
  /** A session was created. */
  onCreate?(event: RegistryEvent): void;
  /** A session was loaded from the store. */
  onLoad?(event: RegistryEvent): void;
  /** A session moved from memory into the store: by `maxSessions`, its `close`, or the end of the registry. */
  onUnload?(event: RegistryEvent): void;
  /** A session ended by `idleTimeout` or `maxAge`, and this process has noticed it. */
  onExpire?(event: RegistryEvent): void;
  /** A session was killed, here or by another process that shares the store. */
  onKill?(event: RegistryEvent): void;
  /** A session was saved, or the save failed. */
  onSave?(event: RegistryTimedEvent): void;
  /** A login of this process has ended. */
  onLogin?(event: RegistryTimedEvent): void;
  /** A lock between processes was acquired, or not. */
  onLock?(event: RegistryLockEvent): void;
  /**
   * The changes of this process under an earlier lock were dropped, because a later holder of the lock has written.
   */
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
