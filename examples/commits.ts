/**
 * Reads three pages of a list of commits whose "next" button sends a form with a token, as Crawl4AI's session example
 * does with a browser: there a script clicks and waits until the first commit differs. Here the next page is the answer,
 * and where a site makes it later, `pollPage` waits for it.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession } from 'jarfetch';
import { openPage, type Page, paginate, pollPage } from 'jarfetch/page';

const tokens = new Map<string, number>();
let isLate = false;
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const token = new URLSearchParams(body).get('token') ?? '';
  const page = request.method === 'POST' ? tokens.get(token) : 1;
  // A token is for one use.
  tokens.delete(token);
  if (page === undefined) {
    response.writeHead(403).end('The form has expired.');
    return;
  }
  const next = randomUUID();
  tokens.set(next, page + 1);
  const newest = request.url === '/latest' && isLate ? '<li class=commit>commit 0</li>' : '';
  isLate = request.url === '/latest';
  const commits = [1, 2, 3].map((at) => `<li class=commit>commit ${(page - 1) * 3 + at}</li>`);
  const form = `<form method=post action=/commits><input type=hidden name=token value=${next}><button>Next</button></form>`;
  response
    .setHeader('content-type', 'text/html')
    .end(`<ul>${newest}${commits.join('')}</ul>${page < 5 ? form : ''}`);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const session = await createSession({ baseUrl: `http://127.0.0.1:${port}` });

const firstCommit = (page: Page): string => page.queryAll('.commit')[0]?.text ?? '';

const start = await openPage(session, '/commits');
const pages = paginate(start, { maxPages: 3, next: (page) => page.forms()[0] ?? null });
for await (const page of pages)
  console.log(
    page
      .queryAll('.commit')
      .map(({ text }) => text)
      .join(', '),
  );

// Until the new content differs from the old.
const old = firstCommit(await openPage(session, '/latest'));
const changed = await pollPage(session, '/latest', {
  until: (page) => firstCommit(page) !== old,
  interval: 10,
});
console.log(`${old} was the first, now it is ${firstCommit(changed)}`);

await session.close();
server.close();
