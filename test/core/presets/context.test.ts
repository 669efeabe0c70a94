import { describe, expect, it } from 'vitest';
import type { HeaderEntry } from '../../../src/core/http.ts';
import type { ReferrerPolicyName } from '../../../src/core/presets/context.ts';
import {
  type ContextInput,
  inferContext,
  presetHeaders,
  resolvePreset,
} from '../../../src/core/presets/index.ts';
import { isTrustworthy, siteBetween } from '../../../src/core/sites.ts';

const target = new URL('https://www.example.com/api/items?id=1');

function infer(input: Partial<ContextInput>) {
  return inferContext({ url: target, method: 'GET', headers: [], contentType: null, ...input });
}

describe('inferContext', () => {
  const accept = (value: string): readonly HeaderEntry[] => [['Accept', value]];
  it.each([
    ['GET', {}, 'document', 'navigate'],
    ['HEAD', { method: 'HEAD' }, 'document', 'navigate'],
    ['GET for HTML', { headers: accept('text/html') }, 'document', 'navigate'],
    ['GET for JSON', { headers: accept('application/json, text/plain, */*') }, '', 'cors'],
    ['GET for a JSON dialect', { headers: accept('application/problem+json') }, '', 'cors'],
    ['GET for an event stream', { headers: accept('text/event-stream') }, '', 'cors'],
    ['GET with X-Requested-With', { headers: [['x-requested-with', 'XMLHttpRequest']] }, '', 'cors'],
    ['POST of JSON', { method: 'POST', contentType: 'application/json' }, '', 'cors'],
    [
      'POST of a form',
      { method: 'POST', contentType: 'application/x-www-form-urlencoded;charset=UTF-8' },
      'document',
      'navigate',
    ],
    [
      'POST of files',
      { method: 'POST', contentType: 'multipart/form-data; boundary=x' },
      'document',
      'navigate',
    ],
    [
      'POST of a form by type header',
      { method: 'POST', headers: [['content-type', 'application/x-www-form-urlencoded']] },
      'document',
      'navigate',
    ],
    [
      'POST of a form for JSON',
      {
        method: 'POST',
        contentType: 'application/x-www-form-urlencoded',
        headers: accept('application/json'),
      },
      '',
      'cors',
    ],
    ...(['', 'xmlhttprequest', 'eventsource', 'beacon'] as const).map(
      (initiator) =>
        [
          `POST of a form by the script ${initiator || 'fetch'}`,
          { method: 'POST', contentType: 'application/x-www-form-urlencoded', initiator },
          '',
          'cors',
        ] as const,
    ),
    ['GET by a script', { initiator: '' }, '', 'cors'],
    ['GET of a prefetched page', { initiator: 'prefetch' }, 'document', 'navigate'],
    ['POST of text', { method: 'POST', contentType: 'text/plain;charset=UTF-8' }, '', 'cors'],
    ['POST of nothing', { method: 'POST' }, '', 'cors'],
    ['PUT of a form', { method: 'PUT', contentType: 'application/x-www-form-urlencoded' }, '', 'cors'],
    ['DELETE', { method: 'DELETE' }, '', 'cors'],
    ['an image', { destination: 'image' }, 'image', 'no-cors'],
    ['a font', { destination: 'font' }, 'font', 'cors'],
    ['an iframe', { destination: 'iframe' }, 'iframe', 'navigate'],
    ['a worker', { destination: 'worker' }, 'worker', 'same-origin'],
    ['destination empty, by its header name', { destination: 'empty' }, '', 'cors'],
    [
      'a JSON POST said to be a document',
      { destination: 'document', method: 'POST', contentType: 'application/json' },
      'document',
      'navigate',
    ],
    ['mode no-cors', { mode: 'no-cors' }, '', 'no-cors'],
    [
      'mode navigate',
      { mode: 'navigate', method: 'POST', contentType: 'application/json' },
      'document',
      'navigate',
    ],
    ['a WebSocket', { mode: 'websocket' }, '', 'websocket'],
  ] as const)('takes %s for what a browser would', (_, input: Partial<ContextInput>, destination, mode) => {
    expect(infer(input)).toMatchObject({ destination, mode });
  });

  it('assumes the root page of the target where the request needs a page', () => {
    expect(infer({ method: 'DELETE' }).referrer?.href).toBe('https://www.example.com/');
    expect(infer({ method: 'POST', contentType: 'application/x-www-form-urlencoded' }).referrer?.href).toBe(
      'https://www.example.com/',
    );
    expect(infer({}).referrer).toBeNull();
    expect(infer({ mode: 'websocket', url: new URL('wss://www.example.com/ws') }).referrer?.href).toBe(
      'https://www.example.com/',
    );
  });

  it('hides the page in Referer but keeps it for site and origin', () => {
    const hidden = infer({ method: 'DELETE', referrer: 'no-referrer' });
    expect(hidden).toMatchObject({ referrerHidden: true, referrer: new URL('https://www.example.com/') });
  });

  it("treats documents as the person's action, and frames not", () => {
    expect(infer({}).userActivation).toBe(true);
    expect(infer({ userActivation: false }).userActivation).toBe(false);
    expect(infer({ destination: 'iframe' }).userActivation).toBe(false);
  });
});

