import zlib from 'node:zlib';
import { chromiumLines } from './chromium.ts';
import type { ChromiumIdentity } from './chromium-values.ts';
import { firefoxLines } from './firefox.ts';
import type { HeaderFacts, HeaderLine } from './layout.ts';
import { okhttpLines } from './okhttp.ts';
import { safariLines } from './safari.ts';
import {
  chromiumMajor,
  chromiumUserAgent,
  firefoxUserAgent,
  iosSafariRank,
  iosUserAgent,
  okhttpUserAgent,
  safariIosUserAgent,
  safariUserAgent,
} from './user-agents.ts';
import {
  type BrowserAlias,
  type BrowserProfile,
  type OperatingSystem,
  type Profile,
  profileOf,
  systemOf,
} from './versions.ts';

/** A browser at a version on an operating system. One object for each pair. */
export interface Preset {
  readonly browser: BrowserProfile;
  readonly os: OperatingSystem;
  readonly userAgent: string;
  /** True where a redirected form post hides its Origin: Chromium. */
  readonly hidesOrigin: boolean;
  /** The pseudo-header fields of HTTP/2 in the browser's order. */
  readonly pseudoFields: readonly string[];
  /** The value of Sec-WebSocket-Extensions; `''` where it sends no such field. */
  readonly webSocketExtensions: string;
  /** The browser's header lines for one hop. */
  readonly lines: (hop: HeaderFacts) => readonly HeaderLine[];
}

/**
 * Finds the profile of a name, or the newest of a family.
 *
 * @throws RequestError `ERR_INVALID_OPTION` for an unknown name, with the nearest known ones
 */
export function resolveProfile(browser: BrowserProfile | BrowserAlias): BrowserProfile {
  return profileOf(browser).browser;
}

const presets = new Map<string, Preset>();
/** The last arguments and their preset: most sessions of a process have the same browser. */
let latest: { readonly browser: string; readonly os: string | undefined; readonly preset: Preset } | null =
  null;

/**
 * Finds the preset of a browser on an operating system; the same object for the same pair.
 *
 * @param os by default macOS, or the browser's own default where it does not exist for macOS
 * @throws RequestError `ERR_INVALID_OPTION` for an unknown browser, and for a system on which the browser does not
 * exist
 */
export function resolvePreset(
  browser: BrowserProfile | BrowserAlias,
  os: OperatingSystem | undefined,
): Preset {
  if (latest?.browser === browser && latest.os === os) return latest.preset;
  const profile = profileOf(browser);
  const system = systemOf(profile, os);
  const key = `${profile.browser} ${system}`;
  const preset = presets.get(key) ?? presetOf(profile, system);
  presets.set(key, preset);
  latest = { browser, os, preset };
  return preset;
}

function presetOf(profile: Profile, os: OperatingSystem): Preset {
  const { browser, family } = profile;
  // Firefox's and OkHttp's order; the others have their own. Source: captures, and published ones of Safari.
  const common = {
    browser,
    os,
    hidesOrigin: false,
    pseudoFields: [':method', ':path', ':authority', ':scheme'],
    // Firefox and Safari's NSURLSession. Source: captures, and reports of servers that failed with Safari 15.
    webSocketExtensions: 'permessage-deflate',
  };
  if (family === 'okhttp') {
    const userAgent = okhttpUserAgent(profile.version);
    // Since 4.5. Source: OkHttp's RealWebSocket.
    const webSocketExtensions = profile.version.startsWith('3.') ? '' : common.webSocketExtensions;
    return { ...common, userAgent, webSocketExtensions, lines: (hop) => okhttpLines({ userAgent }, hop) };
  }
  if (family.startsWith('safari') || os === 'ios') return { ...common, ...safariPreset(profile, os) };
  if (family.startsWith('firefox')) {
    const userAgent = firefoxUserAgent(profile, os);
    const major = Number(profile.version);
    const identity = {
      major,
      userAgent,
      privateWindow: family === 'firefox_private',
      encodings: encodings(major >= 126),
    };
    return { ...common, userAgent, lines: (hop) => firefoxLines(identity, hop) };
  }
  const identity = chromiumIdentity(profile, os);
  return {
    ...common,
    userAgent: identity.userAgent,
    hidesOrigin: true,
    pseudoFields: [':method', ':authority', ':scheme', ':path'],
    webSocketExtensions: 'permessage-deflate; client_max_window_bits',
    lines: (hop) => chromiumLines(identity, hop),
  };
}

const platforms: Record<OperatingSystem, string> = {
  windows: 'Windows',
  macos: 'macOS',
  linux: 'Linux',
  android: 'Android',
  ios: 'iOS',
};
const brands: Partial<Record<BrowserAlias, string>> = {
  chrome: 'Google Chrome',
  edge: 'Microsoft Edge',
  opera: 'Opera',
};

function chromiumIdentity(profile: Profile, os: Exclude<OperatingSystem, 'ios'>): ChromiumIdentity {
  const major = chromiumMajor(profile);
  return {
    major,
    brand: [brands[profile.family] ?? 'Chromium', Number(profile.version)],
    userAgent: chromiumUserAgent(profile, os),
    platform: platforms[os],
    mobile: os === 'android',
    avif: profile.family !== 'edge' || major >= 121,
    encodings: encodings(major >= 123),
  };
}

function safariPreset(
  profile: Profile,
  os: OperatingSystem,
): Pick<Preset, 'userAgent' | 'pseudoFields' | 'lines'> {
  const isSafari = profile.family.startsWith('safari');
  const rank = isSafari ? profile.rank : iosSafariRank(profile);
  const identity = {
    rank,
    userAgent: webkitUserAgent(profile, os, isSafari),
    encodings: encodings(rank >= 2603),
  };
  const last = rank >= 1800 ? [':authority', ':path'] : [':path', ':authority'];
  return {
    userAgent: identity.userAgent,
    pseudoFields: [':method', ':scheme', ...last],
    lines: (hop) => safariLines(identity, hop),
  };
}

function webkitUserAgent(profile: Profile, os: OperatingSystem, isSafari: boolean): string {
  if (!isSafari) return iosUserAgent(profile);
  const desktop = os === 'macos' || profile.family === 'safari_ipad';
  return desktop ? safariUserAgent(profile.version) : safariIosUserAgent(profile.version);
}

// A preset only names codings that this Node.js can decode.
const decodesZstd = typeof zlib.zstdDecompress === 'function';

function encodings(zstd: boolean): string {
  return `gzip, deflate, br${zstd && decodesZstd ? ', zstd' : ''}`;
}
