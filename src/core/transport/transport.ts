import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { RequestError, type RequestPhase } from '../errors.ts';
import { InFlight } from '../in-flight.ts';
import type { Preset } from '../presets/index.ts';
import { type Connect, createConnect, createForwardConnect } from './connect.ts';
import { type ConnectionSettings, maxHeaderBytes } from './connection.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { LeaseDispatchOptions } from './lease.ts';
import { LeasedHandler, type OnLease } from './leased-handler.ts';
import { needsHttp1, PoolDispatcher } from './pool-dispatcher.ts';
import type { ProxySettings } from './proxy.ts';
import { DirectRoute, ForwardRoute, GivenRoute, proxyKey, type Route } from './routes.ts';
import { resolveTransport, type TransportOptions, type TransportSettings } from './transport-options.ts';

/**
 * How a transport connects, with its proxy's credentials. For other folders of the package. index.ts does not export
 * it.
 */
export function settingsOf(transport: Transport): TransportSettings {
  // biome-ignore lint/complexity/useLiteralKeys: by its name in quotes TypeScript allows a private member
  return transport['settings'];
}

/**
 * Connections that sessions may share: one proxy, one set of TLS settings, one pool. It has no cookies.
 */
export class Transport {
  readonly #settings: TransportSettings;
  readonly #calls = new InFlight();
  readonly #forwarders = new Map<string, { readonly route: Route; readonly pool: ConnectionPool }>();
  #pool: ConnectionPool | undefined;
  #upgrader: ConnectionPool | undefined;
  #direct: Route | undefined;
  #dispatcher: Dispatcher | undefined;
  #closing: Promise<void> | undefined;
  /** True once its pools are closed. */
  #isOver = false;
  #id: string | undefined;

  /** Created by {@link createTransport} and by sessions; accepts settings that are already checked. @internal */
  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  private get settings(): TransportSettings {
    return this.#settings;
  }

