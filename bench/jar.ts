// How does the cookie jar compare with tough-cookie's own? Ratios of interleaved rounds in one run.
// node --expose-gc bench/jar.ts
import { readFileSync } from 'node:fs';
import { CookieJar } from 'tough-cookie';
import { BrowserCookieJar } from '../src/core/cookies/jar/browser-cookie-jar.ts';

const ROUNDS = 15;
const ROUND_MS = 60;
let sink = 0;

/** Nanoseconds per call of each candidate: the median of rounds that take turns, so that both meet the same noise. */
function compare(candidates: readonly (() => unknown)[]): number[] {
  const rounds = candidates.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    candidates.forEach((candidate, index) => {
      rounds[index]?.push(measure(candidate));
    });
  }
  return rounds.map(median);
}

function measure(candidate: () => unknown): number {
  const start = process.hrtime.bigint();
  const end = start + BigInt(ROUND_MS) * 1_000_000n;
  let calls = 0;
  let now = start;
  while (now < end) {
    for (let at = 0; at < 200; at++) sink += candidate() === undefined ? 0 : 1;
    calls += 200;
    now = process.hrtime.bigint();
  }
  return Number(now - start) / calls;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function report(question: string, [theirs = 0, ours = 0]: readonly number[]): void {
  const ratio = (theirs / ours).toFixed(2);
  console.log(`${question.padEnd(58)} ${ns(theirs)} ${ns(ours)}   ${ratio}x`);
}

function ns(value: number): string {
  return `${value.toFixed(0).padStart(8)} ns`;
}

const url = 'https://www.shop.example/account/orders';
const parsed = new URL(url);
const lines = [
  'sid=31d4d96e407aad42; Path=/; Secure; HttpOnly; SameSite=Lax',
  'theme=dark; Max-Age=31536000; Path=/',
  'csrf=Zm9vYmFyYmF6; Secure; SameSite=Strict',
  'lang=en-GB; Domain=shop.example; Path=/; Expires=Fri, 01 Jan 2038 00:00:00 GMT',
  'cart=3; Path=/account; Secure',
];

function filled<Jar extends CookieJar>(jar: Jar): Jar {
  for (const line of lines) jar.setCookieSync(line, url);
  return jar;
}

console.log(`${''.padEnd(58)} ${'tough-cookie'.padStart(11)} ${'jarfetch'.padStart(11)}   ratio`);
const theirs = filled(new CookieJar());
const ours = filled(new BrowserCookieJar());
report(
  'getCookieStringSync, 5 cookies, URL as text',
  compare([() => theirs.getCookieStringSync(url), () => ours.getCookieStringSync(url)]),
);
report(
  'getCookieStringSync, 5 cookies, URL object',
  compare([() => theirs.getCookieStringSync(parsed), () => ours.getCookieStringSync(parsed)]),
);
report(
  'getCookiesSync, 5 cookies, URL as text',
  compare([() => theirs.getCookiesSync(url), () => ours.getCookiesSync(url)]),
);
let turn = 0;
const nextLine = () => lines[turn++ % lines.length] ?? '';
report(
  'setCookieSync, 5 lines in turn, URL as text',
  compare([() => theirs.setCookieSync(nextLine(), url), () => ours.setCookieSync(nextLine(), url)]),
);
report(
  'setCookieSync, 5 lines in turn, URL object',
  compare([() => theirs.setCookieSync(nextLine(), parsed), () => ours.setCookieSync(nextLine(), parsed)]),
);
report(
  'setCookieSync against receive, URL object',
  compare([() => theirs.setCookieSync(nextLine(), parsed), () => ours.receive(nextLine(), parsed)]),
);
report(
  'getCookieStringSync against cookieHeader, URL object',
  compare([() => theirs.getCookieStringSync(parsed), () => ours.cookieHeader(parsed)]),
);

interface BrowserCase {
  readonly url: string;
  readonly setCookie: readonly string[];
  readonly requestUrl: string;
}

const cases: BrowserCase[] = JSON.parse(
  readFileSync(new URL('../test/fixtures/browser-cookie-cases.json', import.meta.url), 'utf8'),
);

/** Plays one captured case after the other on a jar of its own, without the trap of tough-cookie's throwing reads. */
function player(make: () => CookieJar): () => unknown {
  let at = 0;
  return () => {
    const { url: from, setCookie, requestUrl } = cases[at++ % cases.length] ?? cases[0] ?? never();
    const jar = make();
    for (const line of setCookie) jar.setCookieSync(line, from, { ignoreError: true });
    try {
      return jar.getCookieStringSync(requestUrl);
    } catch {
      return '';
    }
  };
}

function never(): never {
  throw new Error('no cases');
}

report(
  `${cases.length} captured cases in turn: set all, get, jar included`,
  compare([player(() => new CookieJar()), player(() => new BrowserCookieJar())]),
);

function spread<Jar extends CookieJar>(jar: Jar, hosts: number, perHost: number): Jar {
  for (let host = 0; host < hosts; host++) {
    for (let at = 0; at < perHost; at++) {
      jar.setCookieSync(`cookie${at}=value${at}; Path=/`, `https://www.host${host}.com/`);
    }
  }
  return jar;
}

console.log('\nCost by what else is in the jar, getCookieStringSync:');
for (const [hosts, perHost] of [
  [1, 1000],
  [50, 20],
  [1000, 1],
  [10_000, 1],
] as const) {
  const [a, b] = [spread(new CookieJar(), hosts, perHost), spread(new BrowserCookieJar(), hosts, perHost)];
  const last = `https://www.host${hosts - 1}.com/`;
  report(
    `  ${hosts} hosts of ${perHost}`,
    compare([() => a.getCookieStringSync(last), () => b.getCookieStringSync(last)]),
  );
}

console.log('\nBytes of heap:');
if (globalThis.gc === undefined) console.log('  run with --expose-gc');
else {
  const gc = globalThis.gc;
  const heap = (): number => {
    gc();
    gc();
    return process.memoryUsage().heapUsed;
  };
  const bytesOf = (count: number, make: (index: number) => unknown): number => {
    const kept: unknown[] = new Array(count).fill(undefined);
    const before = heap();
    for (let index = 0; index < count; index++) kept[index] = make(index);
    const after = heap();
    sink += kept.length;
    return (after - before) / count;
  };
  const row = (what: string, make: (jar: () => CookieJar) => number): void => {
    const theirBytes = make(() => new CookieJar()).toFixed(0);
    const ourBytes = make(() => new BrowserCookieJar()).toFixed(0);
    console.log(`${what.padEnd(58)} ${theirBytes.padStart(11)} ${ourBytes.padStart(11)}`);
  };
  row('  per empty jar', (jar) => bytesOf(20_000, jar));
  row('  per cookie, 3,000 of 20 to a host', (jar) => bytesOf(10, () => fill(jar(), 150, 20)) / 3000);
  row('  per cookie, 3,000 of one to a host', (jar) => bytesOf(10, () => fill(jar(), 3000, 1)) / 3000);
  row('  per cookie, jars of 5', (jar) => bytesOf(5000, () => fill(jar(), 1, 5)) / 5);
}

function fill(jar: CookieJar, hosts: number, perHost: number): CookieJar {
  for (let host = 0; host < hosts; host++) {
    for (let at = 0; at < perHost; at++) {
      const value = `${host}.${at}`.padEnd(32, 'x');
      jar.setCookieSync(
        `session_cookie_${at}=${value}; Path=/; Secure; HttpOnly; Max-Age=3600`,
        `https://www.host${host}.com/`,
      );
    }
  }
  return jar;
}
if (sink < 0) console.log(sink);
