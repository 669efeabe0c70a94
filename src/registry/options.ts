import { checkBoolean, checkNumber, checkOneOf, checkOptions, own, ownCopy } from '../core/checks.ts';
import { invalidOption, RequestError } from '../core/errors.ts';
import type { SessionOptions } from '../core/session/options.ts';
import { type Clock, systemClock } from './clock.ts';
import { checkRegistryObservers, type RegistryObserver } from './registry-observer.ts';
import type { SessionStore } from './store.ts';

/** Options of {@link createRegistry}. Times are milliseconds. */
export interface RegistryOptions {
  /** Options of every session of the registry, unless its own options differ. */
  readonly session?: SessionOptions | undefined;
  /**
   * Ends a session after so many milliseconds without a request and without `get`.
   * @default no limit
   */
  readonly idleTimeout?: number | undefined;
  /**
   * Ends a session so many milliseconds after its creation.
   * @default no limit
   */
  readonly maxAge?: number | undefined;
  /**
   * Most sessions in memory.
   * @default no limit
   */
  readonly maxSessions?: number | undefined;
  /**
   * How a session beyond `maxSessions` gets room: `evict` removes the least recently used one, into the store if
   * there is one, else it ends; `refuse` throws ERR_TOO_MANY_SESSIONS.
   * @default 'evict'
   */
  readonly whenFull?: 'evict' | 'refuse' | undefined;
  /**
   * Where sessions are stored beyond this process. The caller closes the store.
   * @default none: sessions exist only in memory
   */
  readonly store?: SessionStore | undefined;
  /**
   * A change is saved this many milliseconds later, together with all changes until then; so no session is saved more
   * often. `false`: saved only by `save()`, `close()` and when it leaves the memory.
   * @default 1000
   */
  readonly saveInterval?: number | false | undefined;
  /**
   * True: the passwords of proxies are saved too.
   * @default false
   */
  readonly saveProxyPassword?: boolean | undefined;
  /**
   * The effect of a store that cannot be used: `throw` fails the operations that need it with ERR_STORE, `keep-going`
   * continues with the sessions in memory and saves them when the store works again.
   * @default 'throw'
   */
  readonly onStoreError?: 'throw' | 'keep-going' | undefined;
  /**
   * Called with failures that no caller waits for: of a save in the background, of the end of an expired session, of
   * the close on exit.
   * @default only a failed close on exit is told, as a warning of the process
   */
  readonly onError?: ((error: unknown, id: string) => void) | undefined;
  /** Watch the operations of the registry: new and ended sessions, saves, logins, locks. @default none */
  readonly observers?: readonly RegistryObserver[] | undefined;
  /**
   * True: SIGINT, SIGTERM and the end of the process close the registry first, and the signal is raised again.
   * @default false
   */
  readonly closeOnExit?: boolean | undefined;
  /**
   * Longest time that `closeOnExit` takes.
   * @default 5000
   */
  readonly exitTimeout?: number | undefined;
  /** The source of time, for tests. @default the system's */
  readonly clock?: Clock | undefined;
}

/** The options of a registry, complete. No limit is `Infinity`. */
export interface ResolvedRegistry {
  readonly session: SessionOptions;
  readonly idleTimeout: number;
  readonly maxAge: number;
  readonly maxSessions: number;
  readonly whenFull: 'evict' | 'refuse';
  readonly store: SessionStore | null;
  readonly saveInterval: number;
  readonly saveProxyPassword: boolean;
  readonly onStoreError: 'throw' | 'keep-going';
  readonly onError: (error: unknown, id: string) => void;
  /** Told why the registry could not close when the process ended. */
  readonly onExitError: (error: unknown) => void;
  readonly observers: readonly RegistryObserver[];
  readonly closeOnExit: boolean;
  readonly exitTimeout: number;
  readonly clock: Clock;
}

const keys: ReadonlySet<string> = new Set([
  ...['session', 'idleTimeout', 'maxAge', 'maxSessions', 'whenFull', 'store', 'saveInterval'],
  ...['saveProxyPassword', 'onStoreError', 'onError', 'observers', 'closeOnExit', 'exitTimeout', 'clock'],
]);

const nobody = (): void => {};

/** Sessions that are lost at the end of a process must not be lost in silence. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error.message : String(error), 'JarfetchWarning');
}

/**
 * Checks a registry's options and fills in the rest.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveRegistry(given: RegistryOptions): ResolvedRegistry {
  checkOptions(given, 'Registry options', keys);
  const options = ownCopy('Registry options', given);
  const {
    session = {},
    whenFull = 'evict',
    store,
    saveInterval = 1000,
    onStoreError = 'throw',
    onError = nobody,
    clock = systemClock,
  } = options;
  if (store !== undefined && (typeof store !== 'object' || typeof store?.update !== 'function')) {
    throw invalidOption('store', 'a store such as fileStore(folder)', store);
  }
  if (typeof onError !== 'function') throw invalidOption('onError', 'a function', onError);
  return {
    session: checkShared('session', session),
    idleTimeout: limit('idleTimeout', options.idleTimeout, false),
    maxAge: limit('maxAge', options.maxAge, false),
    maxSessions: limit('maxSessions', options.maxSessions, true),
    whenFull: checkOneOf('whenFull', whenFull, ['evict', 'refuse']),
    store: store ?? null,
    saveInterval:
      saveInterval === false ? Number.POSITIVE_INFINITY : limit('saveInterval', saveInterval, false),
    saveProxyPassword: checkBoolean('saveProxyPassword', options.saveProxyPassword ?? false),
    onStoreError: checkOneOf('onStoreError', onStoreError, ['throw', 'keep-going']),
    onError,
    onExitError: onError === nobody ? warn : (error) => onError(error, ''),
    observers: checkRegistryObservers(options.observers),
    closeOnExit: checkBoolean('closeOnExit', options.closeOnExit ?? false),
    exitTimeout: limit('exitTimeout', options.exitTimeout ?? 5000, false),
    clock,
  };
}

function limit(name: string, value: number | undefined, integer: boolean): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  return checkNumber(name, value, { least: 1, integer });
}

/** Refuses options of sessions that the registry sets itself. */
export function checkShared<T extends SessionOptions>(what: string, given: T): T {
  const options = ownCopy(what, given);
  for (const key of ['sessionId', 'cookieJar'] as const) {
    if (own(options, key) === undefined) continue;
    throw new RequestError(
      'ERR_INVALID_OPTION',
      `${key} is the registry's: the id names a session, cookies fill it`,
    );
  }
  return options;
}
