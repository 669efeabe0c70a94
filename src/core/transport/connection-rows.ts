import type { OptionTable } from '../option-row.ts';

/** The rows of the option table for connections and headers, which sessions and transports share. */
export const connectionRows = {
  browser: {
    scopes: ['session', 'call', 'oneShot', 'transport'],
    default: 'chrome',
    merge: 'fixed',
    called: 'browser',
  },
  os: {
    scopes: ['session', 'call', 'oneShot', 'transport'],
    default: 'macos',
    merge: 'fixed',
    called: 'operating system',
  },
  proxy: {
    scopes: ['session', 'call', 'oneShot', 'connection', 'transport'],
    default: null,
    merge: 'fixed',
    called: 'proxy',
  },
  insecure: {
    scopes: ['session', 'call', 'oneShot', 'connection', 'transport'],
    default: false,
    merge: 'fixed',
    called: 'insecure setting',
  },
  trustStore: {
    scopes: ['session', 'call', 'oneShot', 'connection', 'transport'],
    default: 'combined',
    merge: 'fixed',
    called: 'trustStore setting',
  },
  ca: { scopes: ['session', 'oneShot', 'connection', 'transport'] },
  cert: { scopes: ['session', 'oneShot', 'connection', 'transport'] },
  key: { scopes: ['session', 'oneShot', 'connection', 'transport'] },
  certOrigins: { scopes: ['session', 'oneShot', 'connection', 'transport'] },
  proxyTls: { scopes: ['session', 'oneShot', 'connection', 'transport'] },
  http2: { scopes: ['session', 'oneShot', 'connection', 'transport'], default: false },
  proxyTunnel: { scopes: ['pool', 'transport'], default: false },
  allowAddress: { scopes: ['pool', 'transport'] },
  allowHost: { scopes: ['pool', 'transport'] },
  resolve: { scopes: ['pool', 'transport'] },
  poolIdleTimeout: { scopes: ['pool', 'transport'], default: 4000 },
  poolMaxIdlePerHost: { scopes: ['pool', 'transport'], default: Number.POSITIVE_INFINITY },
  poolMaxSize: { scopes: ['pool', 'transport'], default: Number.POSITIVE_INFINITY },
  connectTimeout: { scopes: ['pool', 'transport'], default: 30_000 },
  /** In undici 0 means no limit. */
  readTimeout: { scopes: ['pool', 'transport'], default: 0 },
  dispatcher: { scopes: ['transport'] },
} as const satisfies OptionTable;