describe('siteBetween', () => {
  it.each([
    ['https://a.example.com/', 'https://a.example.com/x', 'same-origin'],
    ['https://a.example.com/', 'https://a.example.com:8443/', 'same-site'],
    ['https://a.example.com/', 'https://b.example.com/', 'same-site'],
    ['http://a.example.com/', 'https://a.example.com/', 'cross-site'],
    ['https://a.example.com/', 'https://example.org/', 'cross-site'],
    ['https://a.co.uk/', 'https://b.co.uk/', 'cross-site'],
    ['https://a.github.io/', 'https://b.github.io/', 'cross-site'],
    ['https://x.a.test/', 'https://y.a.test/', 'same-site'],
    ['https://a.test/', 'https://b.test/', 'cross-site'],
    ['http://localhost/', 'http://127.0.0.1/', 'cross-site'],
    ['http://127.0.0.1/', 'http://127.0.0.1:8080/', 'same-site'],
    ['http://10.0.0.1/', 'http://11.0.0.1/', 'cross-site'],
    ['http://[::1]/', 'http://[::1]:81/', 'same-site'],
    ['https://a.example.com/', 'wss://a.example.com/', 'same-origin'],
    ['https://a.example.com/', 'ws://a.example.com/', 'cross-site'],
    ['http://a.example.com:80/', 'http://a.example.com/', 'same-origin'],
  ])('of %s and %s is %s', (page, to, site) => {
    expect(siteBetween(new URL(page), new URL(to))).toBe(site);
  });
});

describe('isTrustworthy', () => {
  it.each([
    ['https://a.test/', true],
    ['wss://a.test/', true],
    ['http://a.test/', false],
    ['http://localhost:3000/', true],
    ['http://app.localhost/', true],
    ['http://127.8.9.1/', true],
    ['http://[::1]/', true],
    ['http://127.0.0.1.evil.test/', false],
    ['http://notlocalhost/', false],
    ['http://10.0.0.1/', false],
  ])('%s: %s', (url, expected) => {
    expect(isTrustworthy(new URL(url))).toBe(expected);
  });
});

interface Hop {
  readonly method?: string;
  readonly to: string;
  readonly via?: readonly string[];
  readonly page?: string | 'no-referrer';
  readonly policy?: ReferrerPolicyName;
  readonly say?: Partial<ContextInput>;
}

/** One hop's headers, by lower-case name. */
function headersOf(hop: Hop, browser: 'chrome' | 'firefox' = 'chrome'): Record<string, string> {
  const { method = 'GET', to, via = [], page, policy, say } = hop;
  const first = new URL(via[0] ?? to);
  const referrer = page === undefined || page === 'no-referrer' ? page : new URL(page);
  const context = inferContext({
    url: first,
    method,
    headers: [],
    contentType: null,
    referrer,
    referrerPolicy: policy,
    ...say,
  });
  const { headers } = presetHeaders(resolvePreset(browser, undefined), {
    method,
    url: new URL(to),
    context,
    redirectedFrom: via.map((url) => new URL(url)),
    http2: false,
    acceptLanguage: null,
    headers: [],
    hasBody: false,
  });
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}

const page = 'https://user:secret@a.test/page?q=1#part';
const fetchIt = { destination: '' } as const;

describe('Referer', () => {
  const full = 'https://a.test/page?q=1';
  const origin = 'https://a.test/';
  it.each([
    ['', 'https://a.test/x', full],
    ['', 'https://b.test/x', origin],
    ['', 'http://a.test/x', undefined],
    ['strict-origin-when-cross-origin', 'https://b.test/x', origin],
    ['no-referrer', 'https://a.test/x', undefined],
    ['unsafe-url', 'http://b.test/x', full],
    ['origin', 'http://b.test/x', origin],
    ['same-origin', 'https://a.test/x', full],
    ['same-origin', 'https://b.test/x', undefined],
    ['origin-when-cross-origin', 'http://a.test/x', origin],
    ['origin-when-cross-origin', 'https://a.test/x', full],
    ['strict-origin', 'https://a.test/x', origin],
    ['strict-origin', 'http://a.test/x', undefined],
    ['no-referrer-when-downgrade', 'https://b.test/x', full],
    ['no-referrer-when-downgrade', 'http://b.test/x', undefined],
  ] as const)('under policy "%s" to %s is %s', (policy, to, expected) => {
    expect(headersOf({ to, page, policy, say: { destination: 'document' } }).referer).toBe(expected);
  });

  it('stays shortened after a cross-origin hop, and absent after a cleartext hop', () => {
    expect(
      headersOf({ to: 'https://a.test/3', via: ['https://a.test/1', 'https://b.test/2'], page }).referer,
    ).toBe(origin);
    expect(
      headersOf({ to: 'https://a.test/3', via: ['https://a.test/1', 'http://a.test/2'], page }).referer,
    ).toBeUndefined();
  });

  it('is cut to the origin past 4096 characters', () => {
    const long = `https://a.test/${'x'.repeat(4096)}`;
    expect(headersOf({ to: 'https://a.test/', page: long }).referer).toBe(origin);
  });

  it('is hidden on request, while site and Origin stay', () => {
    const hidden = headersOf({ method: 'POST', to: 'https://a.test/', page: 'no-referrer', say: fetchIt });
    expect(hidden).toMatchObject({ origin: 'https://a.test', 'sec-fetch-site': 'same-origin' });
    expect(hidden).not.toHaveProperty('referer');
  });
});

