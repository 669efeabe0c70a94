import type { IncomingHttpHeaders } from 'node:http';
import { type Client, Dispatcher, errors } from 'undici';
import { InFlight } from '../in-flight.ts';
import type { ConnectAttempt } from './connect.ts';
import type { OrderedDispatchOptions } from './head/client.ts';

/** Bounds of a {@link ConnectionPool}. */
export interface PoolLimits {
  /** Most connections to one origin; requests past it wait in order. */
  readonly maxPerOrigin: number;
  /** Most idle connections kept to one origin. */
  readonly maxIdlePerOrigin: number;
}

/** A handler that has a say in its connection, and learns of it. */
export interface PooledHandler extends Dispatcher.DispatchHandler {
  /** Set by the pool: gives up the place in the queue, or the connection that is being made for this request alone. */
  onCancel?: (() => void) | null;
  /** Set by the pool: true when the connection has carried another request before. */
  isReused?: boolean;
  /** True: only a connection that is made for this request will do. */
  readonly needsFresh?: boolean;
  /** Set by the pool: the connection that the request has got, or that is being made for it. */
  making?: Making | null;
}

/** What a connection's maker and its pool tell each other. */
export interface Making {
  /** Gives the connection up while it is being made, its socket included; does nothing once it is made. */
  abandon: (() => void) | null;
  /** What its socket failed with; undici takes some failures for the end of a body that has no length. */
  failure: Error | null;
  /** How far the making got, or how long it took; `null` before it starts. */
  attempt: ConnectAttempt | null;
}

/** Dispatch options that may ask for a connection that nobody has used. */
export interface PooledOptions extends OrderedDispatchOptions {
  readonly fresh?: boolean;
}

interface Waiting {
  readonly options: PooledOptions;
  readonly handler: PooledHandler;
}

function needsFresh(options: PooledOptions, handler: PooledHandler): boolean {
  return options.fresh === true || handler.needsFresh === true;
}

interface Connection {
  readonly client: Client;
  readonly making: Making;
  /** Gives it up while it is being made; a client that lost its socket makes another. */
  readonly cancel: () => void;
  readonly siblings: Connections;
}

interface Connections {
  readonly origin: string;
  readonly open: Set<Connection>;
  readonly idle: Connection[];
  readonly waiting: Waiting[];
}

/**
 * HTTP/1.1 connections by origin, the most recently used one first. undici's own Agent opens a second
 * connection for requests that follow each other at once, and cannot bound what stays idle.
 * Each connection is an undici Client that carries one request at a time.
 */
export class ConnectionPool extends Dispatcher {
  readonly #createClient: (origin: string, making: Making) => Client;
  readonly #limits: PoolLimits;
  readonly #origins = new Map<string, Connections>();
  /** The last of them that was asked for: comparing a text is cheaper than to hash it. */
  #latest: Connections | null = null;
  readonly #running = new InFlight();
  #closed = false;

  constructor(createClient: (origin: string, making: Making) => Client, limits: PoolLimits) {
    super();
    this.#createClient = createClient;
    this.#limits = limits;
  }

  /** Requests that run or wait, unread bodies included. */
  get size(): number {
    return this.#running.count;
  }

  override dispatch(options: PooledOptions, handler: PooledHandler): boolean {
    if (this.#closed) {
      handler.onResponseError?.(noConnection, new errors.ClientClosedError());
      return false;
    }
    const connections = this.#connections(String(options.origin));
    this.#running.begin();
    const isFresh = needsFresh(options, handler);
    if (isFresh) this.#endOneIdle(connections);
    const idle = isFresh ? undefined : connections.idle.pop();
    const isFull = idle === undefined && connections.open.size >= this.#limits.maxPerOrigin;
    if (isFull) this.#wait(connections, { options, handler });
    else this.#run(idle ?? null, connections, options, handler);
    return !isFull;
  }

