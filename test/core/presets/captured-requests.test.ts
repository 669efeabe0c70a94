import { afterAll, describe, expect, it } from 'vitest';
import type { RequestHead } from '../../../src/core/http.ts';
import { presetHeaders, resolvePreset } from '../../../src/core/presets/index.ts';
import { type Capture, captures, requestOf } from './captures.ts';
import { exceptions, normalised } from './differences.ts';

const presets = {
  chromium: resolvePreset('chrome_156', 'linux'),
  firefox: resolvePreset('firefox_153', 'linux'),
};

/** Written by the transport, or by the cookie stage into `cookieIndex`. */
const notOurs = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'cookie']);

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

function sent(capture: Capture): RequestHead | undefined {
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
