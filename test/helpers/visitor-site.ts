import type { IncomingMessage, ServerResponse } from 'node:http';
import { startServer, type TestServer } from './servers.ts';

/** How a {@link startVisitorSite} treats its visitors. */
export interface VisitorSiteOptions {
  /** True: the login gives the session a new id, as a framework does against session fixation. */
  readonly regenerates: boolean;
  /** What a visitor who is not logged in is answered. */
  readonly refuses?: 'status' | 'redirect';
  /** True: what refuses a visitor has Clear-Site-Data for the cookies. */
  readonly clears?: boolean;
}

export interface VisitorSite {
  readonly server: TestServer;
  /** Logins that had the right password. */
  readonly logins: number;
  /** Posts of the login form, good or bad. */
  readonly posts: number;
  /** Ends every login. */
  logOut(): void;
  /** When set, a login waits for it before it is answered. */
  gate: Promise<void>;
  /** When set, `/slow` waits for it before it is answered. */
  slow: Promise<void>;
  password: string;
}

interface Visitor {
  user: string | null;
}

/**
 * A site that gives every visitor a session cookie, logged in or not, as PHP, Laravel, Rails and express-session do.
 * `/members` and everything else is for those who are logged in.
 */
export async function startVisitorSite(options: VisitorSiteOptions): Promise<VisitorSite> {
  let [issued, logins, posts] = [0, 0, 0];
  const sessions = new Map<string, Visitor>();
  const open = (response: ServerResponse): Visitor => {
    const session: Visitor = { user: null };
    sessions.set(`s${++issued}`, session);
    response.setHeader('set-cookie', `sid=s${issued}; Path=/; HttpOnly`);
    return session;
  };
  const known = (request: IncomingMessage) =>
    sessions.get(/(?:^|; )sid=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '');
  const refuse = (response: ServerResponse): void => {
    if (options.clears === true) response.setHeader('clear-site-data', '"cookies"');
    if (options.refuses === 'redirect') response.writeHead(302, { location: '/login' }).end();
    else response.writeHead(401).end('who are you?');
  };
  const logIn = async (session: Visitor, response: ServerResponse, body: string): Promise<void> => {
    posts++;
    await site.gate;
    if (!body.includes(`password=${site.password}`)) return void response.end('<form method=post>');
    logins++;
    if (options.regenerates) open(response).user = 'ada';
    else session.user = 'ada';
    response.writeHead(302, { location: '/' }).end();
  };
  const server = await startServer(async (request, response, body) => {
    const session = known(request) ?? open(response);
    if (request.url === '/login' && request.method === 'POST')
      return logIn(session, response, body.toString());
    if (request.url === '/login') return void response.end('<form method=post>');
    // What a visitor is, is known when the request comes; `/slow` says it late.
    const isIn = session.user !== null;
    if (request.url === '/slow') await site.slow;
    if (isIn) response.end('welcome');
    else refuse(response);
  });
  const site: VisitorSite = {
    server,
    gate: Promise.resolve(),
    slow: Promise.resolve(),
    password: 'right',
    get logins() {
      return logins;
    },
    get posts() {
      return posts;
    },
    logOut: () => {
      for (const session of sessions.values()) session.user = null;
    },
  };
  return site;
}