describe('Sec-Fetch-Site', () => {
  it.each([
    ['a typed navigation', { to: 'https://a.test/' }, 'none'],
    [
      'a typed navigation over another site',
      { to: 'https://a.test/', via: ['https://a.test/1', 'https://b.test/2'] },
      'none',
    ],
    ['a click', { to: 'https://a.test/x', page }, 'same-origin'],
    [
      'a click over another site and back',
      { to: 'https://a.test/3', via: ['https://a.test/1', 'https://b.test/2'], page },
      'cross-site',
    ],
    [
      'a click over a subdomain and back',
      { to: 'https://a.test/3', via: ['https://x.a.test/1'], page },
      'same-site',
    ],
  ] as const)('of %s is %s', (_, hop: Hop, site) => {
    for (const browser of ['chrome', 'firefox'] as const)
      expect(headersOf(hop, browser)['sec-fetch-site']).toBe(site);
  });

  it('and every header for trustworthy targets is sent only to such a hop', () => {
    const names = (to: string, via: string[]) => Object.keys(headersOf({ to, via }));
    expect(names('https://a.test/', ['http://a.test/'])).toEqual(
      expect.arrayContaining(['sec-ch-ua', 'sec-fetch-site']),
    );
    expect(names('http://a.test/', ['https://a.test/']).filter((name) => name.startsWith('sec-'))).toEqual(
      [],
    );
    expect(headersOf({ to: 'http://a.test/' })['accept-encoding']).toBe('gzip, deflate');
  });
});

describe('Origin', () => {
  it.each([
    ['of a cross-origin fetch', { to: 'https://b.test/', page, say: fetchIt }, 'https://a.test'],
    ['of a same-origin fetch', { to: 'https://a.test/', page, say: fetchIt }, undefined],
    ['of a no-cors fetch', { to: 'https://b.test/', page, say: { mode: 'no-cors' } }, undefined],
    ['of a POST', { method: 'POST', to: 'https://a.test/', page, say: fetchIt }, 'https://a.test'],
    [
      'of a form to cleartext',
      { method: 'POST', to: 'http://b.test/', page, say: { destination: 'document' } },
      'null',
    ],
    [
      'of a form without referrer',
      {
        method: 'POST',
        to: 'https://a.test/',
        page,
        policy: 'no-referrer',
        say: { destination: 'document' },
      },
      'null',
    ],
    [
      'of a fetch without referrer',
      { method: 'POST', to: 'https://a.test/', page, policy: 'no-referrer', say: fetchIt },
      'https://a.test',
    ],
    [
      'of a fetch sent on by another origin',
      { to: 'https://c.test/', via: ['https://b.test/'], page, say: fetchIt },
      'null',
    ],
    [
      'of a fetch sent away by its own origin',
      { to: 'https://b.test/', via: ['https://a.test/'], page, say: fetchIt },
      'https://a.test',
    ],
  ] as const)('%s is %s', (_, hop: Hop, origin) => {
    for (const browser of ['chrome', 'firefox'] as const) expect(headersOf(hop, browser).origin).toBe(origin);
  });

  it('of a form post redirected to another site is hidden by Chromium, kept by Firefox', () => {
    const hop: Hop = {
      method: 'POST',
      to: 'https://b.test/',
      via: ['https://a.test/'],
      page,
      say: { destination: 'document' },
    };
    expect(headersOf(hop, 'chrome').origin).toBe('null');
    expect(headersOf(hop, 'firefox').origin).toBe('https://a.test');
  });

  it("of a form post is null after its redirects left the page's origin and continued", () => {
    const hop: Hop = {
      method: 'POST',
      to: 'https://a.test/u',
      via: ['https://a.test/s', 'https://b.test/t'],
      page,
      say: { destination: 'document' },
    };
    for (const browser of ['chrome', 'firefox'] as const) expect(headersOf(hop, browser).origin).toBe('null');
  });
});
