import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { RequestError } from '../errors.ts';
import { raceAddresses } from './address-race.ts';
import { type AddressRules, addressJudge, judgeProxied } from './address-rules.ts';
import { type ConnectAttempt, noteAddresses } from './connect-attempt.ts';
import { pinnedLookup } from './lookup.ts';
import {
  createSocketOpener,
  type OpenSocket,
  type SocketSettings,
  type TlsSettings,
  targetUrl,
} from './open-socket.ts';
import { hostAndPort, type ProxyAddress, type ProxyChoice, type ProxySettings } from './proxy.ts';
import { openTunnel } from './tunnel.ts';

/** Settings for opening sockets. */
export interface ConnectSettings extends SocketSettings {
  readonly proxyFor: ProxyChoice;
  /** Those for connections to the proxies themselves. */
  readonly proxyTls: TlsSettings;
  readonly http2: boolean;
  /** `null`: every address may be connected to. */
  readonly addressRules: AddressRules | null;
  /** Milliseconds for DNS, TCP, proxy and TLS together. */
  readonly connectTimeout: number;
}

/**
 * Opens a connection and records its progress in `attempt`. Returns a function that abandons it, its socket included.
 */
export type Connect = (
  options: buildConnector.Options,
  attempt: ConnectAttempt,
  callback: buildConnector.Callback,
) => () => void;

/** Creates the connector of a transport: direct, or through the proxy that is chosen for the target. */
export function createConnect(settings: ConnectSettings): Connect {
  const open = createSteps(settings, settings.http2, settings.addressRules);
  // The connection to a proxy uses HTTP/1.1, whatever protocol the target uses.
  const openToProxy = createProxySteps(settings);
  return (options, attempt, callback) => {
    const url = targetUrl(options);
    const proxy = settings.proxyFor(url);
    const pending = new PendingConnection(settings.connectTimeout, options, attempt, callback);
    const refusal = proxy === null ? null : judgeProxied(settings.addressRules, url);
    if (refusal !== null) pending.settle(refusal);
    else if (proxy === null) pending.run((done) => open(options, attempt, done), pending.settle);
    else connectThrough(proxy, { open, openToProxy, options, attempt, pending });
    return pending.abandon;
  };
}

/** Creates the connector to an HTTP proxy that gets requests for plain http targets with their whole URL. */
export function createForwardConnect(settings: ConnectSettings): Connect {
  const open = createProxySteps(settings);
  return (options, attempt, callback) => {
    const pending = new PendingConnection(settings.connectTimeout, options, attempt, (...[error, socket]) => {
      if (error === null) callback(null, socket);
      else callback(proxyFailure(error, { hostname: options.hostname, port: Number(options.port) }), null);
    });
    pending.run((done) => open(options, attempt, done), pending.settle);
    return pending.abandon;
  };
}

function portOf({ protocol, port }: buildConnector.Options): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}

type Done = (error: Error | null, socket?: Socket) => void;

/** Opens a socket and records how long each step took. Returns a function that abandons it. */
type Steps = (options: buildConnector.Options, attempt: ConnectAttempt, done: Done) => () => void;

/**
 * For connections to proxies. The caller chose the proxy, so address rules do not apply; it gets no client certificate.
 */
function createProxySteps({ proxyTls, pins }: ConnectSettings): Steps {
  return createSteps({ ...proxyTls, pins, identity: null }, false, null);
}

