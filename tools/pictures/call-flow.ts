/** A call that is tried twice and redirected once: which part of the session does what, and how often. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession } from '../../src/index.ts';
import { rectangle, svg, text } from './drawing.ts';

interface FlowHop {
  readonly attempt: number;
  readonly request: string;
  /** Number of header lines that the preset has written. */
  readonly headers: number;
  readonly cookies: readonly string[];
  readonly status: number;
  readonly setCookies: readonly string[];
}

export interface CallFlow {
  /** How often the middleware has run. */
  readonly middleware: number;
  readonly hops: readonly FlowHop[];
  readonly status: number;
  readonly url: string;
}

export async function callFlow(): Promise<CallFlow> {
  let requests = 0;
  const server = createServer((request, response) => answer(request, response, ++requests));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hops: FlowHop[] = [];
  let middleware = 0;
  const session = await createSession({
    baseUrl,
    browser: 'firefox',
    retry: { limit: 2, backoff: () => 0 },
    middleware: [
      (request, next) => {
        middleware += 1;
        return next(request);
      },
    ],
    observers: [
      {
        onExchangeEnd: ({ attempt, method, url, request, response }) => {
          const cookies = (request?.headers ?? []).filter(([name]) => name.toLowerCase() === 'cookie');
          const setCookies = (response?.headers ?? []).filter(
            ([name]) => name.toLowerCase() === 'set-cookie',
          );
          hops.push({
            attempt,
            request: `${method} ${new URL(url).pathname}`,
            headers: (request?.headers.length ?? 0) - cookies.length,
            cookies: cookies.flatMap(([, value]) => value.split('; ')),
            status: response?.status ?? 0,
            setCookies: setCookies.map(([, value]) => value.replace(/;.*/, '')),
          });
        },
      },
    ],
  });
  try {
    session.setCookie('lang', 'en', baseUrl);
    const response = await session.fetch('/orders');
    await response.text();
    return { middleware, hops, status: response.status, url: new URL(response.url).pathname };
  } finally {
    await session.close();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Busy at first, then one redirect with a cookie. */
function answer(request: IncomingMessage, response: ServerResponse, count: number): void {
  response.setHeader('Connection', 'close');
  if (count === 1) response.writeHead(503, { 'Retry-After': '0' });
  else if (request.url === '/orders')
    response.writeHead(302, { Location: '/orders/', 'Set-Cookie': 'region=eu; Path=/' });
  response.end();
}

const stages = ['preset', 'cookies', 'exchange', 'cookies'] as const;
const [rowHeight, hopWidth, gap] = [30, 236, 16] as const;

export function drawCallFlow(flow: CallFlow): string {
  const attempts = [...new Set(flow.hops.map(({ attempt }) => attempt))].map((attempt) =>
    flow.hops.filter((hop) => hop.attempt === attempt),
  );
  const hopHeight = 12 + stages.length * rowHeight;
  const shapes: string[] = [];
  let x = 60;
  for (const [index, hops] of attempts.entries()) {
    const width = hops.length * (hopWidth + gap) + gap;
    shapes.push(
      rectangle({ x, y: 134, width, height: hopHeight + 50, className: 'inner' }),
      text(x + gap, 156, `redirects, attempt ${index + 1}`, { className: 'title' }),
      ...hops.flatMap((hop, place) => drawHop(hop, x + gap + place * (hopWidth + gap), 168)),
    );
    x += width + gap;
  }
  const [width, bottom] = [x + 44, 134 + hopHeight + 50];
  return svg({
    width,
    height: bottom + 76,
    title: 'The flow of a call',
    description: describe(flow, attempts.length),
    shapes: [
      text(20, 32, "session.fetch('/orders')", { className: 'mono' }),
      rectangle({ x: 20, y: 46, width: width - 40, height: bottom - 46 + 44, className: 'box' }),
      text(36, 68, `middleware: ${flow.middleware === 1 ? 'once' : `${flow.middleware} times`} a call`, {
        className: 'title',
      }),
      rectangle({ x: 40, y: 84, width: width - 80, height: bottom - 84 + 22, className: 'inner' }),
      text(60, 108, `retry: ${attempts.length} attempts`, { className: 'title' }),
      ...shapes,
      text(
        20,
        bottom + 64,
        `SessionResponse: ${flow.status}, url ${flow.url}, ${attempts.at(-1)?.length} hops`,
        { className: 'mono' },
      ),
    ],
  });
}

function drawHop(hop: FlowHop, x: number, y: number): string[] {
  const told: Readonly<Record<string, string>>[] = [
    { what: 'preset', does: `${hop.headers} headers` },
    { what: 'cookies', does: hop.cookies.length === 0 ? 'none to send' : hop.cookies.join('; ') },
    { what: 'exchange', does: `${hop.request}: ${hop.status}` },
    {
      what: 'cookies',
      does: hop.setCookies.length === 0 ? 'none to store' : `+ ${hop.setCookies.join('; ')}`,
    },
  ];
  return [
    rectangle({ x, y, width: hopWidth, height: 12 + told.length * rowHeight, className: 'warm' }),
    ...told.flatMap(({ what = '', does = '' }, row) => [
      text(x + 10, y + 25 + row * rowHeight, what, { className: 'dim' }),
      text(x + 86, y + 25 + row * rowHeight, does, { className: 'mono' }),
    ]),
  ];
}

function describe({ hops, status, url }: CallFlow, attempts: number): string {
  const told = hops.map(
    ({ attempt, request, cookies, status: got, setCookies }) =>
      `In attempt ${attempt}, ${request} carries ${cookies.join(' and ') || 'no cookie'} and gets ${got}` +
      `${setCookies.length === 0 ? '' : `, which sets ${setCookies.join(' and ')}`}.`,
  );
  return (
    `The middleware encloses ${attempts} attempts, each attempt its redirects, and each hop writes the preset's headers, ` +
    `reads the cookies, makes one exchange and stores cookies. ${told.join(' ')} The response is ${status} of ${url}.`
  );
}
