import { Connection, ConnectionLease, type ConnectionSettings, maxStreams } from './connection.ts';
import type { LeaseTaker, LeaseWait } from './lease.ts';

/** Limits of a pool. */
export interface PoolLimits {
  /** Most connections to one origin; further exchanges wait in order. */
  readonly maxPerOrigin: number;
  /** Most idle connections kept to one origin. */
  readonly maxIdlePerOrigin: number;
}

/** The events that the connections to one origin report to their pool. */
export interface PoolEvents {
  /** An exchange has ended, or left the queue. */
  onOver(): void;
  /** No connection is open and no exchange waits. */
  onUnused(connections: OriginConnections): void;
}

interface Waiting {
  readonly taker: LeaseTaker;
  readonly isFresh: boolean;
}

/**
 * Milliseconds for which others wait for a connection that may speak HTTP/2, before the first of them opens its own.
 * Chromium's socket pools start a second attempt after the same time.
 */
const patience = 250;

/**
 * The connections to one origin. Over HTTP/1.1 each carries one exchange at a time and is opened for the exchange
 * that gets it. Where HTTP/2 is offered, exchanges that start while the first connection is being opened wait for it
 * for a limited time: a handshake that hangs delays only the call for which it was started.
 */
export class OriginConnections {
  readonly origin: string;
  readonly #settings: ConnectionSettings;
  readonly #limits: PoolLimits;
  readonly #events: PoolEvents;
  readonly #open = new Set<Connection>();
  /** Those with room for an exchange, the most recently used last. */
  readonly #free: Connection[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #isShared: boolean;
  /** Connections that are being opened and that others may wait for. */
  #making = 0;
  /** Exchanges that a new connection is expected to carry at once. */
  #streams: number;
  #isClosing = false;

  constructor(origin: string, settings: ConnectionSettings, limits: PoolLimits, events: PoolEvents) {
    this.origin = origin;
    this.#settings = settings;
    this.#limits = limits;
    this.#events = events;
    // As in browsers, HTTP/2 is used over TLS only.
    this.#isShared = settings.allowHttp2 && origin.startsWith('https:');
    this.#streams = this.#isShared ? maxStreams : 1;
  }

  /** See {@link ConnectionPool.acquire}. */
  acquire(isFresh: boolean, taker: LeaseTaker): LeaseWait | null {
    const free = isFresh ? undefined : this.#take();
    if (free !== undefined) {
      taker.onLease(new ConnectionLease(free, true, this.#release));
      return null;
    }
    if (this.#mayOpen(isFresh, this.#waiting.length + 1)) {
      this.#start(taker);
      return null;
    }
    const waiting = { taker, isFresh };
    this.#waiting.push(waiting);
    return { cancel: () => this.#leave(waiting) };
  }

  #leave(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    this.#events.onOver();
  }

  #take(): Connection | undefined {
    let connection = this.#free.at(-1);
    while (connection?.isDead === true) {
      connection.isSpent = true;
      this.#list(connection);
      connection = this.#free.at(-1);
    }
    if (connection === undefined) return undefined;
    connection.leases++;
    if (connection.leases >= connection.capacity) {
      this.#free.pop();
      connection.isListed = false;
    }
    return connection;
  }

  /** @param count number of waiting exchanges, including the new one */
  #mayOpen(isFresh: boolean, count: number): boolean {
    // On each of them the call that started it has one exchange.
    if (this.#making * (this.#streams - 1) >= count) return false;
    return this.#open.size < this.#limits.maxPerOrigin || (isFresh && this.#endOneIdle());
  }

  /** Makes room for a fresh connection where the limit is reached. */
  #endOneIdle(): boolean {
    const idle = this.#free.find(({ leases }) => leases === 0);
    if (idle !== undefined) this.#end(idle);
    return idle !== undefined;
  }

