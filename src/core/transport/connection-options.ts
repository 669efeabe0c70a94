import { checkBoolean, own } from '../checks.ts';
import { invalidOption } from '../errors.ts';
import { optionsIn } from '../option-row.ts';
import { checkCertOrigins } from './cert-origins.ts';
import { connectionRows } from './connection-rows.ts';
import { type ProxyChoice, parseProxy, proxyFromEnvironment } from './proxy.ts';
import type { Pem, TrustStore } from './tls.ts';
import { checkProxyTls, checkTls, type ProxyTlsOptions } from './tls-options.ts';

/** How connections are made; the part of a session's and a transport's options that decides whether they are shared. */
export interface ConnectionOptions {
  /**
   * Proxy of every request: an `http:`, `https:`, `socks5:` or `socks5h:` URL (user and password are percent-decoded
   * once), or `'env'` for HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY. A function is called once, when the
   * session or transport is created, for example to rotate a list of proxies. A proxy that cannot be used is an
   * error, never a direct connection.
   *
   * `undefined` means that the option is not given, as for every option. An unset environment variable is `undefined`
   * too. Where a proxy is required, give a function: one that returns `undefined` is refused.
   * @default no proxy; `null` likewise
   */
  readonly proxy?: string | (() => string | null) | null | undefined;
  /**
   * Accepts any certificate, for this session or transport only. By default certificates are verified even where
   * NODE_TLS_REJECT_UNAUTHORIZED=0 is set.
   * @default false
   */
  readonly insecure?: boolean | undefined;
  /**
   * `combined`: Node's own roots and those of SSL_CERT_FILE and SSL_CERT_DIR; `mozilla`: Node's bundled roots only;
   * `defaultPaths`: the files of those two variables only.
   * @default 'combined'
   */
  readonly trustStore?: TrustStore | undefined;
  /** Root certificates in PEM that replace the trust store; cannot be combined with `trustStore`. */
  readonly ca?: Pem | undefined;
  /** Client certificate chain in PEM, sent to `certOrigins` only; needs `key`. */
  readonly cert?: Pem | undefined;
  /** Private key of `cert` in PEM. */
  readonly key?: Pem | undefined;
  /**
   * The https origins that `cert` is sent to, such as `https://api.example`; it is sent to no other server and to no
   * proxy.
   * @default the origin of `baseUrl`; for a one-shot fetch that of its URL; otherwise required
   */
  readonly certOrigins?: string | readonly string[] | undefined;
  /**
   * TLS options of the connection to an `https:` proxy.
   * @default those of the targets, without the client certificate
   */
  readonly proxyTls?: ProxyTlsOptions | undefined;
  /**
   * Offers HTTP/2, which is used where the server supports it.
   * @default false
   */
  readonly http2?: boolean | undefined;
}

/**
 * The options that sessions and transports have in common; sessions with equal values for all of them share
 * connections.
 */
export const connectionKeys = optionsIn(connectionRows, 'connection');
/** Connection options that were checked; in place of a function, its result. */
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
  return connectionKeys.some((name) => Object.hasOwn(options, name))
    ? checkAll(options)
    : noConnectionOptions;
}

function checkAll(options: ConnectionOptions): CheckedConnection {
  const http2 = own(options, 'http2');
  if (http2 !== undefined) checkBoolean('http2', http2);
  const tls = checkTls(options, '');
  const certOrigins = checkCertOrigins(own(options, 'certOrigins'));
  const proxyTls = checkProxyTls(own(options, 'proxyTls'));
  // Last, so that the function is not called for a session that is refused.
  return { ...tls, certOrigins, proxyTls, http2, proxy: checkProxy(own(options, 'proxy')) };
}

/** What most sessions have. Every option is a property of its own, so that none is inherited. */
export const noConnectionOptions: CheckedConnection = Object.freeze(checkAll({}));

function checkProxy(given: ConnectionOptions['proxy']): string | null | undefined {
  const proxy: unknown = typeof given === 'function' ? given() : given;
  if (proxy === undefined && given === undefined) return undefined;
  if (proxy === null || typeof proxy === 'string') return proxy;
  if (given === proxy) throw invalidOption('proxy', "a proxy URL, 'env' or null", proxy);
  throw invalidOption('what the function proxy returns', "a proxy URL, 'env' or null", proxy);
}

/** The proxies that {@link checkConnection} has resolved. */
export function resolveProxy(proxy: string | null): ProxyChoice {
  if (proxy === null) return () => null;
  if (proxy === 'env') return proxyFromEnvironment(process.env);
  const settings = parseProxy(proxy);
  return () => settings;
}
