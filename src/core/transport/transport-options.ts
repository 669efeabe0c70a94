import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { checkBoolean, checkDelay, checkNumber, checkOptions, own } from '../checks.ts';
import { invalidOption, RequestError } from '../errors.ts';
import { adviceOn } from '../foreign-options.ts';
import { optionsIn } from '../option-row.ts';
import {
  type BrowserAlias,
  type BrowserProfile,
  type OperatingSystem,
  type Preset,
  resolvePreset,
} from '../presets/index.ts';
import type { AddressRules, AddressTarget, HostTarget } from './address-rules.ts';
import { bindCertificate } from './cert-origins.ts';
import type { ConnectSettings } from './connect.ts';
import {
  type CheckedConnection,
  type ConnectionOptions,
  checkConnection,
  connectionKeys,
  resolveProxy,
} from './connection-options.ts';
import { connectionRows } from './connection-rows.ts';
import type { AddressPins } from './lookup.ts';
import { createTrust } from './tls.ts';
import type { ProxyTlsOptions } from './tls-options.ts';

/** Options of {@link createTransport}. Durations in milliseconds. */
export interface TransportOptions extends ConnectionOptions {
  /** Preset for the requests that a session sends through this transport; the session's own when left out. */
  readonly browser?: BrowserProfile | BrowserAlias | undefined;
  readonly os?: OperatingSystem | undefined;
  /**
   * Requests a tunnel from an HTTP proxy for plain http targets too, so that the proxy neither reads nor changes the
   * traffic.
   * @default false: such requests are sent to the proxy with their whole URL, which every proxy accepts
   */
  readonly proxyTunnel?: boolean | undefined;
  /**
   * Called for every address before it is connected to: those of URLs, of redirects, of `resolve` and of name
   * servers. Called once more for the address that a socket has connected to, before a byte is sent. Addresses that
   * it refuses are left out; a host without another address fails with ERR_ADDRESS_FORBIDDEN. It must return
   * synchronously. {@link publicAddressesOnly} is such a function. Cannot be combined with `dispatcher`, and with
   * `proxy` only where `allowHost` is given.
   * @default every address is allowed
   */
  readonly allowAddress?: ((address: string, target: AddressTarget) => boolean) | undefined;
  /**
   * Called for every host before a proxy is asked to connect to it. The proxy resolves the host, so its addresses are
   * unknown here; for a host that is an address `allowAddress` is called too. The proxy's own address is not checked.
   * @default every host is allowed
   */
  readonly allowHost?: ((hostname: string, target: HostTarget) => boolean) | undefined;
  /** Fixed addresses: a host and its IP address or addresses. Hosts that are not listed are looked up in DNS. */
  readonly resolve?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /**
   * How long an idle connection is kept.
   * @default 4000, or less where the server's Keep-Alive header sets a shorter time
   */
  readonly poolIdleTimeout?: number | undefined;
  /**
   * Most idle connections kept per origin; 0 keeps none.
   * @default no limit
   */
  readonly poolMaxIdlePerHost?: number | undefined;
  /**
   * Most connections per origin; further requests wait in order.
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
   * @default none: the limits of each call apply
   */
  readonly readTimeout?: number | undefined;
  /**
   * An undici Dispatcher of the caller, who also closes it. Cannot be combined with connection options. A MockAgent
   * is one. It may come from any copy of undici 7 or 8, whose types need not be compatible with those of another
   * copy.
   */
  readonly dispatcher?:
    | { dispatch(options: never, handler: never): boolean; close(): Promise<void> }
    | undefined;
}

/** The options of a transport, complete. */
export interface TransportSettings extends ConnectSettings {
  readonly preset: Preset | null;
  readonly dispatcher: Dispatcher | null;
  /** True when HTTP proxies open a tunnel for every target. */
  readonly proxyTunnel: boolean;
  readonly poolIdleTimeout: number;
  readonly poolMaxIdlePerHost: number;
  readonly poolMaxSize: number;
  readonly readTimeout: number;
}

const poolKeys = optionsIn(connectionRows, 'pool');
const transportKeys: ReadonlySet<string> = new Set(optionsIn(connectionRows, 'transport'));

const defaults = {
  proxyTunnel: connectionRows.proxyTunnel.default,
  poolIdleTimeout: connectionRows.poolIdleTimeout.default,
  poolMaxIdlePerHost: connectionRows.poolMaxIdlePerHost.default,
  poolMaxSize: connectionRows.poolMaxSize.default,
  connectTimeout: connectionRows.connectTimeout.default,
  readTimeout: connectionRows.readTimeout.default,
} as const;

/** The advice for what 0 and `false` most likely mean. */
const noLimit = {
  connectTimeout: `a connection always has a limit, of ${defaults.connectTimeout} ms when this is left out`,
  readTimeout: 'for no limit leave it out',
  poolIdleTimeout: 'to keep no idle connection write poolMaxIdlePerHost: 0',
} as const;

