import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { invalidOption, RequestError } from '../core/errors.ts';
import {
  type ConnectSettings,
  createConnect,
  nameInTls,
  newAttempt,
  pinnedLookup,
  proxyFailure,
} from '../core/transport/connect.ts';
import type { ProxySettings } from '../core/transport/proxy.ts';
import { settingsOf, Transport } from '../core/transport/transport.ts';
import type { TransportSettings } from '../core/transport/transport-options.ts';
import { tunnelRefused } from '../core/transport/tunnel.ts';
import { type AgentConnect, leadAgent } from './agent-lead.ts';

/** Agents of Node.js's own http and https. */
export interface NodeAgents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/**
 * Makes agents for clients on Node.js's own http (axios, got, ws, cloud SDKs) that connect as the transport does: by
 * its proxy, with its TLS settings, pins and limits. Whatever a client says about TLS itself is not looked at. Errors
 * of proxy and connection are RequestErrors. The agents keep connections of their own: `destroy()` ends them, and
 * idle ones end after the transport's poolIdleTimeout. After transport.close() they make no more.
 *
 * @throws RequestError ERR_INVALID_OPTION for what is no transport, or one with a dispatcher of the caller's
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

/** Direct and through SOCKS by our own connector, through HTTP proxies by hpagent. */
function createAgentConnect(transport: Transport, given: TransportSettings): AgentConnect {
  // Node.js's own http speaks HTTP/1.1 alone.
  const settings: ConnectSettings = { ...given, http2: false };
  const own = createConnect(settings);
  const toTarget = createConnect({ ...settings, proxyFor: () => null });
  const open: AgentConnect = (options, callback) => {
    const host = isIP(options.hostname) === 6 ? `[${options.hostname}]` : options.hostname;
    const proxy = settings.proxyFor(
      new URL(`${options.protocol}//${host}${options.port && `:${options.port}`}`),
    );

    if (proxy === null || proxy.protocol === 'socks5:') {
      own(options, newAttempt('connect'), callback);
      return;
    }
    const port = options.port || (options.protocol === 'https:' ? '443' : '80');
    openTunnel(proxy, { host, port }, settings, (error, socket) => {
      if (error !== null) callback(error, null);
      else if (options.protocol === 'http:') callback(null, socket);
      // Told after the handshake, and not before as hpagent's own agent for https would.
      else toTarget({ ...options, httpSocket: socket }, newAttempt('tls'), callback);
    });
  };
  return (options, callback) => {
    try {
      transport.begin();
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    open(options, (...result) => {
      transport.end();
      callback(...result);
    });
  };
}

type TunnelCallback = (
  ...result: [error: RequestError, socket: null] | [error: null, socket: Socket]
) => void;

/**
 * Has hpagent ask for a tunnel. What it lacks is given to it: brackets around IPv6, our trust for the proxy's own
 * certificate, and an end to the wait for an answer.
 */
async function openTunnel(
  proxy: ProxySettings,
  target: { readonly host: string; readonly port: string },
  settings: ConnectSettings,
  callback: TunnelCallback,
): Promise<void> {
  const { connectTimeout: timeout } = settings;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeout).unref();
  // Loaded with the first connection: most programs never need it.
  const { HttpProxyAgent } = await import('hpagent');
  const agent = new HttpProxyAgent({
    keepAlive: true,
    proxy: proxyLike(proxy) as URL,
    proxyRequestOptions: proxyRequestOptions(proxy, settings, limit.signal),
  });
  const connection = Reflect.get(agent, 'createConnection') as (
    options: typeof target,
    callback: (error: Error | null, socket: Socket) => void,
  ) => void;
  connection.call(agent, target, (error, socket) => {
    clearTimeout(timer);
    if (error === null) callback(null, socket);
    else callback(tunnelFailure(error, limit.signal.aborted ? timeout : null), null);
  });
}

/** hpagent puts its name for the server over ours, though it may be an address, unless the scheme is not `https:`. */
function proxyLike({ protocol, hostname, port, username, password }: ProxySettings): object {
  return {
    protocol: protocol === 'https:' ? 'tls:' : 'http:',
    hostname,
    port: String(port),
    username: encodeURIComponent(username),
    password: encodeURIComponent(password),
  };
}

interface ProxyRequestOptions {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  readonly rejectUnauthorized: boolean;
  readonly servername: string;
  readonly secureContext?: SecureContext;
  readonly lookup?: LookupFunction;
}

function proxyRequestOptions(
  { hostname }: ProxySettings,
  { insecure, secureContext, pins }: ConnectSettings,
  signal: AbortSignal,
): ProxyRequestOptions {
  return {
    signal,
    headers: { 'proxy-connection': 'keep-alive' },
    rejectUnauthorized: !insecure,
    servername: nameInTls(hostname),
    ...(secureContext === null ? {} : { secureContext: secureContext() }),
    ...(pins === null ? {} : { lookup: pinnedLookup(pins) }),
  };
}

/** hpagent tells a status in its message alone. */
function tunnelFailure(error: Error, timeout: number | null): RequestError {
  if (timeout !== null) {
    const message = `No connection after ${timeout} ms: the proxy did not answer`;
    return new RequestError('ERR_TIMEOUT', message, { phase: 'proxy', timeout });
  }
  const status = /^Bad response: (\d{3})$/.exec(error.message)?.[1];
  return status === undefined ? proxyFailure(error) : tunnelRefused(Number(status));
}