  #wait(connections: Connections, waiting: Waiting): void {
    connections.waiting.push(waiting);
    waiting.handler.onCancel = () => {
      const index = connections.waiting.indexOf(waiting);
      if (index < 0) return;
      connections.waiting.splice(index, 1);
      this.#running.end();
      waiting.handler.onResponseError?.(noConnection, new errors.RequestAbortedError());
    };
  }

  /** Makes room for a fresh connection where no more may be opened. It is among the same, which are not forgotten. */
  #endOneIdle(connections: Connections): void {
    if (connections.open.size < this.#limits.maxPerOrigin) return;
    const idle = connections.idle.shift();
    if (idle !== undefined) this.#end(idle);
  }

  #connections(origin: string): Connections {
    if (this.#latest?.origin === origin) return this.#latest;
    let connections = this.#origins.get(origin);
    if (connections === undefined) {
      connections = { origin, open: new Set(), idle: [], waiting: [] };
      this.#origins.set(origin, connections);
    }
    this.#latest = connections;
    return connections;
  }

  #open(connections: Connections): Connection {
    const making: Making = { abandon: null, failure: null, attempt: null };
    const client = this.#createClient(connections.origin, making);
    const cancel = (): void => making.abandon?.();
    const connection = { client, making, cancel, siblings: connections };
    connections.open.add(connection);
    client.on('disconnect', () => {
      const index = connections.idle.indexOf(connection);
      if (index < 0) return;
      connections.idle.splice(index, 1);
      this.#retire(connection);
    });
    return connection;
  }

  /** @param idle a connection that is there already; `null` opens one */
  #run(
    idle: Connection | null,
    connections: Connections,
    options: PooledOptions,
    handler: PooledHandler,
  ): void {
    const connection = idle ?? this.#open(connections);
    const { client, making, cancel } = connection;
    handler.isReused = idle !== null;
    handler.making = making;
    // Nobody else waits for a connection that is being made: one request at a time.
    handler.onCancel = cancel;
    try {
      client.dispatch(options, new ReleasingHandler(handler, connection, this.#onRelease));
    } catch (error) {
      // undici throws what is wrong with the options before it takes the request.
      this.#release(connection, true);
      throw error;
    }
  }

  readonly #onRelease = (connection: Connection, reusable: boolean): void =>
    this.#release(connection, reusable);

  #release(connection: Connection, reusable: boolean): void {
    this.#running.end();
    const { siblings } = connection;
    const next = siblings.waiting.shift();
    const isWanted = next === undefined ? this.#mayIdle(siblings) : !needsFresh(next.options, next.handler);
    const keep = reusable && isWanted;
    if (!keep) this.#end(connection);
    if (next === undefined) {
      if (keep) siblings.idle.push(connection);
      else this.#forgetIfUnused(siblings);
      return;
    }
    try {
      this.#run(keep ? connection : null, siblings, next.options, next.handler);
    } catch (error) {
      next.handler.onResponseError?.(noConnection, error as Error);
    }
  }

  #mayIdle(connections: Connections): boolean {
    return !this.#closed && connections.idle.length < this.#limits.maxIdlePerOrigin;
  }

  #retire(connection: Connection): void {
    this.#end(connection);
    this.#forgetIfUnused(connection.siblings);
  }

  #end(connection: Connection): void {
    connection.siblings.open.delete(connection);
    // The callback form never rejects, not even for a client that was destroyed.
    connection.client.close(() => {});
  }

  #forgetIfUnused({ origin, open, waiting }: Connections): void {
    if (open.size > 0 || waiting.length > 0) return;
    this.#origins.delete(origin);
    this.#latest = null;
  }

  /** Lets running and waiting requests finish, then ends every connection. */
  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    const done = this.#finish();
    if (callback === undefined) return done;
    void done.then(callback);
  }

  async #finish(): Promise<void> {
    this.#closed = true;
    const idle = [...this.#origins.values()].flatMap((connections) =>
      connections.idle.splice(0).map((idle) => {
        connections.open.delete(idle);
        return idle.client.close();
      }),
    );
    await Promise.all(idle);
    await this.#running.whenIdle();
    this.#origins.clear();
    this.#latest = null;
  }

  /** Ends everything now; requests that run or wait fail with `error`. */
  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | void {
    const callback = typeof first === 'function' ? first : second;
    const done = this.#abort(typeof first === 'object' ? first : null);
    if (callback === undefined) return done;
    void done.then(callback);
  }

  async #abort(given: Error | null): Promise<void> {
    this.#closed = true;
    const error = given ?? new errors.ClientDestroyedError();
    const ending: Promise<void>[] = [];
    for (const connections of this.#origins.values()) {
      for (const { handler } of connections.waiting.splice(0)) {
        this.#running.end();
        handler.onResponseError?.(noConnection, error);
      }
      for (const { client } of connections.open) ending.push(client.destroy(error));
    }
    this.#origins.clear();
    this.#latest = null;
    await Promise.all(ending);
  }
}

/** Passes everything on and gives the connection back when the exchange is over. */
class ReleasingHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #connection: Connection;
  readonly #onRelease: (connection: Connection, reusable: boolean) => void;
  #isDropped = false;
  #endsWithConnection = false;

  constructor(
    handler: Dispatcher.DispatchHandler,
    connection: Connection,
    onRelease: (connection: Connection, reusable: boolean) => void,
  ) {
    this.#handler = handler;
    this.#connection = connection;
    this.#onRelease = onRelease;
  }

  #release(reusable: boolean): void {
    this.#onRelease(this.#connection, reusable);
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    try {
      this.#handler.onRequestStart?.(controller, context);
    } catch (error) {
      // undici drops a request whose handler does not want it; the connection has seen nothing of it.
      this.#isDropped = true;
      throw error;
    }
  }

  onRequestUpgrade(
    ...upgrade: Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>
  ): void {
    // The socket belongs to the caller from here on.
    this.#release(false);
    this.#handler.onRequestUpgrade?.(...upgrade);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText?: string,
  ): void {
    // RFC 9112 section 6.3, rule 8.
    this.#endsWithConnection =
      headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
    this.#handler.onResponseStart?.(controller, status, headers, statusText);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    const failure = this.#endsWithConnection ? this.#connection.making.failure : null;
    if (failure !== null) {
      this.onResponseError(controller, failure);
      return;
    }
    this.#release(true);
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    // After any other error an HTTP/1.1 connection is gone or of no use.
    this.#release(this.#isDropped);
    this.#handler.onResponseError?.(controller, error);
  }

  onBodySent(chunk: Buffer): void {
    this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }
}

/** Stands for a controller where a request fails before it has a connection. */
export const noConnection: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort() {},
  pause() {},
  resume() {},
};
