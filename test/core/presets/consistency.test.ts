import zlib from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import {
  type BrowserProfile,
  getEmulationHeaders,
  getOperatingSystems,
  getProfiles,
  type OperatingSystem,
  resolvePreset,
} from '../../../src/core/presets/index.ts';

/** Every profile on every system on which it exists. */
const pairs = getProfiles().flatMap((browser) =>
  getOperatingSystems().flatMap((os): [BrowserProfile, OperatingSystem][] => {
    try {
      resolvePreset(browser, os);
      return [[browser, os]];
    } catch {
      return [];
    }
  }),
);

const platformInUserAgent: Record<OperatingSystem, RegExp> = {
  windows: /\(Windows NT 10\.0; Win64; x64[;)]/,
  macos: /\(Macintosh; Intel Mac OS X 10[._]15(_7)?[;)]/,
  linux: /\(X11; Linux x86_64[;)]/,
  android: /\((Linux; )?Android \d+; /,
  ios: /\(iPhone; CPU iPhone OS \d+_\d/,
};

const platformInHint: Record<string, string> = {
  windows: '"Windows"',
  macos: '"macOS"',
  linux: '"Linux"',
  android: '"Android"',
};

const decoders: Record<string, unknown> = {
  gzip: zlib.gunzip,
  deflate: zlib.inflate,
  br: zlib.brotliDecompress,
  zstd: zlib.zstdDecompress,
};

const hinting = /^(chrome|edge|opera)_/;

function headersOf(browser: BrowserProfile, os: OperatingSystem, extra: object = {}): Map<string, string> {
  return new Map(getEmulationHeaders(browser, os, extra).map(([name, value]) => [name.toLowerCase(), value]));
}

describe('every profile on every system it exists on', () => {
  it('is a few hundred pairs', () => {
    expect(pairs.length).toBeGreaterThan(400);
  });

  it.each(pairs)('%s on %s has consistent values', (browser, os) => {
    const headers = headersOf(browser, os);
    const agent = headers.get('user-agent') ?? '';
    const version = browser.replace(/^\D+/, '');
    if (browser.startsWith('okhttp'))
      expect(agent).toMatch(new RegExp(`^okhttp/${version.replace('.', '\\.')}\\.\\d`));
    else if (!browser.startsWith('safari_ipad')) expect(agent).toMatch(platformInUserAgent[os]);
    expect(agent).toContain(agentToken(browser, os, version));
    if (hinting.test(browser) && os !== 'ios') expectHints(headers, os, agent, browser);
    else expect([...headers.keys()].filter((name) => name.startsWith('sec-ch-'))).toEqual([]);
  });

  it.each(pairs)('%s on %s accepts no coding that this Node cannot decode', (browser, os) => {
    for (const coding of headersOf(browser, os).get('accept-encoding')?.split(', ') ?? []) {
      expect(decoders[coding], coding).toBeTypeOf('function');
    }
  });

  it.each(pairs)('%s on %s sends nothing twice, and nothing that the transport writes', (browser, os) => {
    for (const http2 of [false, true]) {
      const list = getEmulationHeaders(browser, os, { http2, method: 'POST', headers: [['x-own', '1']] });
      const names = list.map(([name]) => name.toLowerCase());
      expect(new Set(names).size).toBe(names.length);
      expect(names).not.toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^(host|connection|content-length|transfer-encoding|cookie)$/),
        ]),
      );
      if (http2) expect(list.map(([name]) => name)).toEqual(names);
    }
  });
});

function agentToken(browser: BrowserProfile, os: OperatingSystem, version: string): string {
  const dotted = version.includes('.') ? version : `${version}.0`;
  if (browser.startsWith('okhttp')) return 'okhttp/';
  if (browser.startsWith('safari')) return `Version/${dotted} `;
  const tokens: Record<string, string> =
    os === 'ios'
      ? { chrome: 'CriOS/', edge: 'EdgiOS/', firefox: 'FxiOS/' }
      : { chrome: 'Chrome/', edge: os === 'android' ? 'EdgA/' : 'Edg/', opera: 'OPR/', firefox: 'Firefox/' };
  const family = browser.split('_')[0] ?? '';
  return `${tokens[family]}${version}.`;
}

