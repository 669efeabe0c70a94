import type { RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { ProxySettings } from '../core/transport/proxy.ts';

/** Where a tunnel should lead; an IPv6 address stands in brackets. */
export interface TunnelAuthority {
  readonly host: string;
  readonly port: string;
}

/**
 * Asks an HTTP proxy for a tunnel, by hpagent. An answer other than 200 is its Error "Bad response: <status>".
 *
 * @param options of the request to the proxy: trust, name in TLS, signal, headers
 */
export async function requestTunnel(
  { protocol, hostname, port, username, password }: ProxySettings,
  target: TunnelAuthority,
  options: RequestOptions,
): Promise<Socket> {
  // Loaded at the first connection, since most programs do not need it.
  const { HttpProxyAgent } = await import('hpagent');
  const proxy = {
    // With `https:` hpagent replaces `options.servername` by the proxy's host, even for an address.
    protocol: protocol === 'https:' ? 'tls:' : 'http:',
    hostname,
    port: String(port),
    username: encodeURIComponent(username),
    password: encodeURIComponent(password),
  } as URL;
  // Its types have only a few of the options, but it passes all of them to http.request.
  const agent = new HttpProxyAgent({ keepAlive: true, proxy, proxyRequestOptions: options as object });
  return new Promise((resolve, reject) => {
    agent.createConnection({ ...target }, (error: Error | null, socket) => {
      if (error === null) resolve(socket as Socket);
      else reject(error);
    });
  });
}
