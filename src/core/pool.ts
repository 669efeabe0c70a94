import { type Client, Dispatcher, errors } from 'undici';
import type { ConnectAttempt } from './connect.ts';
import { InFlight } from './in-flight.ts';

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
export interface PooledOptions extends Dispatcher.DispatchOptions {
  readonly fresh?: boolean;
}

/** Idempotent, so that a second arrival changes nothing. RFC 9110 section 9.2.2. */
export const repeatableMethods: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'],
]);

interface Waiting {
  readonly options: PooledOptions;
  readonly handler: PooledHandler;
}

function needsFresh({ options, handler }: Waiting): boolean {
  return options.fresh === true || handler.needsFresh === true;
}

interface Connections {
  readonly origin: string;
  readonly open: Map<Client, Making>;
  readonly idle: Client[];
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
    const waiting = { options, handler };
    const isFresh = needsFresh(waiting);
    if (isFresh) this.#endOneIdle(connections);
    const client = isFresh ? undefined : connections.idle.pop();
    const isFull = client === undefined && connections.open.size >= this.#limits.maxPerOrigin;
    if (isFull) this.#wait(connections, waiting);
    else this.#run(client ?? null, connections, waiting);
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

  /** Makes room for a fresh connection where no more may be opened. */
  #endOneIdle(connections: Connections): void {
    if (connections.open.size < this.#limits.maxPerOrigin) return;
    const client = connections.idle.shift();
    if (client !== undefined) this.#retire(client, connections);
  }

  #connections(origin: string): Connections {
    let connections = this.#origins.get(origin);
    if (connections === undefined) {
      connections = { origin, open: new Map(), idle: [], waiting: [] };
      this.#origins.set(origin, connections);
    }
    return connections;
  }

  #open(connections: Connections): Client {
    const making: Making = { abandon: null, failure: null, attempt: null };
    const client = this.#createClient(connections.origin, making);
    connections.open.set(client, making);
    client.on('disconnect', () => {
      const index = connections.idle.indexOf(client);
      if (index < 0) return;
      connections.idle.splice(index, 1);
      this.#retire(client, connections);
    });
    return client;
  }

  /** @param idle a connection that is there already; `null` opens one */
  #run(idle: Client | null, connections: Connections, { options, handler }: Waiting): void {
    const client = idle ?? this.#open(connections);
    const release = (reusable: boolean): void => this.#release(client, connections, reusable);
    const making = connections.open.get(client);
    handler.isReused = idle !== null;
    handler.making = making ?? null;
    // Nobody else waits for this connection: one request at a time.
    handler.onCancel = () => making?.abandon?.();
    try {
      client.dispatch(options, new ReleasingHandler(handler, release, making));
    } catch (error) {
      // undici throws what is wrong with the options before it takes the request.
      release(true);
      throw error;
    }
  }

  #release(client: Client, connections: Connections, reusable: boolean): void {
    this.#running.end();
    const next = connections.waiting.shift();
    const isWanted = next === undefined ? this.#mayIdle(connections) : !needsFresh(next);
    const keep = reusable && isWanted;
    if (!keep) this.#end(client, connections);
    if (next === undefined) {
      if (keep) connections.idle.push(client);
      else this.#forgetIfUnused(connections);
      return;
    }
    try {
      this.#run(keep ? client : null, connections, next);
    } catch (error) {
      next.handler.onResponseError?.(noConnection, error as Error);
    }
  }

  #mayIdle(connections: Connections): boolean {
    return !this.#closed && connections.idle.length < this.#limits.maxIdlePerOrigin;
  }

  #retire(client: Client, connections: Connections): void {
    this.#end(client, connections);
    this.#forgetIfUnused(connections);
  }

  #end(client: Client, connections: Connections): void {
    connections.open.delete(client);
    // The callback form never rejects, not even for a client that was destroyed.
    client.close(() => {});
  }

  #forgetIfUnused({ origin, open, waiting }: Connections): void {
    if (open.size === 0 && waiting.length === 0) this.#origins.delete(origin);
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
      connections.idle.splice(0).map((client) => {
        connections.open.delete(client);
        return client.close();
      }),
    );
    await Promise.all(idle);
    await this.#running.whenIdle();
    this.#origins.clear();
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
      for (const client of connections.open.keys()) ending.push(client.destroy(error));
    }
    this.#origins.clear();
    await Promise.all(ending);
  }
}

/** Passes everything on and gives the connection back when the exchange is over. */
class ReleasingHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #release: (reusable: boolean) => void;
  readonly #making: Making | undefined;
  #isDropped = false;
  #endsWithConnection = false;

  constructor(
    handler: Dispatcher.DispatchHandler,
    release: (reusable: boolean) => void,
    making: Making | undefined,
  ) {
    this.#handler = handler;
    this.#release = release;
    this.#making = making;
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

  onResponseStart(...head: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>): void {
    const [, , headers] = head;
    // RFC 9112 section 6.3, rule 8.
    this.#endsWithConnection =
      headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
    this.#handler.onResponseStart?.(...head);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(...end: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseEnd']>>): void {
    const failure = this.#endsWithConnection ? this.#making?.failure : null;
    if (failure != null) {
      this.onResponseError(end[0], failure);
      return;
    }
    this.#release(true);
    this.#handler.onResponseEnd?.(...end);
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