function createSteps(settings: SocketSettings, allowH2: boolean, rules: AddressRules | null): Steps {
  const open: OpenSocket = createSocketOpener(settings, allowH2);
  const lookup = pinnedLookup(null);
  return (options, attempt, done) => {
    const isSecure = options.protocol === 'https:';
    const startedAt = performance.now();
    let connectedAt = startedAt;
    const onLookup = (): void => {
      attempt.dns = performance.now() - startedAt;
    };
    const onConnect = (socket: Socket): void => {
      connectedAt = performance.now();
      attempt.connect = connectedAt - startedAt - (attempt.dns ?? 0);
      noteAddresses(socket, attempt);
      if (isSecure) attempt.phase = 'tls';
    };
    const pinned = settings.pins?.get(options.hostname.toLowerCase());
    const judge = rules === null ? null : addressJudge(rules, targetUrl(options));
    const race = { open, lookup, pinned, judge, onLookup, onConnect };
    return raceAddresses(options, race, (...[error, socket]) => {
      if (isSecure) attempt.tls = performance.now() - connectedAt;
      if (error === null) done(null, socket);
      else done(error);
    });
  };
}

/** A connection attempt with its time limit. It reports its result once, and can be abandoned. */
class PendingConnection {
  readonly #callback: buildConnector.Callback;
  #timer: NodeJS.Timeout | undefined;
  #giveUp: (() => void) | null = null;

  constructor(
    timeout: number,
    options: buildConnector.Options,
    attempt: ConnectAttempt,
    callback: buildConnector.Callback,
  ) {
    this.#callback = callback;
    this.#timer = setTimeout(() => {
      const { phase } = attempt;
      const message = `No connection to ${hostAndPort(options.hostname, portOf(options))} after ${timeout} ms`;
      this.settle(new RequestError('ERR_TIMEOUT', message, { phase, timeout }));
    }, timeout);
    this.#timer.unref();
  }

  /** Starts the next step, unless the connection was abandoned. */
  run(step: (done: Done) => () => void, done: Done): void {
    if (this.#timer !== undefined) this.#giveUp = step(done);
    // A step may fail synchronously, before it returns the function that abandons it.
    if (this.#timer === undefined) this.#giveUp?.();
  }

  readonly settle: Done = (error, socket) => {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (error === null && socket !== undefined) {
      this.#callback(null, socket);
      return;
    }
    this.#giveUp?.();
    this.#callback(error ?? new Error('no socket'), null);
  };

  readonly abandon = (): void => this.settle(new Error('no longer wanted'));
}

interface ThroughProxy {
  readonly open: Steps;
  readonly openToProxy: Steps;
  readonly options: buildConnector.Options;
  readonly attempt: ConnectAttempt;
  readonly pending: PendingConnection;
}

function connectThrough(
  proxy: ProxySettings,
  { open, openToProxy, options, attempt, pending }: ThroughProxy,
): void {
  const hop: buildConnector.Options = {
    hostname: proxy.hostname,
    host: proxy.hostname,
    protocol: proxy.protocol === 'https:' ? 'https:' : 'http:',
    port: String(proxy.port),
  };
  // The times of the connection to the proxy are not reported as those of the target.
  const onTheWay: ConnectAttempt = { ...attempt };
  attempt.phase = 'proxy';
  pending.run(
    (done) => openToProxy(hop, onTheWay, done),
    (error, socket) => {
      if (error !== null || socket === undefined) {
        pending.settle(proxyFailure(error ?? new Error('no socket'), proxy));
        return;
      }
      noteAddresses(socket, attempt);
      openTunnel(socket, proxy, { hostname: options.hostname, port: portOf(options) }, (failure) => {
        if (failure !== null) pending.settle(failure);
        else if (options.protocol === 'http:') pending.settle(null, socket);
        else {
          attempt.phase = 'tls';
          pending.run((done) => open({ ...options, httpSocket: socket }, attempt, done), pending.settle);
        }
      });
    },
  );
}

/** The error of a connection to a proxy, which differs from one of a connection to the target. */
export function proxyFailure(cause: Error, proxy: ProxyAddress): RequestError {
  if (cause instanceof RequestError) return cause;
  const code: unknown = Reflect.get(cause, 'code');
  const reason = typeof code === 'string' ? ` (${code})` : '';
  const message = `Could not connect to the proxy ${hostAndPort(proxy.hostname, proxy.port)}${reason}`;
  return new RequestError('ERR_PROXY', message, { cause, phase: 'proxy' });
}
