import { describe, expect, it } from 'vitest';
import { getEmulationHeaders, type OperatingSystem } from '../../../src/core/presets/index.ts';
import { languageLadder } from '../../../src/core/presets/languages.ts';

const eleven = 'a, b, c, d, e, f, g, h, i, j, k';

describe('languageLadder', () => {
  it.each([
    ['de-DE, en', 'chromium', 'de-DE,en;q=0.9'],
    ['de-DE, de, en-US, en', 'chromium', 'de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7'],
    ['de', 'chromium', 'de'],
    [eleven, 'chromium', 'a,b;q=0.9,c;q=0.8,d;q=0.7,e;q=0.6,f;q=0.5,g;q=0.4,h;q=0.3,i;q=0.2,j;q=0.1'],
    [eleven, 'firefox', 'a,b;q=0.9,c;q=0.8,d;q=0.7,e;q=0.6,f;q=0.5,g;q=0.4,h;q=0.3,i;q=0.2,j;q=0.1,k;q=0.1'],
    ['en-US, en', 'firefox-146', 'en-US,en;q=0.5'],
    ['de, en-US, en', 'firefox-146', 'de,en-US;q=0.7,en;q=0.3'],
    ['de-DE, de, en-US, en', 'firefox-146', 'de-DE,de;q=0.8,en-US;q=0.5,en;q=0.3'],
    [' de ,, en ', 'chromium', 'de,en;q=0.9'],
    ['de;q=1,en;q=0.2', 'chromium', 'de;q=1,en;q=0.2'],
  ] as const)('writes %s as %s does', (languages, style, ladder) => {
    expect(languageLadder(languages, style)).toBe(ladder);
  });

  it.each([
    ['chrome', undefined, 'de-DE,en;q=0.9'],
    ['edge', 'windows', 'de-DE,en;q=0.9'],
    ['firefox_146', undefined, 'de-DE,en;q=0.5'],
    ['firefox_147', undefined, 'de-DE,en;q=0.9'],
    ['safari', undefined, 'de-DE,en;q=0.9'],
    ['okhttp', undefined, 'de-DE,en;q=0.9'],
  ] as const)('is the one of %s', (browser, os: OperatingSystem | undefined, ladder) => {
    const headers = new Map(getEmulationHeaders(browser, os, { acceptLanguage: 'de-DE, en' }));
    expect(headers.get('Accept-Language')).toBe(ladder);
  });

  it('leaves Accept-Language out for OkHttp when none is asked for', () => {
    expect(getEmulationHeaders('okhttp').map(([name]) => name)).toEqual(['Accept-Encoding', 'User-Agent']);
  });
});
