import { readFileSync } from 'node:fs';
import type { HeaderEntry } from '../../../src/core/http.ts';
import { type ContextInput, inferContext, type PresetRequest } from '../../../src/core/presets/index.ts';

/** One request of a real browser. `n` counts the requests of a kind: preflights and redirect hops come first. */
export interface Capture {
  readonly browser: 'chromium' | 'firefox';
  readonly version: string;
  readonly kind: string;
  readonly transport: 'https-h1' | 'https-h2' | 'http-localhost' | 'http-insecure';
  readonly n: number;
  readonly method: string;
  readonly authority: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
}

const fixture = new URL('../../fixtures/captured-requests.json', import.meta.url);
export const captures: readonly Capture[] = JSON.parse(readFileSync(fixture, 'utf8'));

/** What a person and a page did to make a captured request, as a caller of the library would say it. */
interface Scene {
  /** The page: of the target's own origin, of the other host, or none. */
  readonly page: 'same' | 'other' | 'none' | 'hidden' | 'unknown';
  readonly say?: Partial<ContextInput>;
  /** Headers the page set, in the order of its calls; the values are the capture's. */
  readonly own?: readonly string[];
}

type SceneOf = Scene | ((capture: Capture) => Scene);

const page = (say?: Partial<ContextInput>, own?: readonly string[]): Scene => ({
  page: 'same',
  say: { destination: '', ...say },
  ...(own && { own }),
});
const across = (say?: Partial<ContextInput>, own?: readonly string[]): Scene => ({
  ...page(say, own),
  page: 'other',
});
const load = (destination: string, say?: Partial<ContextInput>): Scene => page({ destination, ...say });
const typed: Scene = { page: 'none' };
const click: Scene = { page: 'same', say: { destination: 'document' } };
const form: Scene = { page: 'same', own: ['Content-Type'] };
const xhr = { initiator: 'xmlhttprequest' } as const;
const body = ['Content-Type'];
const validators = ['If-None-Match', 'If-Modified-Since'];
const socket: Scene = {
  page: 'unknown',
  say: { mode: 'websocket' },
  own: [
    'Upgrade',
    'Sec-WebSocket-Version',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Extensions',
    'Sec-WebSocket-Protocol',
  ],
};

/** A reload, whose Sec-Fetch-User the driven Firefox left out. */
const reload =
  (from: Scene): SceneOf =>
  ({ n, browser }) =>
    n === 1
      ? from
      : {
          ...from,
          say: {
            ...from.say,
            destination: 'document',
            cache: 'no-cache',
            userActivation: browser === 'chromium',
          },
          own: validators,
        };

const preflighted =
  (own: readonly string[], say?: Partial<ContextInput>): SceneOf =>
  ({ method }) =>
    across(
      say,
      method === 'OPTIONS' ? ['Access-Control-Request-Method', 'Access-Control-Request-Headers'] : own,
    );

const letters = (count: number) => Array.from('ABCDEFGHIJKL'.slice(0, count), (letter) => `X-${letter}`);

/** Hints that an earlier response asked for by Accept-CH: a caller would send them. */
const isHint = (name: string) =>
  /^(device-memory|dpr|viewport-width|rtt|downlink|ect|sec-ch-.*)$/.test(name) &&
  !/^sec-ch-ua(-mobile|-platform)?$/.test(name);

const eventStream = (own: readonly string[] = []): Scene => page({}, ['Accept', ...own]);