  /** Identifies the transport; random. */
  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }

  /** True once close() was called. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** True while it has opened no connection and nobody was given its dispatcher. @internal */
  get isUnused(): boolean {
    return (
      this.#direct === undefined &&
      this.#dispatcher === undefined &&
      this.#pool === undefined &&
      this.#upgrader === undefined &&
      this.#forwarders.size === 0
    );
  }

  /** The preset of this transport, `null` when it was given none. @internal */
  get preset(): Preset | null {
    return this.#settings.preset;
  }

  /** True when HTTP/2 is offered. */
  get http2(): boolean {
    return this.#settings.http2;
  }

  /**
   * True when requests decide how their heads are written, which the caller's own dispatcher does not allow. @internal
   */
  get ordersHeads(): boolean {
    return this.#settings.dispatcher === null;
  }

  /** The connections of this transport as an undici Dispatcher, for other users of undici. */
  get dispatcher(): Dispatcher {
    this.#dispatcher ??=
      this.#settings.dispatcher ?? new PoolDispatcher(this.#mainPool(), this.#upgradePool());
    return this.#dispatcher;
  }

  /**
   * Reports that a call starts to use the transport.
   * @throws RequestError ERR_TRANSPORT_CLOSED after close()
   * @internal
   */
  begin(): void {
    if (this.closed) throw new RequestError('ERR_TRANSPORT_CLOSED', 'Transport has been closed');
    this.#calls.begin();
  }

  /** Reports that a call has its response, or failed. @internal */
  end(): void {
    this.#calls.end();
  }

  /**
   * The route of a request to `target`.
   *
   * @param isHttp1 true for an upgrade, which needs HTTP/1.1 end to end: forwarding proxies do not pass it on
   * @internal
   */
  route(target: URL, isHttp1: boolean): Route {
    if (isHttp1 && this.#settings.dispatcher === null) return new DirectRoute(this.#upgradePool());
    const proxy = isHttp1 ? null : this.#forwarderOf(target);
    if (proxy !== null) return this.#forwardRoute(proxy);
    const { dispatcher } = this.#settings;
    this.#direct ??= dispatcher === null ? new DirectRoute(this.#mainPool()) : new GivenRoute(dispatcher);
    return this.#direct;
  }

  /**
   * Sends one request for an undici handler. Errors are passed to the handler.
   *
   * @param onLease see {@link LeasedHandler}
   * @internal
   */
  dispatch(
    target: URL,
    options: LeaseDispatchOptions,
    handler: Dispatcher.DispatchHandler,
    onLease?: OnLease,
  ): void {
    // A plain http target uses HTTP/1.1 anyway, and may use a forwarding proxy.
    const isHttp1 = target.protocol === 'https:' ? needsHttp1(options) : typeof options.upgrade === 'string';
    const route = this.route(target, isHttp1);
    const leased = new LeasedHandler(route.address(target, options), handler, onLease);
    route.acquire(target, options.method, false, leased);
  }

  #forwarderOf(target: URL): ProxySettings | null {
    const { dispatcher, proxyTunnel } = this.#settings;
    if (dispatcher !== null || proxyTunnel || target.protocol === 'https:') return null;
    const proxy = this.#settings.proxyFor(target);
    return proxy?.protocol === 'socks5:' ? null : proxy;
  }

  #forwardRoute(proxy: ProxySettings): Route {
    const key = proxyKey(proxy);
    let forwarder = this.#forwarders.get(key);
    if (forwarder === undefined) {
      const pool = this.#createPool(createForwardConnect(this.#settings), false, 'proxy');
      forwarder = { pool, route: new ForwardRoute(pool, proxy, this.#settings.addressRules) };
      this.#forwarders.set(key, forwarder);
    }
    return forwarder.route;
  }

  #mainPool(): ConnectionPool {
    this.#pool ??= this.#createPool(createConnect(this.#settings), this.#settings.http2);
    return this.#pool;
  }

  #upgradePool(): ConnectionPool {
    if (!this.#settings.http2) return this.#mainPool();
    this.#upgrader ??= this.#createPool(createConnect({ ...this.#settings, http2: false }), false);
    return this.#upgrader;
  }

  #createPool(connect: Connect, allowHttp2: boolean, firstPhase: RequestPhase = 'connect'): ConnectionPool {
    const { poolMaxSize, poolMaxIdlePerHost } = this.#settings;
    const pool = new ConnectionPool(
      { connect, firstPhase, allowHttp2, client: this.#clientOptions() },
      { maxPerOrigin: poolMaxSize, maxIdlePerOrigin: poolMaxIdlePerHost },
    );
    // Only `dispatcher` is still of use after close(). It refuses every request.
    if (this.#isOver) void pool.close();
    return pool;
  }

  #clientOptions(): ConnectionSettings['client'] {
    const { poolIdleTimeout, readTimeout } = this.#settings;
    return {
      pipelining: 1,
      keepAliveTimeout: poolIdleTimeout,
      // The server's Keep-Alive header can only shorten this time.
      keepAliveMaxTimeout: poolIdleTimeout,
      headersTimeout: readTimeout,
      bodyTimeout: readTimeout,
      maxHeaderSize: maxHeaderBytes,
    };
  }

  /**
   * Closes the transport: calls in progress finish, bounded by their own timeouts; later ones are refused with
   * ERR_TRANSPORT_CLOSED. Resolves when every call has its response; an unread body is not waited for.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#calls.count > 0) await this.#calls.whenIdle();
    this.#isOver = true;
    // The caller's own dispatcher is not among them. Invariant: close what you made.
    const forwarders = [...this.#forwarders.values()].map(({ pool }) => pool);
    const pools = [...forwarders, this.#upgrader, this.#pool].filter((pool) => pool !== undefined);
    await Promise.all(pools.map(closePool));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

// The build renames a class that refers to itself, and `inspect` would show that name.
Object.defineProperty(Transport, 'name', { value: 'Transport' });

/** Unread bodies hold a connection until their call's deadline ends them. Closing does not wait for that. */
function closePool(pool: ConnectionPool): Promise<void> | undefined {
  const closed = pool.close();
  if (pool.size === 0) return closed;
  closed.catch(() => {});
  return undefined;
}

/**
 * Creates a transport with its own connections, to share between sessions or to use for single requests.
 *
 * @throws RequestError ERR_INVALID_OPTION for an invalid option
 * @example
 * const transport = await createTransport({ proxy: 'http://user:password@proxy.example:8080' });
 * const session = await createSession({ transport });
 */
export async function createTransport(options: TransportOptions = {}): Promise<Transport> {
  return new Transport(resolveTransport(options));
}
