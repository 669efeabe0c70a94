import { lookup as dnsLookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import { RequestError, type RequestPhase } from '../errors.ts';
import type { ProxyChoice, ProxySettings } from './proxy.ts';
import { openTunnel } from './tunnel.ts';

/** Fixed addresses by lower-case host name. */
export type AddressPins = ReadonlyMap<string, readonly string[]>;

/** How sockets are made. */
export interface ConnectSettings {
  readonly proxyFor: ProxyChoice;
  readonly insecure: boolean;
  readonly secureContext: () => SecureContext;
  readonly pins: AddressPins | null;
  readonly http2: boolean;
  /** Milliseconds for DNS, TCP, proxy and TLS together. */
  readonly connectTimeout: number;
}

/** One attempt to connect, as far as it got; times in milliseconds, `null` for a step that did not happen. */
export interface ConnectAttempt {
  phase: RequestPhase;
  dns: number | null;
  connect: number | null;
  tls: number | null;
  /** The two ends of the socket, which is that to the proxy where there is one; `null` until it is connected. */
  local: SocketAddress | null;
  remote: SocketAddress | null;
}

/** One end of a socket. */
interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** An attempt that has not started. @param phase what it will do first */
export function newAttempt(phase: RequestPhase): ConnectAttempt {
  return { phase, dns: null, connect: null, tls: null, local: null, remote: null };
}

/** Opens a connection, notes in `attempt` how far it got, and returns what gives it up, its socket included. */
export type Connect = (
  options: buildConnector.Options,
  attempt: ConnectAttempt,
  callback: buildConnector.Callback,
) => () => void;

/** Makes the connector of a transport: direct, or through the proxy that is chosen for the target. */
export function createConnect(settings: ConnectSettings): Connect {
  const open = rawConnector(settings, settings.http2);
  // To a proxy itself HTTP/1.1 is spoken, whatever the target may offer.
  const openToProxy = rawConnector(settings, false);
  return (options, attempt, callback) => {
    const proxy = settings.proxyFor(targetUrl(options));
    const once = settleOnce(settings.connectTimeout, attempt, callback);
    if (proxy === null) once.socket = watch(open, options, attempt, once.settle);
    else connectThrough(proxy, { open, openToProxy, options, attempt, once });
    return once.abandon;
  };
}

/** Makes the connector to an HTTP proxy that is asked for plain http targets by their whole URL. */
export function createForwardConnect(settings: ConnectSettings): Connect {
  const open = rawConnector(settings, false);
  return (options, attempt, callback) => {
    const once = settleOnce(settings.connectTimeout, attempt, (error, socket) => {
      if (error === null) callback(null, socket);
      else callback(proxyFailure(error), null);
    });
    once.socket = watch(open, options, attempt, once.settle);
    return once.abandon;
  };
}

type RawConnector = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket;

function rawConnector(settings: ConnectSettings, allowH2: boolean): RawConnector {
  const { insecure, pins, secureContext } = settings;
  const build = (context: SecureContext | undefined): RawConnector => {
    const options: buildConnector.BuildOptions & { socketPath: null; family: 0 } = {
      allowH2,
      // The call's deadline and our own bound are finer than undici's half-second grid.
      timeout: 0,
      // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED=0 does not weaken the default.
      rejectUnauthorized: !insecure,
      // Own ones, so that none is inherited from a polluted Object.prototype, `secureContext` below included.
      lookup: pins === null ? dnsLookup : pinnedLookup(pins),
      socketPath: null,
      family: 0,
      ...(context === undefined ? {} : { secureContext: context }),
    };
    const connector = buildConnector(withoutPrototype(options));
    // undici returns the socket, though its types do not say so.
    return connector as unknown as RawConnector;
  };
  let plain: RawConnector | undefined;
  let secure: RawConnector | undefined;
  return (options, callback) => {
    if (options.protocol === 'https:') {
      // Not before TLS is wanted: a trust store takes longer to read than a plain request takes.
      secure ??= build(secureContext());
      return secure(withoutPrototype({ ...options, servername: nameInTls(options.hostname) }), callback);
    }
    plain ??= build(undefined);
    return plain(withoutPrototype(options), callback);
  };
}

/** A copy that inherits nothing: undici takes its options apart by name. */
export function withoutPrototype<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}

/**
 * The name that the certificate is checked against: that of the host at the other end, and never that of a Host header,
 * which undici would take. Addresses are no names in TLS; of those Node checks the address. RFC 6066 section 3.
 */
export function nameInTls(hostname: string): string {
  return isIP(hostname) === 0 ? hostname : '';
}

