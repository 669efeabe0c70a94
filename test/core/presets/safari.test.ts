import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HeaderEntry } from '../../../src/core/http.ts';
import {
  type BrowserProfile,
  inferContext,
  presetHeaders,
  resolvePreset,
} from '../../../src/core/presets/index.ts';

type Kind =
  | 'Document'
  | 'Fetch'
  | 'XHR'
  | 'Preflight'
  | 'Script'
  | 'Stylesheet'
  | 'Image'
  | 'Font'
  | 'Media'
  | 'WebsocketUpgrade';
interface Published {
  readonly method: string;
  readonly secFetchSite: readonly string[];
  readonly order: readonly string[];
}
type Orders = Record<string, Record<string, Partial<Record<Kind, readonly Published[]>>>>;

const fixture = new URL('../../fixtures/safari-header-orders.json', import.meta.url);
const { data }: { data: Orders } = JSON.parse(readFileSync(fixture, 'utf8'));

const profiles: Record<string, BrowserProfile> = {
  'safari 16.5': 'safari_16.5',
  'safari 17.0': 'safari_17.0',
  'safari 17.3': 'safari_17.4.1',
  'safari 18.1': 'safari_18.2',
};

/** Other publications (curl-impersonate's captures) have 18.0 in the order of 18.1, which is what we send. */
const contradicted = 'safari 18.0';

const destinations: Record<Kind, string> = {
  Document: 'document',
  Fetch: '',
  XHR: '',
  Preflight: '',
  Script: 'script',
  Stylesheet: 'style',
  Image: 'image',
  Font: 'font',
  Media: 'video',
  WebsocketUpgrade: '',
};

/** Written by the transport or the cookie stage, and Priority, which the published orders leave out. */
const notCompared = /^(:.*|host|connection|content-length|cookie|priority)$/;
const lower = (names: readonly string[]) =>
  names.map((name) => name.toLowerCase()).filter((name) => !notCompared.test(name));

interface Case {
  readonly version: string;
  readonly transport: string;
  readonly kind: Kind;
  readonly method: string;
  readonly site: string;
}

/** Our order for a published case. `own`: headers that the page or the tool sets there. */
function ours({ version, transport, kind, method, site }: Case, own: readonly string[]): string[] {
  const scheme = transport === 'http' ? 'http' : 'https';
  const url = new URL(
    `${kind === 'WebsocketUpgrade' ? scheme.replace('http', 'ws') : scheme}://www.example.com/x`,
  );
  const page = {
    none: undefined,
    'same-origin': 'www.example.com',
    'same-site': 'a.example.com',
    'cross-site': 'b.test',
  }[site];
  const headers = own.map((name): HeaderEntry => [name, '1']);
  const context = inferContext({
    url,
    method,
    headers,
    contentType: null,
    destination: destinations[kind],
    ...(kind === 'WebsocketUpgrade' && { mode: 'websocket' as const }),
    ...(page !== undefined && { referrer: new URL(`${scheme}://${page}/page`) }),
  });
  const preset = resolvePreset(profiles[version] ?? 'safari', undefined);
  const common = {
    redirectedFrom: [],
    http2: transport === 'http2',
    acceptLanguage: null,
    hasBody: method === 'POST',
  };
  return lower(
    presetHeaders(preset, { ...common, method, url, headers, context }).headers.map(([name]) => name),
  );
}

const ownNames = /^(content-type|access-control-request-.*|sec-websocket-.*|upgrade|range)$/;

const cases = Object.entries(data).flatMap(([version, transports]) =>
  Object.entries(transports).flatMap(([transport, kinds]) =>
    Object.entries(kinds).flatMap(([kind, published]) =>
      [
        ...new Set(
          published.flatMap(({ method, secFetchSite }) => secFetchSite.map((site) => `${method} ${site}`)),
        ),
      ].map((name): Case => {
        const [method = '', site = ''] = name.split(' ');
        return { version, transport, kind: kind as Kind, method, site };
      }),
    ),
  ),
);

function publishedOf({ version, transport, kind, method, site }: Case): readonly Published[] {
  const all = data[version]?.[transport]?.[kind] ?? [];
  return all.filter((each) => each.method === method && each.secFetchSite.includes(site));
}

describe("Safari's orders", () => {
  const comparable = cases.filter(({ version }) => version !== contradicted);

  it.each(comparable)('$version $transport $kind $method $site is a published order', (each) => {
    const published = publishedOf(each).map(({ order }) => lower(order));
    const own = (published[0] ?? []).filter((name) => ownNames.test(name));
    expect(published).toContainEqual(ours(each, own));
  });

  it('compares all versions except the one about which publications disagree', () => {
    expect([...Object.keys(profiles), contradicted].sort()).toEqual(Object.keys(data).sort());
    expect(comparable.length).toBeGreaterThan(200);
  });

  it('puts priority between language and encoding, on HTTP/2 since 18', () => {
    const headers = presetHeaders(resolvePreset('safari_26.4', undefined), {
      method: 'GET',
      url: new URL('https://www.example.com/'),
      headers: [],
      hasBody: false,
      context: inferContext({
        url: new URL('https://www.example.com/'),
        method: 'GET',
        headers: [],
        contentType: null,
      }),
      redirectedFrom: [],
      http2: true,
      acceptLanguage: null,
    }).headers.map(([name]) => name);
    expect(headers).toEqual([
      'sec-fetch-dest',
      'user-agent',
      'accept',
      'sec-fetch-site',
      'sec-fetch-mode',
      'accept-language',
      'priority',
      'accept-encoding',
    ]);
  });
});
