/** What the headers of a request cost once its context was seen: `node bench/presets.ts`. The goal is 1 µs. */
import { inferContext, type PresetRequest, presetHeaders, resolvePreset } from '../src/core/presets/index.ts';

const goal = 1000;
const rounds = 200_000;
const repeats = 7;

type Part = Partial<PresetRequest> & { readonly referrer?: URL };

function request({ referrer, ...part }: Part = {}): PresetRequest {
  const { url = new URL('https://www.example.com/products?page=2'), method = 'GET', headers = [] } = part;
  const context = inferContext({ url, method, headers, contentType: null, referrer });
  const rest = { redirectedFrom: [], http2: false, acceptLanguage: null, hasBody: false };
  return { ...rest, ...part, method, url, headers, context };
}

const page = new URL('https://www.example.com/products');
const json = ['content-type', 'application/json'] as const;
const cases: Record<string, PresetRequest> = {
  'navigation, typed': request(),
  'navigation, own header': request({ headers: [['x-request-id', '1']] }),
  'fetch, JSON POST': request({ method: 'POST', headers: [json], referrer: page }),
  'fetch, six own headers': request({
    method: 'PUT',
    headers: [json, ...['a', 'b', 'c', 'd', 'e'].map((letter) => [`x-${letter}`, '1'] as const)],
    referrer: page,
  }),
  'fetch, cross-site': request({ method: 'DELETE', referrer: new URL('https://shop.example.org/cart') }),
  'navigation, third hop': request({ redirectedFrom: [new URL('https://a.example.com/'), page] }),
};

/** Nanoseconds for one call: the median of several rounds. */
function measure(run: () => unknown): number {
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const start = process.hrtime.bigint();
    for (let round = 0; round < rounds; round++) run();
    times.push(Number(process.hrtime.bigint() - start) / rounds);
  }
  return times.sort((a, b) => a - b)[repeats >> 1] ?? Number.NaN;
}

let slowest = 0;
for (const browser of ['chrome', 'firefox', 'safari'] as const) {
  const preset = resolvePreset(browser, undefined);
  for (const [name, each] of Object.entries(cases)) {
    const nanoseconds = measure(() => presetHeaders(preset, each));
    slowest = Math.max(slowest, nanoseconds);
    console.info(`${browser.padEnd(8)} ${name.padEnd(24)} ${nanoseconds.toFixed(0).padStart(6)} ns`);
  }
}
const preset = resolvePreset('chrome', undefined);
const kinds = [
  'image',
  'script',
  'style',
  'font',
  'iframe',
  'video',
  'worker',
  'manifest',
  '',
  'document',
  'track',
  'audio',
];
const mixed = kinds.map((destination) => {
  const context = inferContext({
    url: page,
    method: 'GET',
    headers: [],
    contentType: null,
    destination,
    referrer: page,
  });
  return { ...request(), url: page, context };
});
let turn = 0;
const mix = measure(() => presetHeaders(preset, mixed[turn++ % mixed.length] ?? request()));
slowest = Math.max(slowest, mix);
console.info(`chrome   twelve kinds in turn     ${mix.toFixed(0).padStart(6)} ns`);
const input = { url: page, method: 'POST', headers: [json], contentType: null };
console.info(
  `inferContext, JSON POST           ${measure(() => inferContext(input))
    .toFixed(0)
    .padStart(6)} ns`,
);
console.info(`slowest ${slowest.toFixed(0)} ns, goal ${goal} ns: ${slowest <= goal ? 'met' : 'missed'}`);