  #start(taker: LeaseTaker): void {
    const connection = new Connection(this.origin, this.#isShared, this.#settings);
    connection.leases = 1;
    this.#open.add(connection);
    connection.client.on('disconnect', () => this.#onDisconnect(connection));
    if (this.#isShared) this.#share(connection);
    taker.onLease(new ConnectionLease(connection, false, this.#release));
  }

  /** Lets others wait for a connection that may speak HTTP/2. */
  #share(connection: Connection): void {
    this.#making++;
    const onLate = (): void => {
      this.#endPatience(connection);
      this.#spendUseless(connection);
      if (connection.isSpent && connection.leases === 0) this.#end(connection);
      this.#serve();
      this.#forgetIfUnused();
    };
    connection.patience = setTimeout(onLate, patience);
    connection.patience.unref();
    connection.client.on('connect', () => this.#onConnect(connection));
  }

  #endPatience(connection: Connection): void {
    if (connection.patience === null) return;
    clearTimeout(connection.patience);
    connection.patience = null;
    this.#making--;
  }

  #onConnect(connection: Connection): void {
    const { protocol, session } = connection.client.slot;
    if (protocol === 'http/1.1') {
      // From now on no exchange waits for a connection that another one started.
      this.#streams = 1;
      connection.capacity = 1;
      this.#endPatience(connection);
      this.#serve();
      return;
    }
    // RFC 9113 section 3.4: the server's settings come first. undici opens one stream before them, and no second.
    session?.on?.('remoteSettings', () => {
      this.#onSettings(connection, session.remoteSettings?.maxConcurrentStreams);
    });
  }

  #onSettings(connection: Connection, allowed = maxStreams): void {
    connection.capacity = Math.min(allowed, maxStreams);
    this.#streams = Math.max(1, connection.capacity);
    this.#endPatience(connection);
    // The connection is new for all that wait.
    while (connection.leases < connection.capacity && !connection.isSpent) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      connection.leases++;
      next.taker.onLease(new ConnectionLease(connection, true, this.#release));
    }
    this.#list(connection);
    this.#serve();
  }

  /** Records whether a connection has room. */
  #list(connection: Connection): void {
    const hasRoom = !connection.isSpent && connection.leases < connection.capacity;
    if (hasRoom === connection.isListed) return;
    connection.isListed = hasRoom;
    if (hasRoom) this.#free.push(connection);
    else this.#free.splice(this.#free.indexOf(connection), 1);
  }

  readonly #release = (connection: Connection, reusable: boolean): void => {
    this.#events.onOver();
    connection.leases--;
    // A stream that failed does not affect the others of its connection.
    if (!reusable && connection.client.slot.protocol !== 'h2') connection.isSpent = true;
    // Until its time limit ends, the settings may arrive, and the end of the last stream is still being written.
    if (connection.patience === null) this.#spendUseless(connection);
    if (connection.isSpent) {
      if (connection.leases === 0) this.#end(connection);
    } else {
      this.#list(connection);
    }
    this.#serve();
    if (connection.leases === 0 && !connection.isSpent && !this.#mayIdle()) this.#end(connection);
    this.#forgetIfUnused();
  };

  /** A server that has sent no settings, or allows no stream, would block a place for a usable connection. */
  #spendUseless(connection: Connection): void {
    if (connection.leases === 0 && connection.capacity === 0) connection.isSpent = true;
  }

  /** Lends free connections to waiting exchanges, and opens new ones within the limit. */
  #serve(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const free = next.isFresh ? undefined : this.#take();
      if (free === undefined && !this.#mayOpen(next.isFresh, this.#waiting.length)) return;
      this.#waiting.shift();
      if (free === undefined) this.#start(next.taker);
      else next.taker.onLease(new ConnectionLease(free, true, this.#release));
    }
  }

  #mayIdle(): boolean {
    const { maxIdlePerOrigin } = this.#limits;
    if (this.#isClosing) return false;
    if (maxIdlePerOrigin === Number.POSITIVE_INFINITY) return true;
    return this.#free.filter(({ leases }) => leases === 0).length <= maxIdlePerOrigin;
  }

  #onDisconnect(connection: Connection): void {
    if (connection.leases === 0) {
      this.#end(connection);
      this.#serve();
      this.#forgetIfUnused();
    } else if (connection.client.slot.protocol === 'h2') {
      // Its other streams may still succeed: undici continues them after a GOAWAY.
      connection.isSpent = true;
      this.#list(connection);
    }
  }

  #end(connection: Connection): void {
    connection.isSpent = true;
    this.#list(connection);
    this.#endPatience(connection);
    this.#open.delete(connection);
    connection.close();
  }

  #forgetIfUnused(): void {
    if (this.#open.size === 0 && this.#waiting.length === 0) this.#events.onUnused(this);
  }

  /** Closes idle connections now, and others when they become idle; resolves when the first have closed. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const idle = [...this.#open].filter(({ leases }) => leases === 0);
    const ended = idle.map((connection) => {
      this.#open.delete(connection);
      return new Promise<void>((resolve) => connection.close(resolve));
    });
    await Promise.all(ended);
  }

  /** Closes everything now; exchanges that run or wait fail with `error`. */
  async destroy(error: Error): Promise<void> {
    this.#isClosing = true;
    for (const { taker } of this.#waiting.splice(0)) {
      this.#events.onOver();
      taker.onLeaseFailure(error);
    }
    const open = [...this.#open];
    for (const connection of open) this.#endPatience(connection);
    await Promise.all(open.map((connection) => connection.destroy(error)));
  }
}