function expectHints(
  headers: Map<string, string>,
  os: OperatingSystem,
  agent: string,
  browser: BrowserProfile,
): void {
  const chromium = /Chrome\/(\d+)\./.exec(agent)?.[1];
  const own = browser.replace(/^\D+/, '');
  const brands = headers.get('sec-ch-ua') ?? '';
  expect(brands).toContain(`"Chromium";v="${chromium}"`);
  expect(brands).toMatch(new RegExp(`"(Google Chrome|Microsoft Edge|Opera)";v="${own}"`));
  expect(brands.split(', ')).toHaveLength(3);
  expect(headers.get('sec-ch-ua-platform')).toBe(platformInHint[os]);
  expect(headers.get('sec-ch-ua-mobile')).toBe(os === 'android' ? '?1' : '?0');
  expect(agent.includes(' Mobile ')).toBe(os === 'android');
}

describe('values that changed with a version', () => {
  it.each([
    ['chrome_120', 'chrome_123', 'accept-encoding', 'zstd', {}],
    ['chrome_123', 'chrome_124', 'priority', 'u=0, i', { http2: true }],
    ['chrome_109', 'chrome_110', 'accept', 'v=b3;q=0.7', {}],
    ['chrome_154', 'chrome_155', 'accept', 'image/jxl', {}],
    ['edge_101', 'edge_122', 'accept', 'image/avif', {}],
    ['firefox_117', 'firefox_128', 'accept-encoding', 'zstd', {}],
    ['firefox_117', 'firefox_128', 'priority', 'u=0, i', {}],
    ['firefox_146', 'firefox_147', 'accept-language', 'en;q=0.9', {}],
    ['safari_26.2', 'safari_26.3', 'accept-encoding', 'zstd', {}],
    ['safari_17.6', 'safari_18', 'priority', 'u=0, i', { http2: true }],
    ['safari_16', 'safari_16.5', 'sec-fetch-dest', 'document', {}],
    ['firefox_136', 'firefox_private_136', 'sec-gpc', '1', {}],
  ] as const)('%s lacks what %s has in %s', (before, since, name, part, context) => {
    expect(headersOf(before, 'macos', context).get(name) ?? '').not.toContain(part);
    expect(headersOf(since, 'macos', context).get(name)).toContain(part);
  });

  it.each([
    ['chrome_132', 'chrome_133', 'none'],
    ['firefox_146', 'firefox_147', 'active'],
  ] as const)('%s lacks what %s tells of storage access across sites', (before, since, access) => {
    const context = { destination: 'script', referrer: new URL('https://a.test/') };
    expect(headersOf(before, 'macos', context).has('sec-fetch-storage-access')).toBe(false);
    expect(headersOf(since, 'macos', context).get('sec-fetch-storage-access')).toBe(access);
  });

  it.each([
    ['opera_116', 131],
    ['opera_120', 135],
    ['opera_121', 137],
    ['opera_131', 147],
  ] as const)('builds %s on Chromium %i', (browser, major) => {
    expect(headersOf(browser, 'macos').get('user-agent')).toContain(
      ` Chrome/${major}.0.0.0 Safari/537.36 OPR/`,
    );
  });

  it('does not accept zstd where Node has none', async () => {
    vi.resetModules();
    vi.doMock('node:zlib', () => ({ default: { ...zlib, zstdDecompress: undefined } }));
    const presets = await import('../../../src/core/presets/index.ts');
    expect(new Map(presets.getEmulationHeaders('chrome')).get('Accept-Encoding')).toBe('gzip, deflate, br');
    vi.doUnmock('node:zlib');
  });

  it('keeps Firefox at rv:109.0 from 110 to 119', () => {
    expect(headersOf('firefox_117', 'linux').get('user-agent')).toContain(
      'rv:109.0) Gecko/20100101 Firefox/117.0',
    );
  });
});
