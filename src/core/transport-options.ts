import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import {
  type BrowserAlias,
  type BrowserProfile,
  type OperatingSystem,
  type Preset,
  resolvePreset,
} from '../presets/index.ts';
import type { AddressPins, ConnectSettings } from './connect.ts';
import { invalidOption, RequestError } from './errors.ts';
import { checkBoolean, checkNumber, checkOneOf, checkOptions, own } from './input.ts';
import { type ProxyChoice, parseProxy, proxyFromEnvironment } from './proxy.ts';
import { createTrust, type Pem, type TrustStore } from './trust.ts';

/** How connections are made; the part of a session's and a transport's options that decides about sharing them. */
export interface ConnectionOptions {
  /**
   * Proxy of every request: an `http:`, `https:`, `socks5:` or `socks5h:` URL (user and password are
   * percent-decoded once), or `'env'` for HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY.
   * A proxy that cannot be used is an error, never a direct connection.
   * @default no proxy; `null` likewise
   */
  readonly proxy?: string | null | undefined;
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
  /** Client certificate chain in PEM; needs `key`. */
  readonly cert?: Pem | undefined;
  /** Private key of `cert` in PEM. */
  readonly key?: Pem | undefined;
  /**
   * Offers HTTP/2 where the server speaks it.
   * @default false
   */
  readonly http2?: boolean | undefined;
}

/** Options of {@link createTransport}. Durations in milliseconds. */
export interface TransportOptions extends ConnectionOptions {
  /** Preset for the requests that a session sends through this transport; the session's own when left out. */
  readonly browser?: BrowserProfile | BrowserAlias | undefined;
  readonly os?: OperatingSystem | undefined;
  /** Fixed addresses: host to one IP address or several. Names that are not listed go to DNS. */
  readonly resolve?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /**
   * How long an idle connection is kept.
   * @default 4000, or less where the server's Keep-Alive header says so
   */
  readonly poolIdleTimeout?: number | undefined;
  /**
   * Most idle connections kept per origin; 0 keeps none.
   * @default no limit
   */
  readonly poolMaxIdlePerHost?: number | undefined;
  /**
   * Most connections per origin; requests past it wait in order.
   * @default no limit
   */
  readonly poolMaxSize?: number | undefined;
  /**
   * Longest time for one connection: DNS, TCP, proxy and TLS together.
   * @default 30000
   */
  readonly connectTimeout?: number | undefined;
  /**
   * Longest silence of a server while a response is awaited or read.
   * @default none: the limits of each call hold
   */
  readonly readTimeout?: number | undefined;
  /** An undici Dispatcher of the caller's, which stays the caller's to close; not together with connection options. */
  readonly dispatcher?: Dispatcher | undefined;
}

/** Everything a transport needs, decided. */
export interface TransportSettings extends ConnectSettings {
  readonly preset: Preset | null;
  readonly dispatcher: Dispatcher | null;
  readonly poolIdleTimeout: number;
  readonly poolMaxIdlePerHost: number;
  readonly poolMaxSize: number;
  readonly readTimeout: number;
}

/** The options that sessions and transports have in common; sessions that agree on all of them share connections. */
export const connectionKeys = ['proxy', 'insecure', 'trustStore', 'ca', 'cert', 'key', 'http2'] as const;
const poolKeys = [
  'resolve',
  'poolIdleTimeout',
  'poolMaxIdlePerHost',
  'poolMaxSize',
  'connectTimeout',
  'readTimeout',
] as const;
const transportKeys: ReadonlySet<string> = new Set([
  ...connectionKeys,
  ...poolKeys,
  'browser',
  'os',
  'dispatcher',
]);

const defaults = {
  poolIdleTimeout: 4000,
  poolMaxIdlePerHost: Number.POSITIVE_INFINITY,
  poolMaxSize: Number.POSITIVE_INFINITY,
  connectTimeout: 30_000,
  /** undici's word for no limit. */
  readTimeout: 0,
} as const;

/**
 * Checks a transport's options and fills in the rest.
 *
 * @throws RequestError ERR_INVALID_OPTION that names the option
 */