/** How each captured kind comes about. */
const scenes: Record<string, SceneOf> = {
  'a-nav-typed-first': typed,
  'b-nav-click-same-origin': click,
  'b3-nav-script-same-origin-no-gesture': {
    page: 'same',
    say: { destination: 'document', userActivation: false },
  },
  'c-nav-click-cross-site': { page: 'other', say: { destination: 'document' } },
  'c2-nav-script-cross-site-no-gesture': {
    page: 'other',
    say: { destination: 'document', userActivation: false },
  },
  'd-form-post-urlencoded': form,
  'd3-form-get': click,
  'd5-form-post-text-plain': { ...form, say: { destination: 'document' } },
  'e-fetch-get': page(),
  'e10-fetch-get-priority-low': page({ priority: 'low' }),
  'e11-fetch-get-no-referrer': { page: 'hidden', say: { destination: '' } },
  'e13-fetch-get-range': page({}, ['Range']),
  'e2-fetch-get-accept-json': { page: 'same', own: ['Accept'] },
  'e3-fetch-get-nostore': page({ cache: 'no-store' }),
  'e5-fetch-get-nocache': page({ cache: 'no-cache' }),
  'e6-fetch-head': page(),
  'e8-fetch-get-keepalive': page(),
  'e9-fetch-get-priority-high': page({ priority: 'high' }),
  'f-fetch-post-json': { page: 'same', own: body },
  'f3-fetch-post-urlencoded': page({}, body),
  'f4-fetch-post-formdata': page({}, body),
  'f5-fetch-post-blob': { page: 'same', own: body },
  'f7-fetch-delete': { page: 'same' },
  'f8-fetch-patch-json': { page: 'same', own: body },
  'g-fetch-cors-get-simple': across(),
  'g2-fetch-cors-get-preflighted': preflighted(['X-Custom']),
  'g4-fetch-cors-put-multi-headers-preflighted': preflighted(['X-Custom', 'Authorization', 'Content-Type'], {
    credentials: 'include',
  }),
  'g5-fetch-no-cors-get': across({ mode: 'no-cors' }),
  'g6-fetch-no-cors-post': across({ mode: 'no-cors' }, body),
  'g8-fetch-cors-delete-preflighted': preflighted([]),
  'h-xhr-get': page(xhr),
  'h2-xhr-post-json': page(xhr, body),
  'h4-xhr-get-axios': page(xhr, ['Accept']),
  'h5-xhr-post-string': page(xhr, body),
  'h6-xhr-cors-get': across(xhr),
  'i-img': load('image'),
  'i3-img-crossorigin-anonymous': across({ destination: 'image', mode: 'cors' }),
  'i4-img-fetchpriority-high': load('image', { priority: 'high' }),
  'i5-picture-lazy': load('image'),
  'i6-parser-img': load('image', { initiator: 'parser' }),
  'i7-parser-img-lazy': load('image'),
  'j-script': load('script'),
  'j10-parser-style': load('style'),
  'j11-parser-script': load('script', { initiator: 'parser' }),
  'j12-parser-script-async': load('script'),
  'j13-parser-script-defer': load('script'),
  'j2-script-cross-site': across({ destination: 'script' }),
  'j3-script-module-import': load('script', { mode: 'cors' }),
  'j4-script-crossorigin': across({ destination: 'script', mode: 'cors' }),
  'j5-style': load('style'),
  'j5-style-bg': load('image', { initiator: 'css' }),
  'j5-style-font': load('font'),
  'j5-style-import': load('style'),
  'j7-preload-script': load('script', { initiator: 'preload' }),
  'j8-prefetch': page({ mode: 'no-cors' }, ['Sec-Purpose']),
  'j9-modulepreload': load('script', { mode: 'cors', initiator: 'preload' }),
  'k-reload': reload(typed),
  'k2-reload-script': ({ n, browser }) => {
    if (n === 1) return typed;
    const say = { destination: 'document', cache: 'no-cache', userActivation: false } as const;
    return { page: browser === 'chromium' ? 'same' : 'none', say, own: validators };
  },
  'k4-reload-after-click': reload({ page: 'other', say: { destination: 'document' } }),
  'l-redirect-typed-302-same-origin': typed,
  'l10-redirect-fetch-post-307': { page: 'same', own: body },
  'l11-redirect-fetch-cross-cross-same': across(),
  'l12-redirect-fetch-auth-cross': ({ method }) =>
    page({}, method === 'OPTIONS' ? ['Access-Control-Request-Method'] : ['Authorization']),
  'l3-redirect-click-same-cross-same': click,
  'l5-redirect-form-post-307': form,
  'l6b-redirect-form-post-303': ({ n }) => (n === 1 ? form : click),
  'l7-redirect-fetch-302-same-origin': page(),
  'm-websocket': socket,
  'm2-websocket-protocols': socket,
  'm4-websocket-no-h2-connect': socket,
  'n-iframe': ({ browser }) => load('iframe', { userActivation: browser === 'chromium' }),
  'n12-fontface': load('font'),
  'n3-audio': load('audio'),
  'n4-video': load('video'),
  'n5-manifest': load('manifest'),
  'n6-worker': load('worker'),
  'n7-serviceworker': ({ browser }) => ({
    ...load('serviceworker'),
    page: browser === 'chromium' ? 'same' : 'unknown',
  }),
  'n8-sendbeacon': page({ mode: 'no-cors', initiator: 'beacon' }, body),
  'o-eventsource': eventStream(['Last-Event-ID']),
  'o2-eventsource-cross-site': across({ credentials: 'include' }, ['Accept']),
  'p-cookie-nav-typed': typed,
  'p10-cookie-reload': reload(typed),
  'p11-cookie-cond': page({}, validators),
  'p2-cookie-nav-click': click,
  'p4-cookie-fetch-get': page(),
  'p6-cookie-xhr-post': { page: 'same', own: ['Content-Type', 'X-Requested-With'] },
  'p7-cookie-img': load('image'),
  'p8-cookie-script': load('script'),
  'p9-cookie-websocket': socket,
  's-download-link': ({ headers }) => ({
    ...click,
    own: ['Authorization', ...headers.map(([name]) => name).filter(isHint)],
  }),
  'x1-http-to-https': typed,
  'x10-xhr-custom-case': {
    page: 'same',
    own: [
      'Accept',
      'x-lower',
      'X-UPPER',
      'content-type',
      'authorization',
      'X-Requested-With',
      'X-CSRF-Token',
    ],
  },
  ...Object.fromEntries(
    [1, 2, 4, 5, 6, 8, 10, 11, 12].map((count) => [`x11-n${count}`, page({}, letters(count))]),
  ),
  'x12-s0': page({}, ['X-Api-Key', 'X-Client-Version', 'X-Trace-Id']),
  'x12-s1': page({}, ['DNT2', 'Foo', 'Bar', 'Content-Type']),
  'x12-s3': page({}, ['X-Amz-Date', 'X-Amz-Target', 'Content-Type', 'Authorization']),
  'x12-s4': page({}, [
    'apikey',
    'authorization',
    'x-client-info',
    'content-type',
    'prefer',
    'accept-profile',
  ]),
  'x12-s6': page({}, ['If-None-Match', 'Accept']),
  'x12-s7': page({}, ['Range', 'Content-Type']),
  'x12-s9': page({}, ['Pragma', 'Cache-Control', 'Expires', 'Content-Type']),
  'x3-click-https-to-http': { page: 'other', say: { destination: 'document' } },
  'x5-fetch-http-to-https': across(),
  ...Object.fromEntries([301, 302, 303, 308].map((status) => [`x6-${status}`, typed])),
  'x7-cookie-cond': reload(typed),
  'x8-fetch-cross-credentials': across({ credentials: 'include' }),
};

