import { checkBoolean, checkNumber, checkOneOf } from '../checks.ts';
import { resolveLimits } from '../cookies/jar/limits.ts';
import type { OptionIn, OptionTable } from '../option-row.ts';
import { connectionRows } from '../transport/connection-rows.ts';
import { cacheModes, checkDestination, initiators, modes, policies, priorities } from './request-context.ts';
import { type RetrySettings, resolveRetry } from './retry-options.ts';
import {
  checkLanguages,
  checkListener,
  checkNames,
  checkProgress,
  checkSignal,
  checkTimeout,
  type TimeoutLimits,
} from './settings.ts';

const noNames: ReadonlySet<string> = new Set();
const anyLimit: TimeoutLimits = { total: 30_000, connect: false, headers: false, idle: false };

/**
 * Every option of sessions, calls, sockets, event streams and transports. Key lists, defaults and the settings that a
 * call inherits are derived from these rows. A new option needs a row here and a member with its doc comment in the
 * interface of its scope.
 */
export const optionTable = {
  ...connectionRows,

  // For sessions only.
  defaultHeaders: { scopes: ['session'] },
  sessionId: { scopes: ['session'] },
  cookieJar: { scopes: ['session'] },
  cookieLimits: { scopes: ['session'], check: (name, value) => resolveLimits(value, name) },
  baseUrl: { scopes: ['session'] },
  middleware: { scopes: ['session', 'seam'] },
  observers: { scopes: ['session', 'seam'] },

  // For sessions and calls.
  transport: { scopes: ['session', 'call'] },
  timeout: {
    scopes: ['session', 'call', 'webSocket'],
    check: checkTimeout,
    default: anyLimit,
    merge: 'parts',
    setting: true,
  },
  redirect: {
    scopes: ['session', 'call'],
    check: oneOf('follow', 'manual', 'error'),
    default: 'follow',
    merge: 'replace',
    setting: true,
  },
  maxRedirects: {
    scopes: ['session', 'call'],
    check: (name, value) => checkNumber(name, value, { least: 0, integer: true }),
    default: 20,
    merge: 'replace',
    setting: true,
  },
  refuseDowngrade: {
    scopes: ['session', 'call'],
    check: checkBoolean,
    default: false,
    merge: 'replace',
    setting: true,
  },
  crossOriginBody: {
    scopes: ['session', 'call'],
    check: checkBoolean,
    default: true,
    merge: 'replace',
    setting: true,
  },
  maxBodyBytes: {
    scopes: ['session', 'call'],
    check: (name, value) => checkNumber(name, value, { least: 1, integer: true }),
    default: 100 * 1024 * 1024,
    merge: 'replace',
    setting: true,
  },
  retry: {
    scopes: ['session', 'call'],
    check: (_name, value): RetrySettings | null => resolveRetry(value),
    default: null,
    merge: 'replace',
    setting: true,
  },
  acceptLanguage: {
    scopes: ['session', 'call'],
    check: (name, value): string | null => checkLanguages(name, value),
    default: null,
    merge: 'replace',
    setting: true,
  },

  // For calls only; applies to all their hops.
  signal: { scopes: ['call', 'webSocket'], check: checkSignal, default: null, setting: true },
  credentials: {
    scopes: ['call'],
    check: oneOf('omit', 'same-origin', 'include'),
    default: true,
    setting: true,
    /** With false, cookies are neither sent nor stored. */
    keep: (mode: string): boolean => mode !== 'omit',
  },
  disableDefaultHeaders: {
    scopes: ['call'],
    check: checkBoolean,
    default: true,
    setting: true,
    as: 'presetHeaders',
    keep: (isDisabled: boolean): boolean => !isDisabled,
  },
  decompress: { scopes: ['call'], check: checkBoolean, default: true, setting: true },
  compress: { scopes: ['call'], check: checkBoolean, default: true, setting: true, as: 'decompress' },
  crossOriginHeaders: { scopes: ['call'], check: checkNames, default: noNames, setting: true },
  onProgress: { scopes: ['call'], check: checkProgress, default: null, setting: true },
  onRequestEvent: { scopes: ['call', 'webSocket'], check: checkListener, default: null, setting: true },

  // For calls only; describes the request.
  method: { scopes: ['call'], default: 'GET' },
  headers: { scopes: ['call', 'webSocket'] },
  body: { scopes: ['call'] },
  json: { scopes: ['call'] },
  form: { scopes: ['call'] },
  searchParams: { scopes: ['call'] },
  referrer: { scopes: ['call', 'webSocket'] },
  duplex: { scopes: ['call'], check: oneOf('half') },
  mode: { scopes: ['call'], check: oneOf(...modes) },
  cache: { scopes: ['call'], check: oneOf(...cacheModes), default: 'default' },
  referrerPolicy: { scopes: ['call'], check: oneOf(...policies), default: '' },
  destination: { scopes: ['call'], check: checkDestination },
  userActivation: { scopes: ['call'], check: checkBoolean },
  priority: { scopes: ['call'], check: oneOf(...priorities), default: 'auto' },
  initiator: { scopes: ['call'], check: oneOf(...initiators) },

  // For sockets and event streams only.
  protocols: { scopes: ['webSocket'] },
  binaryType: { scopes: ['webSocket'], check: oneOf('blob', 'arraybuffer'), default: 'blob' },
  maxMessageSize: {
    scopes: ['webSocket'],
    check: (name, value) => checkNumber(name, value, { least: 1, integer: true }),
  },
  lastEventId: { scopes: ['eventStream'] },
  reconnectDelay: { scopes: ['eventStream'], default: 3000 },
  reconnect: { scopes: ['eventStream'], default: true },

  // For saving a session.
  proxyPassword: { scopes: ['save'], check: checkBoolean, default: false },
  userData: { scopes: ['save'], default: null },
} as const satisfies OptionTable;

type Table = typeof optionTable;

/** The options of a call. */
export type CallOption = OptionIn<Table, 'call'>;

/** The options that apply to all hops of a call. */
export type SettingOption = {
  [Name in keyof Table]: Table[Name] extends { readonly setting: true } ? Name : never;
}[keyof Table];

/** The type of a checked option. */
export type Checked<Name extends keyof Table> = Table[Name] extends {
  readonly check: (name: string, value: unknown) => infer Value;
}
  ? Value
  : never;

function oneOf<const T extends string>(...allowed: readonly T[]): (name: string, value: unknown) => T {
  return (name, value) => checkOneOf(name, value, allowed);
}
