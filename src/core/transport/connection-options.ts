import { checkBoolean, own } from '../checks.ts';
import { invalidOption } from '../errors.ts';
import { optionsIn } from '../option-row.ts';
import { checkCertOrigins } from './cert-origins.ts';
import { connectionRows } from './connection-rows.ts';
import { type ProxyChoice, parseProxy, proxyFromEnvironment } from './proxy.ts';
import type { Pem, TrustStore } from './tls.ts';
import { checkProxyTls, checkTls, type ProxyTlsOptions } from './tls-options.ts';

/** How connections are made; the part of a session's and a transport's options that decides about sharing them. */
export interface ConnectionOptions {
  /**
   * Proxy of every request: an `http:`, `https:`, `socks5:` or `socks5h:` URL (user and password are
   * percent-decoded once), or `'env'` for HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY.
   * A function is called once, when the session or transport is created: the way to a rotating list.
   * A proxy that cannot be used is an error, never a direct connection.
   *
   * As with every option, `undefined` is not said, and so is a variable of the environment that is not set. Where there
   * must be a proxy, give a function: one that returns `undefined` is refused.
   * @default no proxy; `null` likewise
   */
  readonly proxy?: string | (() => string | null) | null | undefined;
  /**
   * Accepts any certificate, of this session or transport alone. The default verifies even where
   * NODE_TLS_REJECT_UNAUTHORIZED=0 is set.
   * @default false
   */
  readonly insecure?: boolean | undefined;
  /**
   * `combined`: Node's own roots and those of SSL_CERT_FILE and SSL_CERT_DIR; `mozilla`: Node's bundled roots alone;
   * `defaultPaths`: those two variables' files alone.
   * @default 'combined'
   */
  readonly trustStore?: TrustStore | undefined;
  /** Root certificates in PEM that replace the trust store; not together with `trustStore`. */
  readonly ca?: Pem | undefined;
  /** Client certificate chain in PEM, shown to `certOrigins` alone; needs `key`. */
  readonly cert?: Pem | undefined;
  /** Private key of `cert` in PEM. */
  readonly key?: Pem | undefined;
  /**
   * The https origins that `cert` is shown to, such as `https://api.example`; no other server and no proxy sees it.
   * @default the origin of `baseUrl`; of a one-shot fetch that of its URL; otherwise needed
   */
  readonly certOrigins?: string | readonly string[] | undefined;
  /**
   * TLS options of the connection to an `https:` proxy.
   * @default those of the targets, without the client certificate
   */
  readonly proxyTls?: ProxyTlsOptions | undefined;
  /**
   * Offers HTTP/2 where the server speaks it.
   * @default false
   */
  readonly http2?: boolean | undefined;
}

/** The options that sessions and transports have in common; sessions that agree on all of them share connections. */
export const connectionKeys = optionsIn(connectionRows, 'connection');
/** Connection options that were checked; of a function its answer. */
export interface CheckedConnection extends ConnectionOptions {
  readonly proxy?: string | null | undefined;
  readonly certOrigins?: readonly string[] | undefined;
}

/**
 * Checks the options that decide how connections are made, and copies them. Inherited properties, and later changes by
 * the caller, have no effect. Reads no file.
 *
 * @throws RequestError ERR_INVALID_OPTION that names the option
 */
export function checkConnection(options: ConnectionOptions): CheckedConnection {
  const http2 = own(options, 'http2');
  if (http2 !== undefined) checkBoolean('http2', http2);
  const tls = checkTls(options, '');
  const certOrigins = checkCertOrigins(own(options, 'certOrigins'));
  const proxyTls = checkProxyTls(own(options, 'proxyTls'));
  // Last, so that the function is not called for a session that is refused.
  return { ...tls, certOrigins, proxyTls, http2, proxy: checkProxy(own(options, 'proxy')) };
}

function checkProxy(given: ConnectionOptions['proxy']): string | null | undefined {
  const proxy: unknown = typeof given === 'function' ? given() : given;
  if (proxy === undefined && given === undefined) return undefined;
  if (proxy === null || typeof proxy === 'string') return proxy;
  if (given === proxy) throw invalidOption('proxy', "a proxy URL, 'env' or null", proxy);
  throw invalidOption('what the function proxy returns', "a proxy URL, 'env' or null", proxy);
}

/** The choice of a proxy that {@link checkConnection} has taken. */
export function resolveProxy(proxy: string | null): ProxyChoice {
  if (proxy === null) return () => null;
  if (proxy === 'env') return proxyFromEnvironment(process.env);
  const settings = parseProxy(proxy);
  return () => settings;
}
