/**
 * Reads pages through many sessions at once, in every way, and writes as JSON what is left afterwards: heap, sockets,
 * timers, and what nobody caught. Needs --expose-gc.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession, createTransport, type Session } from '../../src/index.ts';
import { logIn, openPage, paginate, pollPage } from '../../src/page/index.ts';

const [pages = '1000', sessions = '50'] = process.argv.slice(2);
const trouble: string[] = [];
process.on('unhandledRejection', (reason) => trouble.push(`rejection ${reason}`));
process.on('uncaughtException', (error) => trouble.push(`exception ${error.stack}`));
process.on('warning', (warning) => trouble.push(`warning ${warning}`));

let served = 0;
/** A table of articles, a form with a token, and links; no two are alike, so that none can be kept for another. */
function articles(page: number): string {
  const rows = Array.from(
    { length: 40 },
    (_, row) => `<tr class=article><td><a href="/article/${served}-${row}">Article ${served}-${row}</a>
<td class=price>${row},50 &euro;<td><p>Lorem <b>ipsum</b> dolor ${served}</p></tr>`,
  );
  return `<!doctype html><meta charset=utf-8><title>Page ${page}</title><nav><a href=/list?page=1>List</a></nav>
<form id=search action=/search method=post><input type=hidden name=token value=${served}><input name=q><button>Go</button></form>
<table>${rows.join('')}</table><a rel=next href="/list?page=${page + 1}">Next</a>`;
}
const loginForm = `<!doctype html><title>Login</title><form method=post action=/login>
<input name=user autocomplete=username><input type=password name=password><button>Sign in</button></form>`;

const server = http.createServer((request, response) => {
  served++;
  request.resume().on('end', () => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://shop.test');
    const isLoggedIn = request.headers.cookie !== undefined;
    if (request.method === 'POST' && pathname === '/login') {
      response.writeHead(302, { location: '/list?page=1', 'set-cookie': `sid=${served}; Path=/` }).end();
    } else if (pathname === '/login' || !isLoggedIn) {
      response.writeHead(200, { 'content-type': 'text/html' }).end(loginForm);
    } else {
      // Each is another version: nothing is answered by 304.
      const head = { 'content-type': 'text/html', etag: `"${served}"` };
      response.writeHead(200, head).end(articles(Number(searchParams.get('page') ?? 1)));
    }
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const schema = {
  baseSelector: '.article',
  fields: [
    { name: 'title', selector: 'a', type: 'text' },
    { name: 'url', selector: 'a', type: 'attribute', attribute: 'href' },
    { name: 'price', selector: '.price', type: 'regex', pattern: '([\\d,]+)' },
  ],
} as const;

let read = 0;
let rows = 0;

/** Ten pages, by all that a caller has. */
async function visit(session: Session): Promise<void> {
  const home = await logIn(session, '/login', { username: 'ada', password: 'secret' });
  const list = await home.follow({ text: 'List' });
  const found = await list.form('#search').fill({ q: 'tea' }).submit();
  rows += found.extract(schema).length;
  const article = await found.follow('tr:nth-child(7) a');
  const again = await article.reload();
  let length = again.text().length + again.markdown().length + again.snapshot().text.length;
  for await (const page of paginate(list, { maxPages: 3 })) length += page.links().length;
  length += (await pollPage(session, '/list', { until: '.article' })).html().length;
  length += (await openPage(session, '/list?page=9')).title.length;
  await session.clearCookies();
  // The login page, what it leads to, four by links, the form and reload, two of the list, and the last two.
  read += 10;
  if (length === 0) trouble.push('nothing was read');
}

async function settledHeap(): Promise<number> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    Object(globalThis).gc();
  }
  return process.memoryUsage().heapUsed;
}

const transport = await createTransport();
const all = await Promise.all(
  Array.from({ length: Number(sessions) }, () => createSession({ baseUrl, transport, browser: 'chrome' })),
);
let begun = 0;
async function work(session: Session, until: number): Promise<void> {
  while (begun < until) {
    begun += 10;
    await visit(session).catch((error) => trouble.push(String(error)));
  }
}
const workers = (until: number): Promise<unknown> => Promise.all(all.map((session) => work(session, until)));

await workers(Number(pages) / 5);
const before = await settledHeap();
await workers(Number(pages));
const growth = (await settledHeap()) - before;
for (const session of all) await session.close();
await transport.close();
server.close().closeAllConnections();
const left = process.getActiveResourcesInfo().filter((name) => /^(Timeout|TCPSocketWrap)$/.test(name));
process.stdout.write(
  JSON.stringify({ read, served, rows, growth, memory: process.memoryUsage().rss, left, trouble }),
);
