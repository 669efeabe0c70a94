import { randomBytes } from 'node:crypto';
import { startServer, type TestServer } from './servers.ts';

/** What the programs of docs/recipes.md need of a site: a login with a token, and something behind it. */
export async function startRecipeSite(): Promise<TestServer & { readonly logins: () => number }> {
  const tokens = new Map<string, string>();
  const members = new Set<string>();
  let [logins, busy] = [0, 0];
  const server = await startServer((request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', server.url);
    const id = /(?:^|; )sid=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const html = (text: string): void => void response.setHeader('content-type', 'text/html').end(text);
    const start = (): string => {
      const fresh = randomBytes(8).toString('hex');
      response.setHeader('set-cookie', `sid=${fresh}; Path=/; HttpOnly`);
      return fresh;
    };
    const send = (): void => {
      const fields = new URLSearchParams(body.toString());
      const isRight = fields.get('token') === tokens.get(id) && fields.get('pass') === 'correct horse';
      if (!isRight) return void response.writeHead(403).end();
      logins++;
      members.add(start());
      response.writeHead(303, { location: '/members' }).end();
    };
    const form = (): void => {
      const visitor = start();
      tokens.set(visitor, `t${visitor}`);
      const hidden = `<input type=hidden name=token value="t${visitor}">`;
      html(
        `<form method=post>${hidden}<input name=user><input type=password name=pass><button>Go</button></form>`,
      );
    };
    const forMembers = (tell: () => void): void => {
      if (members.has(id)) tell();
      else response.writeHead(302, { location: '/login' }).end();
    };
    const routes: Record<string, () => void> = {
      '/': () => html('<title>The shop</title>'),
      '/address': () => response.end('an address'),
      '/login': () => (request.method === 'POST' ? send() : form()),
      '/members': () => {
        const cookies = request.headers.cookie ?? '';
        if (cookies.includes('theme=dark')) response.end(cookies);
        else forMembers(() => html('<h1>Hello</h1>'));
      },
      '/report.pdf': () => forMembers(() => response.end('%PDF-1.7')),
      '/busy': () => response.writeHead(busy++ === 0 ? 429 : 200, { 'retry-after': '0' }).end(),
      '/api/items': () => {
        const number = Number(searchParams.get('page') ?? 1);
        if (number < 3)
          response.setHeader(
            'link',
            `</api/items?page=1>; rel="first", </api/items?page=${number + 1}>; rel="next"`,
          );
        response.end(JSON.stringify([{ id: number }, { id: -number }]));
      },
      '/upload': () =>
        response.end(
          `${request.headers['content-length']} ${/filename="([^"]+)"/.exec(body.toString())?.[1]}`,
        ),
      '/welcome': () => {
        response.setHeader('set-cookie', ['ok=1', 'part=1; Path=/admin', 'all=1; SameSite=None']).end();
      },
      '/events': () =>
        forMembers(() =>
          response
            .setHeader('content-type', 'text/event-stream')
            .write('data: hello\n\nevent: bye\ndata: soon\n\n'),
        ),
    };
    (routes[pathname] ?? (() => response.writeHead(404).end()))();
  });
  return Object.assign(server, { logins: () => logins });
}
