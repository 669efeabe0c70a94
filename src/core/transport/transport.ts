import { createHash, randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { Agent, type buildConnector, type Client, type Dispatcher, Pool } from 'undici';
import { RequestError } from '../errors.ts';
import { idempotentMethods } from '../http.ts';
import { InFlight } from '../in-flight.ts';
import type { Preset } from '../presets/index.ts';
import { type Connect, type ConnectAttempt, createConnect, createForwardConnect } from './connect.ts';
import { ConnectionPool, type Making } from './connection-pool.ts';
import { OrderedClient, type OrderedDispatchOptions } from './head/client.ts';
import { type ProxySettings, proxyAuthorization, proxyVariables } from './proxy.ts';
import {
  type CheckedConnection,
  checkConnection,
  connectionKeys,
  resolveConnection,
  resolveTransport,
  type TransportOptions,
  type TransportSettings,
} from './transport-options.ts';

/** Largest response head in bytes, names and values together. */
const maxHeaderBytes = 65_536;

/** How a transport connects, its proxy's credentials included: for `jarfetch/interop`, and for nobody outside. */
export let settingsOf: (transport: Transport) => TransportSettings;

/**
 * Connections that sessions may share: one proxy, one set of TLS settings, one pool. Cookies are not its business.
 */
export class Transport {
  /** Names the transport; random. */
  readonly id: string = randomUUID();
  readonly #settings: TransportSettings;
  readonly #calls = new InFlight();
  readonly #forwarders = new Map<string, ConnectionPool>();
  #dispatcher: Dispatcher | undefined;
  #upgrader: ConnectionPool | undefined;
  #closing: Promise<void> | undefined;

  /** Made by {@link createTransport} and by sessions; takes settings that are already checked. */
  constructor(settings: TransportSettings) {
    this.#settings = settings;
  }

  /** True once close() was called. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** The preset that goes with this transport, `null` when it was given none. */
  get preset(): Preset | null {
    return this.#settings.preset;
  }

  /** True when HTTP/2 is offered. */
  get http2(): boolean {
    return this.#settings.http2;
  }

  /** True when requests may say how their heads are written: a dispatcher of the caller's is left alone. */
  get ordersHeads(): boolean {
    return this.#settings.dispatcher === null;
  }

  /** The undici Dispatcher behind this transport, for other users of undici. */
  get dispatcher(): Dispatcher {
    this.#dispatcher ??= this.#settings.dispatcher ?? this.#createDispatcher();
    return this.#dispatcher;
  }

  /**
   * Says that a call starts to use the transport.
   * @throws RequestError ERR_TRANSPORT_CLOSED after close()
   */
  begin(): void {
    if (this.closed) throw new RequestError('ERR_TRANSPORT_CLOSED', 'Transport has been closed');
    this.#calls.begin();
  }

  /** Says that a call has its response, or failed. */
  end(): void {
    this.#calls.end();
  }

  /**
   * Sends one request on a connection to `target`, or to the proxy that forwards it.
   * Errors of the options are thrown, everything later reaches the handler.
   */
  dispatch(target: URL, options: OrderedDispatchOptions, handler: Dispatcher.DispatchHandler): void {
    // What leaves HTTP behind needs a tunnel and HTTP/1.1: forwarding proxies do not pass it on, as browsers know.
    const isUpgrade = typeof options.upgrade === 'string';
    const proxy = isUpgrade ? null : this.#forwarderOf(target);
    if (proxy !== null) this.#forward(proxy, target, options, handler);
    else if (this.#settings.dispatcher !== null) this.dispatcher.dispatch(namingNoAddress(options), handler);
    else if (isUpgrade) this.#upgradeDispatcher().dispatch(options, handler);
    else this.dispatcher.dispatch(options, handler);
  }

  #upgradeDispatcher(): Dispatcher {
    if (!this.#settings.http2) return this.dispatcher;
    this.#upgrader ??= this.#createPool(createConnect({ ...this.#settings, http2: false }));
    return this.#upgrader;
  }

  /** True when requests to `target` go to a proxy that reads and forwards them. */
  forwards(target: URL): boolean {
    return this.#forwarderOf(target) !== null;
  }

  #forwarderOf(target: URL): ProxySettings | null {
    const { dispatcher, proxyTunnel } = this.#settings;
    if (dispatcher !== null || proxyTunnel || target.protocol === 'https:') return null;
    const proxy = this.#settings.proxyFor(target);
    return proxy?.protocol === 'socks5:' ? null : proxy;
  }

  /** RFC 9112 section 3.2.2: a proxy takes a plain http target by its whole URL. */
  #forward(
    proxy: ProxySettings,
    target: URL,
    options: OrderedDispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): void {
    const host = isIP(proxy.hostname) === 6 ? `[${proxy.hostname}]` : proxy.hostname;
    const origin = `${proxy.protocol}//${host}:${proxy.port}`;
    const authorization = proxyAuthorization(proxy);
    // The credentials are part of the key: two users never share a connection to their proxy.
    const key = `${origin} ${authorization}`;
    let pool = this.#forwarders.get(key);
    if (pool === undefined) {
      pool = this.#createPool(createForwardConnect(this.#settings), 'proxy');
      this.#forwarders.set(key, pool);
    }
    const headers = options.headers as string[];
    const hasHost = headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
    const added = [
      ...(hasHost ? [] : ['Host', target.host]),
      ...(authorization === null ? [] : ['Proxy-Authorization', authorization]),
    ];
    const path = target.origin + options.path;
    // Proxies that end a connection without a word lose what follows at once, and this cannot be sent again.
    const fresh = !idempotentMethods.has(options.method);
    const servername = proxy.hostname;
    pool.dispatch({ ...options, origin, path, headers: [...added, ...headers], fresh, servername }, handler);
  }

  #createDispatcher(): Dispatcher {
    const connect = createConnect(this.#settings);
    if (!this.#settings.http2) return this.#createPool(connect);
    // Its connections carry many requests at once, so that their times belong to none.
    const connector: buildConnector.connector = (request, callback) =>
      void connect(request, newAttempt('connect'), callback);
    const { poolMaxSize } = this.#settings;
    const clients = { ...this.#clientOptions(connector), allowH2: true };
    return new Agent({
      allowH2: true,
      factory: (origin) =>
        new Pool(origin, {
          ...clients,
          ...(Number.isFinite(poolMaxSize) ? { connections: poolMaxSize } : {}),
          factory: (url) => new OrderedClient(url, clients),
        }),
    });
  }

  #createPool(connect: Connect, phase: ConnectAttempt['phase'] = 'connect'): ConnectionPool {
    const createClient = (origin: string, making: Making): Client => {
      const connector: buildConnector.connector = (request, callback) => {
        making.failure = null;
        making.attempt = newAttempt(phase);
        making.abandon = connect(request, making.attempt, (...[error, socket]) => {
          if (error !== null) return callback(error, null);
          // Before undici's listeners, so that they find it noted.
          socket.once('error', (failure) => {
            making.failure = failure;
          });
          callback(null, socket);
        });
      };
      return new OrderedClient(origin, { ...this.#clientOptions(connector), allowH2: false });
    };
    return new ConnectionPool(createClient, {
      maxPerOrigin: this.#settings.poolMaxSize,
      maxIdlePerOrigin: this.#settings.poolMaxIdlePerHost,
    });
  }

  #clientOptions(connect: buildConnector.connector): Client.Options & { connect: typeof connect } {
    const { poolIdleTimeout, readTimeout } = this.#settings;
    return {
      connect,
      pipelining: 1,
      keepAliveTimeout: poolIdleTimeout,
      // A server that would wait longer does not decide how long we do.
      keepAliveMaxTimeout: poolIdleTimeout,
      headersTimeout: readTimeout,
      bodyTimeout: readTimeout,
      maxHeaderSize: maxHeaderBytes,
    };
  }

  /**
   * Ends the transport: calls under way finish, bounded by their own timeouts; later ones are refused with
   * ERR_TRANSPORT_CLOSED. Resolves when every call has its response; a body that nobody reads is not waited for.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#calls.whenIdle();
    // A dispatcher that the caller gave stays the caller's.
    const pools = [
      ...this.#forwarders.values(),
      this.#upgrader,
      ...(this.#settings.dispatcher === null ? [this.#dispatcher] : []),
    ];
    await Promise.all(pools.map((pool) => pool !== undefined && closeDispatcher(pool)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  static {
    settingsOf = (transport) => transport.#settings;
  }
}

/** For connectors that are not ours: addresses are no names in TLS (RFC 6066 section 3), and some Nodes throw. */
function namingNoAddress(options: OrderedDispatchOptions): OrderedDispatchOptions {
  const { servername = '', ...others } = options;
  return servername.startsWith('[') || isIP(servername) !== 0 ? others : options;
}

function newAttempt(phase: ConnectAttempt['phase']): ConnectAttempt {
  return { phase, dns: null, connect: null, tls: null };
}

/** Unread bodies hold a connection until their call's deadline ends them; closing does not wait for that. */
function closeDispatcher(dispatcher: Dispatcher): Promise<void> | undefined {
  const closed = dispatcher.close();
  if (dispatcher instanceof ConnectionPool && dispatcher.size === 0) return closed;
  closed.catch(() => {});
  return undefined;
}

/**
 * Creates connections of one's own, to share between sessions or to use for single requests.
 *
 * @throws RequestError ERR_INVALID_OPTION for an option that cannot be used
 * @example
 * const transport = await createTransport({ proxy: 'http://user:password@proxy.example:8080' });
 * const session = await createSession({ transport });
 */
export async function createTransport(options: TransportOptions = {}): Promise<Transport> {
  return new Transport(resolveTransport(options));
}

interface Shared {
  readonly key: string;
  readonly transport: Transport;
  users: number;
}

const sharedTransports = new Map<string, Shared>();

/** A transport for `options`, checked ones; the same for every session that asks for the same; counted. */
export function shareTransport(options: CheckedConnection): {
  transport: Transport;
  release: () => Promise<void>;
} {
  const key = sharingKey(options);
  let entry = sharedTransports.get(key);
  if (entry === undefined) {
    entry = { key, transport: new Transport(resolveConnection(options)), users: 0 };
    sharedTransports.set(key, entry);
  }
  entry.users++;
  const { transport } = entry;
  const release = async (): Promise<void> => {
    entry.users--;
    if (entry.users > 0) return;
    sharedTransports.delete(entry.key);
    await transport.close();
  };
  return { transport, release };
}

function sharingKey(options: CheckedConnection): string {
  let key = '';
  for (const name of connectionKeys) {
    const value = options[name];
    if (value === undefined || value === null || value === false) continue;
    key += `${name}=${typeof value === 'object' || pemKeys.has(name) ? digest(value) : value}\n`;
  }
  // The environment is read when a session starts: a changed one makes other connections.
  return options.proxy === 'env' ? key + proxyVariables(process.env) : key;
}

const pemKeys: ReadonlySet<string> = new Set(['ca', 'cert', 'key']);
const digests = new WeakMap<object, string>();

/** Stands for certificates and keys: they are long, and a key in plain text does not belong in a map. */
function digest(pem: unknown): string {
  const known = typeof pem === 'object' && pem !== null ? digests.get(pem) : undefined;
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const part of Array.isArray(pem) ? pem : [pem])
    hash.update(createHash('sha256').update(part).digest());
  const made = hash.digest('base64');
  if (Buffer.isBuffer(pem)) digests.set(pem, made);
  return made;
}

let isWarm = false;

/** Keeps the connections without options open between one-shot calls; idle ones end by themselves. */
export function keepWarm(): void {
  if (isWarm) return;
  isWarm = true;
  shareTransport(checkConnection({}));
}