/**
 * Checks a transport's options and fills in the defaults.
 *
 * @throws RequestError ERR_INVALID_OPTION that names the option
 */
export function resolveTransport(options: TransportOptions): TransportSettings {
  checkOptions(options, 'Transport options', transportKeys, (key) => adviceOn(key, 'transport'));
  const dispatcher = own(options, 'dispatcher') ?? null;
  if (dispatcher !== null) checkDispatcher(dispatcher, options);
  const duration = (name: keyof typeof noLimit): number => {
    const value = own(options, name);
    const said: unknown = value;
    if (said === 0 || said === false) {
      const message = `${name} must be greater than 0, got ${value}: ${noLimit[name]}`;
      throw new RequestError('ERR_INVALID_OPTION', message);
    }
    return value === undefined ? defaults[name] : checkDelay(name, value);
  };
  const maxSize = own(options, 'poolMaxSize');
  const maxIdle = own(options, 'poolMaxIdlePerHost');
  const browser = own(options, 'browser');
  const os = own(options, 'os');
  return {
    ...resolveConnection(bindCertificate(checkConnection(options), null)),
    proxyTunnel: checkBoolean('proxyTunnel', own(options, 'proxyTunnel') ?? defaults.proxyTunnel),
    pins: resolvePins(own(options, 'resolve')),
    addressRules: resolveRules(options),
    poolIdleTimeout: duration('poolIdleTimeout'),
    connectTimeout: duration('connectTimeout'),
    readTimeout: duration('readTimeout'),
    poolMaxSize:
      maxSize === undefined
        ? defaults.poolMaxSize
        : checkNumber('poolMaxSize', maxSize, { least: 1, integer: true }),
    poolMaxIdlePerHost:
      maxIdle === undefined
        ? defaults.poolMaxIdlePerHost
        : checkNumber('poolMaxIdlePerHost', maxIdle, { least: 0, integer: true }),
    preset:
      browser === undefined && os === undefined
        ? null
        : resolvePreset(browser ?? connectionRows.browser.default, os),
    dispatcher: dispatcher as Dispatcher | null,
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

/** Turns options that {@link checkConnection} has checked and {@link bindCertificate} has bound into settings. */
export function resolveConnection(options: CheckedConnection): TransportSettings {
  const { proxy, certOrigins = [], proxyTls } = options;
  const { insecure = connectionRows.insecure.default, http2 = connectionRows.http2.default } = options;
  const secureContext = trustOf(options, false);
  return {
    ...defaults,
    proxyFor: resolveProxy(proxy ?? null),
    insecure,
    http2,
    secureContext,
    identity:
      options.cert === undefined
        ? null
        : { origins: new Set(certOrigins), secureContext: trustOf(options, true) },
    proxyTls: {
      insecure: proxyTls?.insecure ?? insecure,
      secureContext:
        proxyTls === undefined ? secureContext : trustOf(proxyTrust(proxyTls, options), true, 'proxyTls'),
    },
    pins: null,
    addressRules: null,
    preset: null,
    dispatcher: null,
  };
}

/** The proxy's own options inherit from those of the targets. */
function proxyTrust(own: ProxyTlsOptions, { trustStore, ca }: CheckedConnection): ProxyTlsOptions {
  return own.ca === undefined && own.trustStore === undefined ? { ...own, trustStore, ca } : own;
}

function trustOf(
  { trustStore, ca, cert, key }: ProxyTlsOptions,
  withIdentity: boolean,
  owner?: string,
): () => SecureContext {
  return createTrust(
    {
      trustStore: trustStore ?? connectionRows.trustStore.default,
      ca: ca ?? null,
      cert: (withIdentity ? cert : null) ?? null,
      key: (withIdentity ? key : null) ?? null,
    },
    process.env,
    owner,
  );
}

function resolveRules(options: TransportOptions): AddressRules | null {
  const allowAddress = checkRule('allowAddress', own(options, 'allowAddress'));
  const allowHost = checkRule('allowHost', own(options, 'allowHost'));
  // Also where the function or the environment gives no proxy at present.
  if (allowAddress !== null && allowHost === null && (own(options, 'proxy') ?? null) !== null) {
    const message =
      '`allowAddress` cannot be combined with proxy: the proxy resolves names and connects. Give `allowHost`, too, which is asked for the hosts';
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  return allowAddress === null && allowHost === null ? null : { allowAddress, allowHost };
}

function checkRule<Rule>(name: string, rule: Rule | undefined): Rule | null {
  if (rule === undefined) return null;
  if (typeof rule !== 'function') throw invalidOption(name, 'a function that returns true or false', rule);
  return rule;
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
