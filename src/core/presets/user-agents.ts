import type { OperatingSystem, Profile } from './versions.ts';

// Frozen platform tokens: in Chromium since 107 (desktop) and 110 (Android), in Firefox and Safari for longer.
const chromiumPlatforms: Record<Exclude<OperatingSystem, 'ios'>, string> = {
  windows: 'Windows NT 10.0; Win64; x64',
  macos: 'Macintosh; Intel Mac OS X 10_15_7',
  linux: 'X11; Linux x86_64',
  android: 'Linux; Android 10; K',
};
const geckoPlatforms: Record<Exclude<OperatingSystem, 'ios' | 'android'>, string> = {
  windows: 'Windows NT 10.0; Win64; x64',
  macos: 'Macintosh; Intel Mac OS X 10.15',
  linux: 'X11; Linux x86_64',
};

// Versions from before the reduced user agent: the last stable build of each.
const fullVersions: Record<string, { chrome: string; own: string }> = {
  chrome_100: { chrome: '100.0.4896.127', own: '' },
  edge_101: { chrome: '101.0.4951.64', own: '101.0.1210.53' },
};

// Engine of each Opera release, for those that are not fifteen or sixteen apart.
const operaSkip = 121;

/** Major version of the Chromium that a Chrome, Edge or Opera is built on. */
export function chromiumMajor(profile: Profile): number {
  const major = Number(profile.version);
  // Opera skipped Chromium 136 between its 120 (135) and 121 (137).
  return profile.family === 'opera' ? major + (major < operaSkip ? 15 : 16) : major;
}

/** User agent of a Chromium on a desktop or Android. Source: user-agent reduction, and captures of 156. */
export function chromiumUserAgent(profile: Profile, os: Exclude<OperatingSystem, 'ios'>): string {
  const major = chromiumMajor(profile);
  const full = fullVersions[profile.browser];
  const mobile = os === 'android';
  const chrome = `Chrome/${full?.chrome ?? `${major}.0.0.0`}${mobile ? ' Mobile' : ''} Safari/537.36`;
  const platform = mobile && major < 110 ? 'Linux; Android 12; Pixel 6' : chromiumPlatforms[os];
  return `Mozilla/5.0 (${platform}) AppleWebKit/537.36 (KHTML, like Gecko) ${chrome}${ownToken(profile, mobile)}`;
}

function ownToken(profile: Profile, mobile: boolean): string {
  if (profile.family === 'chrome') return '';
  const version = fullVersions[profile.browser]?.own ?? `${profile.version}.0.0.0`;
  if (profile.family === 'opera') return ` OPR/${version}`;
  return ` ${mobile ? 'EdgA' : 'Edg'}/${version}`;
}

/** User agent of Firefox on a desktop or Android. `rv` remained at 109 from 110 to 119 (bug 1806690). */
export function firefoxUserAgent(profile: Profile, os: Exclude<OperatingSystem, 'ios'>): string {
  const major = Number(profile.version);
  const rv = major >= 110 && major < 120 ? '109.0' : `${major}.0`;
  if (os !== 'android') {
    return `Mozilla/5.0 (${geckoPlatforms[os]}; rv:${rv}) Gecko/20100101 Firefox/${major}.0`;
  }
  // Firefox sends the device's real Android version: this is the most common one when that Firefox was released.
  const android = major < 128 ? 13 : major < 140 ? 14 : major < 150 ? 15 : 16;
  return `Mozilla/5.0 (Android ${android}; Mobile; rv:${rv}) Gecko/${rv} Firefox/${major}.0`;
}

/** User agent of Safari on a Mac, and on an iPad, which requests desktop pages by default. */
export function safariUserAgent(version: string): string {
  return `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${dotted(version)} Safari/605.1.15`;
}

/** User agent of Safari on an iPhone. The OS token is frozen since Safari 26: 18_6, then 18_7. */
export function safariIosUserAgent(version: string): string {
  const os =
    Number.parseInt(version, 10) < 26
      ? dotted(version).replaceAll('.', '_')
      : version === '26'
        ? '18_6'
        : '18_7';
  return iphone(os, `Version/${dotted(version)} Mobile/15E148 Safari/604.1`);
}

function dotted(version: string): string {
  return version.includes('.') ? version : `${version}.0`;
}

/** User agent of Chrome, Edge or Firefox on an iPhone: WebKit's, with their own token. */
export function iosUserAgent(profile: Profile): string {
  const major = Number(profile.version);
  if (profile.family === 'firefox') {
    return iphone(iosOf(major), `FxiOS/${major}.0 Mobile/15E148 Safari/605.1.15`);
  }
  if (profile.family === 'edge') {
    const safari = iosOf(major).split('_')[0];
    return iphone(iosOf(major), `Version/${safari}.0 EdgiOS/${major}.0.0.0 Mobile/15E148 Safari/605.1.15`);
  }
  return iphone(iosOf(major), `CriOS/${major}.0.0.0 Mobile/15E148 Safari/604.1`);
}

/** The version of iOS that was current when a Chrome or Firefox of that number was released. */
function iosOf(major: number): string {
  if (major < 106) return '15_6';
  if (major < 118) return '16_6';
  if (major < 130) return '17_6';
  if (major < 141) return '18_5';
  if (major < 145) return '26_1';
  return '26_3';
}

function iphone(os: string, rest: string): string {
  return `Mozilla/5.0 (iPhone; CPU iPhone OS ${os} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ${rest}`;
}

/** Safari's version, as `major * 100 + minor`, on the iPhone of {@link iosUserAgent}. */
export function iosSafariRank(profile: Profile): number {
  const [major = 0, minor = 0] = iosOf(Number(profile.version)).split('_').map(Number);
  return major * 100 + minor;
}

// The last release of each line; line 5 has several.
const okhttpReleases: Record<string, string> = {
  '3.9': '3.9.1',
  '3.11': '3.11.0',
  '3.13': '3.13.1',
  '3.14': '3.14.9',
  '4.9': '4.9.3',
  '4.10': '4.10.0',
  '4.12': '4.12.0',
  '5': '5.3.2',
};

/** User agent of OkHttp, where the application sets none. */
export function okhttpUserAgent(version: string): string {
  return `okhttp/${okhttpReleases[version] ?? version}`;
}
