/** Five sessions, each with a basket cookie of its own, read a paginated shop over at most three shared connections. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession, createTransport } from 'jarfetch';
import { openPage, paginate } from 'jarfetch/page';

const departments = ['tea', 'coffee', 'cups', 'spoons', 'sugar'];
const visitors = new Map<string, Set<string>>();
let connections = 0;

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop.test');
  const department = pathname.slice(1);
  const page = Number(searchParams.get('page') ?? 1);
  const [, known] = /basket=(\w+)/.exec(request.headers.cookie ?? '') ?? [];
  const basket = known ?? `b${visitors.size + 1}`;
  visitors.set(basket, (visitors.get(basket) ?? new Set()).add(department));
  const items = Array.from({ length: 10 }, (_, at) => {
    const number = (page - 1) * 10 + at + 1;
    return `<li class=item><h2>${department} ${number}</h2><b class=price>${number}.50 EUR</b></li>`;
  });
  const next = page < 4 ? `<a rel=next href="?page=${page + 1}">Next</a>` : '';
  if (known === undefined) response.setHeader('set-cookie', `basket=${basket}; Path=/`);
  response.setHeader('content-type', 'text/html').end(`<ul>${items.join('')}</ul>${next}`);
});
server.on('connection', () => connections++);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;

const schema = {
  baseSelector: '.item',
  fields: [
    { name: 'title', selector: 'h2', type: 'text' },
    { name: 'price', selector: '.price', type: 'regex', pattern: '([\\d.]+) EUR', transform: Number },
  ],
} as const;

const transport = await createTransport({ poolMaxSize: 3 });
const counts = await Promise.all(
  departments.map(async (department) => {
    const session = await createSession({ baseUrl: `http://127.0.0.1:${port}`, transport });
    const first = await openPage(session, `/${department}`);
    const rows = await paginate(first, { items: schema, retry: true }).all();
    const total = rows.reduce((sum, { price }) => sum + (price ?? 0), 0);
    console.log(`${department}: ${rows.length} items, ${total} EUR`);
    await session.close();
    return rows.length;
  }),
);
const isMixed = [...visitors.values()].some((seen) => seen.size > 1);
console.log(`${counts.reduce((sum, count) => sum + count, 0)} items, ${visitors.size} baskets`);
console.log(
  isMixed ? 'baskets were mixed' : 'no basket was mixed',
  connections <= 3 ? 'over at most 3 connections' : `over ${connections} connections`,
);

await transport.close();
server.close();
