import { InFlight } from '../in-flight.ts';
import { errors } from '../undici.ts';
import type { ConnectionSettings } from './connection.ts';
import type { LeaseTaker, LeaseWait } from './lease.ts';
import { OriginConnections, type PoolEvents, type PoolLimits } from './origin-connections.ts';

/**
 * Connections by origin, the most recently used one first. undici's own Agent opens a second connection for requests
 * that follow each other at once, cannot limit its idle connections, and makes all requests wait for one handshake.
 */
export class ConnectionPool {
  readonly #settings: ConnectionSettings;
  readonly #limits: PoolLimits;
  readonly #origins = new Map<string, OriginConnections>();
  /** The origin that was used last. Comparing it is cheaper than looking it up. */
  #latest: OriginConnections | null = null;
  readonly #running = new InFlight();
  readonly #events: PoolEvents = {
    onOver: () => this.#running.end(),
    onUnused: (connections) => {
      // A connection reports its end late: others to its origin may have been made since.
      if (this.#origins.get(connections.origin) !== connections) return;
      this.#origins.delete(connections.origin);
      this.#latest = null;
    },
  };
  #closed = false;

  constructor(settings: ConnectionSettings, limits: PoolLimits) {
    this.#settings = settings;
    this.#limits = limits;
  }

  /** Exchanges that run or wait, including those with unread bodies. */
  get size(): number {
    return this.#running.count;
  }

  /**
   * Lends a connection to `origin`: before this returns, where one is free or may be opened. A connection that must
   * be opened first is also lent immediately, and is opened when the request is dispatched.
   *
   * @param isFresh true to accept only a connection that is opened from now on
   * @returns the place in the queue; `null` when the connection was already lent
   */
  acquire(origin: string, isFresh: boolean, taker: LeaseTaker): LeaseWait | null {
    if (this.#closed) {
      taker.onLeaseFailure(new errors.ClientClosedError());
      return null;
    }
    this.#running.begin();
    return this.#connectionsOf(origin).acquire(isFresh, taker);
  }

  #connectionsOf(origin: string): OriginConnections {
    if (this.#latest?.origin === origin) return this.#latest;
    let connections = this.#origins.get(origin);
    if (connections === undefined) {
      connections = new OriginConnections(origin, this.#settings, this.#limits, this.#events);
      this.#origins.set(origin, connections);
    }
    this.#latest = connections;
    return connections;
  }

  /** Lets running and waiting exchanges finish, then closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#origins.values()].map((connections) => connections.close()));
    await this.#running.whenIdle();
    this.#forgetAll();
  }

  /** Closes everything now; exchanges that run or wait fail with `error`. */
  async destroy(error: Error): Promise<void> {
    this.#closed = true;
    const ending = [...this.#origins.values()].map((connections) => connections.destroy(error));
    this.#forgetAll();
    await Promise.all(ending);
  }

  #forgetAll(): void {
    this.#origins.clear();
    this.#latest = null;
  }
}