export function resolveTransport(options: TransportOptions): TransportSettings {
  checkOptions(options, 'Transport options', transportKeys);
  const dispatcher = own(options, 'dispatcher') ?? null;
  if (dispatcher !== null) checkDispatcher(dispatcher, options);
  const number = (
    name: 'poolIdleTimeout' | 'poolMaxSize' | 'connectTimeout' | 'readTimeout',
    integer: boolean,
  ): number => {
    const value = own(options, name);
    return value === undefined ? defaults[name] : checkNumber(name, value, { least: 1, integer });
  };
  const maxIdle = own(options, 'poolMaxIdlePerHost');
  const browser = own(options, 'browser');
  const os = own(options, 'os');
  return {
    ...resolveConnection(options),
    pins: resolvePins(own(options, 'resolve')),
    poolIdleTimeout: number('poolIdleTimeout', false),
    poolMaxSize: number('poolMaxSize', true),
    connectTimeout: number('connectTimeout', false),
    readTimeout: number('readTimeout', false),
    poolMaxIdlePerHost:
      maxIdle === undefined
        ? defaults.poolMaxIdlePerHost
        : checkNumber('poolMaxIdlePerHost', maxIdle, { least: 0, integer: true }),
    preset: browser === undefined && os === undefined ? null : resolvePreset(browser ?? 'chrome', os),
    dispatcher,
  };
}

function checkDispatcher(dispatcher: unknown, options: TransportOptions): void {
  const { dispatch, close }: Partial<Dispatcher> = Object(dispatcher);
  if (typeof dispatch !== 'function' || typeof close !== 'function') {
    throw invalidOption('dispatcher', 'an undici Dispatcher', dispatcher);
  }
  const other = [...connectionKeys, ...poolKeys].find((key) => own(options, key) !== undefined);
  if (other !== undefined) {
    throw new RequestError(
      'ERR_INVALID_OPTION',
      `\`dispatcher\` cannot be combined with ${other}: it makes the connections itself`,
    );
  }
}

/** Checks the options that decide how connections are made, and fills in the rest. */
export function resolveConnection(options: ConnectionOptions): TransportSettings {
  const insecure = own(options, 'insecure');
  const http2 = own(options, 'http2');
  return {
    ...defaults,
    proxyFor: resolveProxy(own(options, 'proxy')),
    insecure: insecure === undefined ? false : checkBoolean('insecure', insecure),
    http2: http2 === undefined ? false : checkBoolean('http2', http2),
    secureContext: resolveTrust(options),
    pins: null,
    preset: null,
    dispatcher: null,
  };
}

function resolveProxy(proxy: unknown): ProxyChoice {
  if (proxy === undefined || proxy === null) return () => null;
  if (typeof proxy !== 'string') throw invalidOption('proxy', "a proxy URL, 'env' or null", proxy);
  if (proxy === 'env') return proxyFromEnvironment(process.env);
  const settings = parseProxy(proxy);
  return () => settings;
}

function resolveTrust(options: ConnectionOptions): ConnectSettings['secureContext'] {
  const [trustStore, ca, cert, key] = [
    own(options, 'trustStore'),
    own(options, 'ca'),
    own(options, 'cert'),
    own(options, 'key'),
  ];
  if (trustStore !== undefined) checkOneOf('trustStore', trustStore, ['combined', 'mozilla', 'defaultPaths']);
  if (trustStore !== undefined && ca !== undefined) {
    throw new RequestError(
      'ERR_INVALID_OPTION',
      '`ca` cannot be combined with trustStore: it replaces the trust store',
    );
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new RequestError(
      'ERR_INVALID_OPTION',
      '`cert` and `key` belong together: a client certificate needs both',
    );
  }
  for (const [name, pem] of Object.entries({ ca, cert, key })) checkPem(name, pem);
  return createTrust(
    { trustStore: trustStore ?? 'combined', ca: ca ?? null, cert: cert ?? null, key: key ?? null },
    process.env,
  );
}

function checkPem(name: string, pem: unknown): void {
  const parts = Array.isArray(pem) ? pem : pem === undefined ? [] : [pem];
  if (!parts.every((part) => typeof part === 'string' || Buffer.isBuffer(part))) {
    throw new RequestError('ERR_INVALID_OPTION', `${name} must be PEM text, a Buffer or an array of them`);
  }
}

function resolvePins(pins: unknown): AddressPins | null {
  if (pins === undefined) return null;
  if (typeof pins !== 'object' || pins === null || Array.isArray(pins)) {
    throw new RequestError('ERR_INVALID_OPTION', 'resolve must be an object mapping hosts to addresses');
  }
  return new Map(Object.entries(pins).map(([host, value]) => [host.toLowerCase(), resolvePin(host, value)]));
}

function resolvePin(host: string, value: unknown): string[] {
  const addresses: unknown[] = Array.isArray(value) ? value : [value];
  if (addresses.length === 0) {
    throw new RequestError('ERR_INVALID_OPTION', `resolve['${host}'] must provide at least one address`);
  }
  return addresses.map((address) => {
    if (typeof address !== 'string' || isIP(address) === 0) {
      throw new RequestError('ERR_INVALID_OPTION', `resolve['${host}'] must hold IP addresses`);
    }
    return address;
  });
}
