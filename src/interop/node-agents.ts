import http from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { invalidOption, RequestError } from '../core/errors.ts';
import { judgeProxied } from '../core/transport/address-rules.ts';
import { type ConnectSettings, createConnect, proxyFailure } from '../core/transport/connect.ts';
import { newAttempt } from '../core/transport/connect-attempt.ts';
import { pinnedLookup } from '../core/transport/lookup.ts';
import type { ProxySettings } from '../core/transport/proxy.ts';
import { nameInTls } from '../core/transport/server-name.ts';
import { settingsOf, Transport } from '../core/transport/transport.ts';
import type { TransportSettings } from '../core/transport/transport-options.ts';
import { tunnelRefused } from '../core/transport/tunnel.ts';
import { type AgentConnect, leadAgent } from './agent-lead.ts';
import { requestTunnel } from './hpagent-tunnel.ts';

/** Agents of Node.js's own http and https. */
export interface NodeAgents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/**
 * Makes agents for clients on Node.js's own http (axios, got, ws, cloud SDKs) that connect as the transport does: by
 * its proxy, with its TLS settings, pins and limits. What a client says about TLS itself is ignored. A client's own
 * abort and timeouts also end a connection that is being made for it. Errors of the proxy are RequestErrors. The agents
 * keep connections of their own: `destroy()` ends them, and idle ones end after the transport's poolIdleTimeout, or
 * earlier where the server's Keep-Alive header says so. After transport.close() they make no more.
 *
 * @throws RequestError ERR_INVALID_OPTION for what is not a Transport, and for one with a dispatcher of the caller's
 * @example
 * const agents = nodeAgents(transport);
 * await axios.get(url, { httpAgent: agents.http, httpsAgent: agents.https, proxy: false });
 */
export function nodeAgents(transport: Transport): NodeAgents {
  if (!(transport instanceof Transport)) {
    throw invalidOption('transport', 'a Transport of createTransport()', transport);
  }
  const settings = settingsOf(transport);
  if (settings.dispatcher !== null) {
    const message = 'transport has a dispatcher of the caller, which makes its connections itself';
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  const options = {
    keepAlive: true,
    scheduling: 'lifo',
    maxSockets: settings.poolMaxSize,
    maxFreeSockets: settings.poolMaxIdlePerHost,
  } as const;
  const connect = createAgentConnect(transport, settings);
  return {
    http: leadAgent(new http.Agent(options), 'http:', connect, settings.poolIdleTimeout),
    https: leadAgent(new https.Agent(options), 'https:', connect, settings.poolIdleTimeout),
  };
}

/** Direct connections and SOCKS by the transport's connector, HTTP proxies by hpagent. */
function createAgentConnect(transport: Transport, given: TransportSettings): AgentConnect {
  // Node.js's own http only supports HTTP/1.1.
  const settings: ConnectSettings = { ...given, http2: false };
  const own = createConnect(settings);
  const toTarget = createConnect({ ...settings, proxyFor: () => null });
  const open: AgentConnect = (options, callback) => {
    const target = targetUrl(options);
    const proxy = settings.proxyFor(target);
    if (proxy === null || proxy.protocol === 'socks5:') return own(options, newAttempt('connect'), callback);
    const refusal = judgeProxied(settings.addressRules, target);
    if (refusal !== null) throw refusal;
    return openThroughProxy(proxy, target, settings, callback, (socket) => {
      if (target.protocol === 'https:') {
        // Returned after the handshake, and not before it as by hpagent's own agent for https.
        return toTarget({ ...options, httpSocket: socket }, newAttempt('tls'), callback);
      }
      callback(null, socket);
      return () => {};
    });
  };
  return (options, callback) => {
    try {
      transport.begin();
    } catch (error) {
      callback(error as Error, null);
      return () => {};
    }
    const settle: typeof callback = (...result) => {
      transport.end();
      callback(...result);
    };
    try {
      return open(options, settle);
    } catch (error) {
      settle(error as Error, null);
      return () => {};
    }
  };
}

/** @throws RequestError ERR_INVALID_URL for a host that a client made up */
function targetUrl({ protocol, hostname, port }: buildConnector.Options): URL {
  const host = isIP(hostname) === 6 ? `[${hostname}]` : hostname;
  const url = URL.parse(`${protocol}//${host}${port && `:${port}`}`);
  if (url !== null) return url;
  throw new RequestError('ERR_INVALID_URL', 'The host and port of the request are not those of a URL');
}

/**
 * Opens a tunnel within `connectTimeout`. Returns a function that abandons it.
 *
 * @param onTunnel takes the socket, and returns a function that abandons its work
 */
function openThroughProxy(
  proxy: ProxySettings,
  { protocol, hostname, port }: URL,
  settings: ConnectSettings,
  onFailure: (error: RequestError, socket: null) => void,
  onTunnel: (socket: Socket) => () => void,
): () => void {
  const { connectTimeout: timeout } = settings;
  const limit = new AbortController();
  let hasExpired = false;
  const timer = setTimeout(() => {
    hasExpired = true;
    limit.abort();
  }, timeout).unref();
  let giveUp = (): void => limit.abort();
  const target = { host: hostname, port: port || (protocol === 'https:' ? '443' : '80') };
  requestTunnel(proxy, target, proxyRequestOptions(proxy, settings, limit.signal))
    .finally(() => clearTimeout(timer))
    .then(
      (socket) => {
        giveUp = onTunnel(socket);
      },
      (error) => onFailure(tunnelFailure(error, hasExpired ? timeout : null, proxy), null),
    );
  return () => giveUp();
}

function proxyRequestOptions(
  { protocol, hostname }: ProxySettings,
  { proxyTls: { insecure, secureContext }, pins }: ConnectSettings,
  signal: AbortSignal,
): RequestOptions {
  return {
    signal,
    headers: { 'proxy-connection': 'keep-alive' },
    rejectUnauthorized: !insecure,
    servername: nameInTls(hostname),
    ...(protocol === 'https:' ? { secureContext: secureContext() } : {}),
    ...(pins === null ? {} : { lookup: pinnedLookup(pins) }),
  };
}

/** hpagent has the status only in its message. */
function tunnelFailure(error: Error, timeout: number | null, proxy: ProxySettings): RequestError {
  if (timeout !== null) {
    const message = `No connection after ${timeout} ms: the proxy did not answer`;
    return new RequestError('ERR_TIMEOUT', message, { phase: 'proxy', timeout });
  }
  const status = /^Bad response: (\d{3})$/.exec(error.message)?.[1];
  return status === undefined ? proxyFailure(error, proxy) : tunnelRefused(Number(status), proxy);
}
