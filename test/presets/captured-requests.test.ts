import { afterAll, describe, expect, it } from 'vitest';
import { brandList } from '../../src/presets/brands.ts';
import { type PresetHeaders, presetHeaders, resolvePreset } from '../../src/presets/index.ts';
import { type Capture, captures, requestOf } from './captures.ts';

const presets = {
  chromium: resolvePreset('chrome_156', 'linux'),
  firefox: resolvePreset('firefox_153', 'linux'),
};

/** Written by the transport, or by the cookie stage into `cookieIndex`. */
const notOurs = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'cookie']);

/** Requests that differ on purpose, with the reason. */
const exceptions: Record<string, (capture: Capture) => string | false> = {
  'x8-fetch-cross-credentials': ({ browser }) =>
    browser === 'firefox' &&
    'captured under stricter cookie settings: storage access none, in all other captures active',
};

/**
 * What is made equal before comparing: Debian's Chromium has no "Google Chrome" brand, and Firefox gave the same
 * image u=4 or u=5 from one run to the next.
 */
function normalised(capture: Capture, [name, value]: readonly [string, string]): [string, string] {
  const key = name.toLowerCase();
  if (key === 'sec-ch-ua')
    return [name, value.replace(brandList(156, null), brandList(156, ['Google Chrome', 156]))];
  const timed = capture.browser === 'firefox' && isPlainImage(capture);
  return key === 'priority' && timed && value === 'u=4, i' ? [name, 'u=5, i'] : [name, value];
}

function isPlainImage({ kind }: Capture): boolean {
  return kind === 'i-img' || kind === 'p7-cookie-img';
}

function expected(capture: Capture): { headers: [string, string][]; cookieIndex: number | undefined } {
  const own = capture.headers.filter(
    ([name]) => name === 'Cookie' || name === 'cookie' || !notOurs.has(name.toLowerCase()),
  );
  const at = own.findIndex(([name]) => name.toLowerCase() === 'cookie');
  return {
    headers: own
      .filter(([name]) => name.toLowerCase() !== 'cookie')
      .map((entry) => normalised(capture, entry)),
    cookieIndex: at < 0 ? undefined : at,
  };
}

function sent(capture: Capture): PresetHeaders | undefined {
  const request = requestOf(capture);
  return request && presetHeaders(presets[capture.browser], request);
}

const label = ({ browser, transport, kind, n }: Capture) => `${browser} ${transport} ${kind} ${n}`;
const counts = new Map<string, { matched: number; total: number }>();

describe('the headers of captured requests', () => {
  it.each(captures.map((capture) => [label(capture), capture] as const))('%s', (_, capture) => {
    const count = counts.get(`${capture.browser} ${capture.transport}`) ?? { matched: 0, total: 0 };
    counts.set(`${capture.browser} ${capture.transport}`, count);
    count.total++;
    const result = sent(capture);
    const wanted = expected(capture);
    const reason = exceptions[capture.kind]?.(capture);
    if (typeof reason === 'string') {
      expect(result?.headers, `no exception any more: ${reason}`).not.toEqual(wanted.headers);
      return;
    }
    expect(result?.headers).toEqual(wanted.headers);
    if (wanted.cookieIndex !== undefined) expect(result?.cookieIndex).toBe(wanted.cookieIndex);
    const whole = [...new Set(capture.headers.map(([name]) => name.toLowerCase()))];
    expect(result?.order.filter((name) => whole.includes(name))).toEqual(whole);
    count.matched++;
  });

  afterAll(() => {
    const rows = [...counts].sort().map(([name, { matched, total }]) => `${name}: ${matched}/${total}`);
    console.info(`matched captures\n${rows.join('\n')}`);
  });
});
