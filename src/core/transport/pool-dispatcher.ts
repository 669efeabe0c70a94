import { Dispatcher, Dispatcher1Wrapper, errors } from '../undici.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { isLegacyHandler, LeasedHandler } from './leased-handler.ts';

/** The connections of a transport as an undici Dispatcher, for other users of undici. Closing it closes its pools. */
export class PoolDispatcher extends Dispatcher {
  readonly #pools: readonly ConnectionPool[];
  readonly #upgrader: ConnectionPool;
  readonly #pool: ConnectionPool;
  #legacy: Dispatcher | undefined;

  /** @param upgrader opens the connections for upgrades, which speak HTTP/1.1 */
  constructor(pool: ConnectionPool, upgrader: ConnectionPool) {
    super();
    this.#pool = pool;
    this.#upgrader = upgrader;
    this.#pools = pool === upgrader ? [pool] : [pool, upgrader];
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (isLegacyHandler(handler)) {
      this.#legacy ??= new Dispatcher1Wrapper(this);
      return this.#legacy.dispatch(options, handler);
    }
    const pool = needsHttp1(options) ? this.#upgrader : this.#pool;
    const origin = new URL(String(options.origin)).origin;
    return pool.acquire(origin, false, new LeasedHandler(options, handler)) === null;
  }

  /** Lets running and waiting requests finish, then closes every connection. */
  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    const done = Promise.all(this.#pools.map((pool) => pool.close())).then(() => {});
    if (callback === undefined) return done;
    void done.then(callback);
  }

  /** Closes everything now; requests that run or wait fail with `error`. */
  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | void {
    const callback = typeof first === 'function' ? first : second;
    const error = (typeof first === 'object' ? first : null) ?? new errors.ClientDestroyedError();
    const done = Promise.all(this.#pools.map((pool) => pool.destroy(error))).then(() => {});
    if (callback === undefined) return done;
    void done.then(callback);
  }
}

/** An upgrade, or a request that undici limits to HTTP/1.1, for example for handlers of its older versions. */
export function needsHttp1(options: Dispatcher.DispatchOptions): boolean {
  return typeof options.upgrade === 'string' || Reflect.get(options, 'allowH2') === false;
}