/** Looks a host up in the pins first, then in DNS. */
export function pinnedLookup(pins: AddressPins): LookupFunction {
  return (hostname, options, callback) => {
    const addresses = pins.get(hostname.toLowerCase());
    if (addresses === undefined) {
      dnsLookup(hostname, options, (error, found, family) => {
        // An answer without an address would be thrown out of the socket, where nobody catches it.
        const isEmpty = error === null && found.length === 0;
        callback(isEmpty ? noAddress(hostname) : error, found, family);
      });
      return;
    }
    const entries = addresses.map((address) => ({ address, family: isIP(address) }));
    const [first] = entries;
    if (options.all === true) callback(null, entries);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function noAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address for ${hostname}`), { code: 'ENODATA' });
}

function targetUrl(options: buildConnector.Options): URL {
  const host = isIP(options.hostname) === 6 ? `[${options.hostname}]` : options.hostname;
  return new URL(`${options.protocol}//${host}${options.port === '' ? '' : `:${options.port}`}`);
}

interface Once {
  socket: Socket | null;
  settle(error: Error | null, socket?: Socket): void;
  abandon(): void;
}

function settleOnce(timeout: number, attempt: ConnectAttempt, callback: buildConnector.Callback): Once {
  const once: Once = {
    socket: null,
    settle(error, socket) {
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      if (error === null && socket !== undefined) {
        callback(null, socket);
        return;
      }
      once.socket?.destroy();
      callback(error ?? new Error('no socket'), null);
    },
    abandon: () => once.settle(new Error('no longer wanted')),
  };
  let timer: NodeJS.Timeout | undefined = setTimeout(() => {
    const { phase } = attempt;
    once.settle(new RequestError('ERR_TIMEOUT', `No connection after ${timeout} ms`, { phase, timeout }));
  }, timeout);
  timer.unref();
  return once;
}

/** Opens a socket and notes how long each step took. */
function watch(
  open: RawConnector,
  options: buildConnector.Options,
  attempt: ConnectAttempt,
  settle: Once['settle'],
): Socket {
  const startedAt = performance.now();
  let connectedAt = startedAt;
  const socket = open(options, (error, opened) => {
    if (options.protocol === 'https:') attempt.tls = performance.now() - connectedAt;
    if (error === null) settle(null, opened);
    else settle(error);
  });
  socket.once('lookup', () => {
    attempt.dns = performance.now() - startedAt;
  });
  // Before undici's listener, which starts the request and with it takes the times.
  socket.prependOnceListener('connect', () => {
    connectedAt = performance.now();
    attempt.connect = connectedAt - startedAt - (attempt.dns ?? 0);
    noteAddresses(socket, attempt);
    if (options.protocol === 'https:') attempt.phase = 'tls';
  });
  return socket;
}

function noteAddresses(socket: Socket, attempt: ConnectAttempt): void {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || localPort === undefined) return;
  if (remoteAddress === undefined || remotePort === undefined) return;
  attempt.local = { address: localAddress, port: localPort };
  attempt.remote = { address: remoteAddress, port: remotePort };
}

interface ThroughProxy {
  open: RawConnector;
  openToProxy: RawConnector;
  options: buildConnector.Options;
  attempt: ConnectAttempt;
  once: Once;
}

function connectThrough(
  proxy: ProxySettings,
  { open, openToProxy, options, attempt, once }: ThroughProxy,
): void {
  attempt.phase = 'proxy';
  const hop: buildConnector.Options = {
    hostname: proxy.hostname,
    host: proxy.hostname,
    protocol: proxy.protocol === 'https:' ? 'https:' : 'http:',
    port: String(proxy.port),
  };
  once.socket = openToProxy(hop, (error, socket) => {
    if (error !== null) {
      once.settle(proxyFailure(error));
      return;
    }
    noteAddresses(socket, attempt);
    const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80));
    openTunnel(socket, proxy, { hostname: options.hostname, port }, (failure) => {
      if (failure !== null) once.settle(failure);
      else if (options.protocol === 'http:') once.settle(null, socket);
      else {
        attempt.phase = 'tls';
        const secure = watch(open, { ...options, httpSocket: socket }, attempt, once.settle);
        once.socket = secure;
        // It would go past the proxy, with the caller's own address.
        if (secure.connecting) once.settle(tunnelNotUsed());
      }
    });
  });
}

function tunnelNotUsed(): RequestError {
  const message =
    'TLS was not started in the tunnel of the proxy: this version of undici is not supported, install the one that jarfetch names';
  return new RequestError('ERR_PROXY', message, { phase: 'proxy' });
}

/** What went wrong on the way to a proxy, told apart from what goes wrong at the target. */
export function proxyFailure(cause: Error): RequestError {
  if (cause instanceof RequestError) return cause;
  const code: unknown = Reflect.get(cause, 'code');
  const reason = typeof code === 'string' ? ` (${code})` : '';
  return new RequestError('ERR_PROXY', `Could not connect to the proxy${reason}`, { cause, phase: 'proxy' });
}
