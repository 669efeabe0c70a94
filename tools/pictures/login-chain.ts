/** A login at the demo site, watched hop by hop: who sets which cookie, and where it is sent. */
import { startSite } from '../../examples/site.ts';
import { createSession, type HeaderEntry, type ObservedExchange, type Observer } from '../../src/index.ts';
import { logIn } from '../../src/page/index.ts';
import { arrow, chip, line, svg, text } from './drawing.ts';

export interface ChainHop {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly location: string | null;
  /** Names of the cookies that are sent. */
  readonly sent: readonly string[];
  /** Names of the cookies that are set, and of those that are deleted. */
  readonly set: readonly string[];
  readonly deleted: readonly string[];
  /** Names of the cookies in the jar afterwards. */
  readonly jar: readonly string[];
}

export async function loginChain(): Promise<ChainHop[]> {
  const site = await startSite();
  const hops: Omit<ChainHop, 'jar'>[] = [];
  /** What the jar has when a hop begins, which is what the hop before it has left. */
  const jars: string[][] = [];
  const lookIntoJar = (): void =>
    void jars.push(
      session
        .getAllCookies()
        .map(({ name }) => name)
        .sort(),
    );
  const watch: Observer = {
    onExchangeStart: lookIntoJar,
    onExchangeEnd: (exchange) => void hops.push(hopOf(exchange)),
  };
  const session = await createSession({ baseUrl: site.url, browser: 'chrome', observers: [watch] });
  try {
    await logIn(session, '/login', { username: 'alice', password: 'white-rabbit' });
    lookIntoJar();
  } finally {
    await session.close();
    await site.close();
  }
  return hops.map((hop, index) => ({ ...hop, jar: jars[index + 1] ?? [] }));
}

function hopOf({ method, url, request, response }: ObservedExchange): Omit<ChainHop, 'jar'> {
  const sent = valuesOf(request?.headers, 'cookie')
    .flatMap((value) => value.split('; '))
    .map(nameOf);
  const lines = valuesOf(response?.headers, 'set-cookie');
  const isDeletion = (value: string): boolean => value.includes('Expires=Thu, 01 Jan 1970');
  return {
    method,
    path: new URL(url).pathname,
    status: response?.status ?? 0,
    location: valuesOf(response?.headers, 'location')[0] ?? null,
    sent,
    set: lines.filter((value) => !isDeletion(value)).map(nameOf),
    deleted: lines.filter(isDeletion).map(nameOf),
  };
}

function valuesOf(headers: readonly HeaderEntry[] | undefined, name: string): string[] {
  return (headers ?? []).filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
}

function nameOf(cookie: string): string {
  return cookie.slice(0, cookie.indexOf('='));
}

const [left, right, jarAt, top, step] = [40, 490, 530, 84, 84] as const;

export function drawLoginChain(hops: readonly ChainHop[]): string {
  const height = top + hops.length * step + 6;
  const shapes = [
    text(left, 34, 'session', { className: 'title', anchor: 'middle' }),
    text(right, 34, 'site', { className: 'title', anchor: 'middle' }),
    text(jarAt, 34, 'cookie jar afterwards', { className: 'title' }),
    line(left, 46, left, height - 16),
    line(right, 46, right, height - 16),
    ...hops.flatMap(drawHop),
  ];
  const told = hops.map((hop, index) => `${index + 1}. ${tellHop(hop)}`).join(' ');
  return svg({
    width: 760,
    height,
    title: 'A login hop by hop',
    description: `One call of logIn against the demo site. ${told}`,
    shapes,
  });
}

function drawHop(hop: ChainHop, index: number): string[] {
  const y = top + index * step;
  const cookie = hop.sent.length === 0 ? '' : `   Cookie: ${hop.sent.join(', ')}`;
  const set = [...hop.set, ...hop.deleted.map((name) => `${name} (deleted)`)];
  const chips: string[] = [];
  let x: number = jarAt;
  for (const name of hop.jar) {
    const { shape, next } = chip(x, y + 12, name, hop.set.includes(name) ? 'warm' : 'box');
    chips.push(shape);
    x = next;
  }
  return [
    text(left + 12, y - 7, `${hop.method} ${hop.path}${cookie}`, { className: 'mono' }),
    arrow(left, right, y),
    text(left + 12, y + 23, `${hop.status}${hop.location === null ? '' : ` to ${hop.location}`}`, {
      className: 'mono dim',
    }),
    ...(set.length === 0
      ? []
      : [text(left + 12, y + 39, `Set-Cookie: ${set.join(', ')}`, { className: 'mono mark' })]),
    arrow(right, left, y + 46),
    ...chips,
  ];
}

function tellHop({ method, path, status, location, sent, set, deleted, jar }: ChainHop): string {
  return [
    `${method} ${path}`,
    sent.length === 0 ? 'without a cookie' : `with ${sent.join(', ')}`,
    `is answered with ${status}${location === null ? '' : ` to ${location}`}`,
    ...(set.length === 0 ? [] : [`sets ${set.join(', ')}`]),
    ...(deleted.length === 0 ? [] : [`deletes ${deleted.join(', ')}`]),
    `and leaves ${jar.join(', ')} in the jar.`,
  ].join(', ');
}