/** What a caller of the library says to make the first request of a kind, and which redirects lead to this one. */
export interface Ask {
  readonly headers: readonly HeaderEntry[];
  readonly say: Partial<ContextInput>;
  readonly page: URL | 'no-referrer' | undefined;
  /** Captures of the hops before this one. */
  readonly chain: readonly Capture[];
}

/** How a caller would ask for a captured request; `undefined` for a kind nobody has described. */
export function askOf(capture: Capture): Ask | undefined {
  const found = scenes[capture.kind];
  if (found === undefined) return undefined;
  const scene = typeof found === 'function' ? found(capture) : found;
  const chain = chainOf(capture);
  const headers = (scene.own ?? []).flatMap((name): HeaderEntry[] => {
    const value = valueIn(capture, name);
    return value === undefined ? [] : [[name, value]];
  });
  return { headers, say: scene.say ?? {}, page: pageOf(scene, chain[0] ?? capture), chain };
}

/** The request a session would hand to the preset stage for a captured one. */
export function requestOf(capture: Capture): PresetRequest | undefined {
  const ask = askOf(capture);
  if (ask === undefined) return undefined;
  const { headers, chain } = ask;
  const url = urlOf(capture);
  const first = chain[0] ?? capture;
  const context = inferContext({
    url: urlOf(first),
    method: capture.method,
    headers,
    contentType: null,
    ...ask.say,
    referrer: ask.page,
  });
  return {
    method: capture.method,
    initialMethod: first.method,
    url,
    context,
    redirectedFrom: chain.map(urlOf),
    http2: capture.transport === 'https-h2' && !capture.kind.startsWith('m4'),
    acceptLanguage: null,
    headers,
    hasBody: valueIn(capture, 'content-length') !== undefined,
  };
}

function pageOf(scene: Scene, first: Capture): URL | 'no-referrer' | undefined {
  if (scene.page === 'none') return undefined;
  if (scene.page === 'hidden') return 'no-referrer';
  const { protocol, host } = urlOf(first);
  // Where the page's path shows, it is the capture's own; else any path and fragment that must not show.
  const path = `/page?k=hostpage#part`;
  if (scene.page === 'other')
    return new URL(`${otherScheme(first, protocol)}//${otherHost(first, host)}${path}`);
  const shown = valueIn(first, 'referer');
  if (shown !== undefined) return new URL(`${shown}#part`);
  const origin = valueIn(first, 'origin') ?? `${protocol.replace('ws', 'http')}//${host}`;
  return new URL(origin + path);
}

function otherScheme(capture: Capture, protocol: string): string {
  if (capture.kind === 'x3-click-https-to-http') return 'https:';
  return capture.kind === 'x5-fetch-http-to-https' ? 'http:' : protocol;
}

function otherHost(capture: Capture, host: string): string {
  if (capture.kind === 'x3-click-https-to-http') return 'a.test:20443';
  if (capture.kind === 'x5-fetch-http-to-https') return 'a.test:20080';
  if (host.startsWith('localhost')) return host.replace('localhost', '127.0.0.1');
  if (host.startsWith('127.0.0.1')) return host.replace('127.0.0.1', 'localhost');
  return host.startsWith('a.') ? host.replace('a.', 'b.') : host.replace('b.', 'a.');
}

/** The hops before this one: earlier requests of the kind that were answered by a redirect. */
function chainOf(capture: Capture): Capture[] {
  const { kind, browser, transport, n } = capture;
  const other = kind === 'x1-http-to-https' && transport === 'https-h1';
  return captures.filter(
    (each) =>
      each.kind === kind &&
      each.browser === browser &&
      each.target.startsWith('/redirect') &&
      (other ? each.transport === 'http-insecure' : each.transport === transport && each.n < n),
  );
}

export function urlOf({ transport, authority, target, kind }: Capture): URL {
  const secure = transport.startsWith('https');
  const socketKind = kind.includes('websocket');
  const scheme = socketKind ? (secure ? 'wss' : 'ws') : secure ? 'https' : 'http';
  return new URL(`${scheme}://${authority}${target}`);
}

export function valueIn({ headers }: Capture, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
}
