import { isUtf8 } from 'node:buffer';
import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { idempotentMethods } from '../http.ts';
import { type AddressRules, judgeProxied } from './address-rules.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { Lease, LeaseDispatchOptions, LeaseTaker, LeaseWait } from './lease.ts';
import { type ProxyAddress, type ProxySettings, proxyAuthorization } from './proxy.ts';
import { isAddress } from './server-name.ts';

/** The route of an exchange to its target: which connections it uses, and the form of the request target. */
export interface Route {
  /** The proxy that reads the request and forwards it; `null` where none does. */
  readonly forwarder: ProxyAddress | null;
  /**
   * Lends a connection, see {@link ConnectionPool.acquire}.
   * @param isFresh true to accept only a connection that is opened from now on
   */
  acquire(target: URL, method: string, isFresh: boolean, taker: LeaseTaker): LeaseWait | null;
  /** The request as it is dispatched on this route. */
  address(target: URL, options: LeaseDispatchOptions): LeaseDispatchOptions;
}

/** To the target itself, possibly through a tunnel. */
export class DirectRoute implements Route {
  readonly forwarder = null;
  readonly #pool: ConnectionPool;

  constructor(pool: ConnectionPool) {
    this.#pool = pool;
  }

  acquire({ origin }: URL, _method: string, isFresh: boolean, taker: LeaseTaker): LeaseWait | null {
    return this.#pool.acquire(origin, isFresh, taker);
  }

  address(_target: URL, options: LeaseDispatchOptions): LeaseDispatchOptions {
    return options;
  }
}

/** RFC 9112 section 3.2.2: a proxy gets a request for a plain http target with its whole URL. */
export class ForwardRoute implements Route {
  readonly forwarder: ProxySettings;
  readonly #pool: ConnectionPool;
  readonly #origin: string;
  readonly #rules: AddressRules | null;

  constructor(pool: ConnectionPool, proxy: ProxySettings, rules: AddressRules | null) {
    this.#pool = pool;
    this.forwarder = proxy;
    this.#rules = rules;
    this.#origin = proxyOrigin(proxy);
  }

  acquire(target: URL, method: string, isFresh: boolean, taker: LeaseTaker): LeaseWait | null {
    // Checked here and not when connecting, because one connection to the proxy serves all hosts.
    const refusal = judgeProxied(this.#rules, target);
    if (refusal !== null) {
      taker.onLeaseFailure(refusal);
      return null;
    }
    // A proxy may close a connection without notice. A request that follows immediately is lost then, and cannot be
    // sent again.
    return this.#pool.acquire(this.#origin, isFresh || !idempotentMethods.has(method), taker);
  }

  address(target: URL, options: LeaseDispatchOptions): LeaseDispatchOptions {
    const authorization = proxyAuthorization(this.forwarder);
    const headers = options.headers as string[];
    const hasHost = headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
    const added = [
      ...(hasHost ? [] : ['Host', target.host]),
      ...(authorization === null ? [] : ['Proxy-Authorization', authorization]),
    ];
    return changed(options, {
      origin: this.#origin,
      path: target.origin + options.path,
      headers: [...added, ...headers],
      servername: this.forwarder.hostname,
    });
  }
}

function proxyOrigin({ protocol, hostname, port }: ProxySettings): string {
  return `${protocol}//${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
}

/** The key of the connections to a proxy: two users never share one. */
export function proxyKey(proxy: ProxySettings): string {
  return `${proxyOrigin(proxy)} ${proxyAuthorization(proxy)}`;
}

/** Uses the caller's own dispatcher, which opens its connections itself. */
export class GivenRoute implements Route {
  readonly forwarder = null;
  readonly #lease: Lease;

  constructor(dispatcher: Dispatcher) {
    this.#lease = new GivenLease(dispatcher);
  }

  acquire(_target: URL, _method: string, _isFresh: boolean, taker: LeaseTaker): null {
    taker.onLease(this.#lease);
    return null;
  }

  address(_target: URL, options: LeaseDispatchOptions): LeaseDispatchOptions {
    const { servername = '', body } = options;
    // For other connectors: an address is not a name in TLS (RFC 6066 section 3), and some versions of Node.js throw
    // for it.
    const hasAddress = isAddress(servername);
    const isText = body instanceof Uint8Array && body.length <= maxTextBytes && isUtf8(body);
    if (!hasAddress && !isText) return options;
    return changed(options, {
      ...(hasAddress && { servername: undefined }),
      ...(isText && { body: Buffer.from(body.buffer, body.byteOffset, body.length).toString() }),
    });
  }
}

/** Largest body in bytes that is passed as text, because mocks compare it with a string, as with undici.request. */
const maxTextBytes = 1024 * 1024;

/**
 * A copy without a prototype, because undici would read an inherited property, such as `upgrade` of a polluted
 * prototype, as an option.
 */
function changed(
  options: LeaseDispatchOptions,
  changes: Partial<LeaseDispatchOptions>,
): LeaseDispatchOptions {
  return Object.assign(Object.create(null), options, changes);
}

/** One lease for all exchanges, because the connections of a dispatcher are unknown. */
class GivenLease implements Lease {
  readonly isReused = false;
  readonly attempt = null;
  readonly failure = null;
  readonly isHttp1 = false;
  readonly hasAnswer = false;
  readonly mayBeHttp2 = false;
  readonly ordersHeads = false;
  readonly #dispatcher: Dispatcher;

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  dispatch(options: LeaseDispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#dispatcher.dispatch(options, handler);
  }

  announce(): void {}

  abandon(): void {}

  release(): void {}
}
