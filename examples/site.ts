/**
 * A small site to try a session on: a login form with a token against forgery, a redirect chain that sets a
 * cookie on each hop, a session cookie that changes with each visit, a JSON API and a logout. What is not about the
 * login is in site-pages.ts.
 * It runs inside the process that uses it, on 127.0.0.1, and forgets everything when closed.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPages } from './site-pages.ts';

export interface SiteUser {
  readonly name: string;
  readonly password: string;
  /** Stands on the user's own page only. */
  readonly secret: string;
}

export const users: readonly SiteUser[] = [
  { name: 'alice', password: 'white-rabbit', secret: 'the tea is at six' },
  { name: 'bob', password: 'hard-hat', secret: 'the crane is rented' },
  { name: 'carol', password: 'silent-night', secret: 'the choir sings flat' },
  { name: 'dave', password: 'pod-bay-doors', secret: 'the antenna is fine' },
  { name: 'erin', password: 'green-island', secret: 'the ferry leaves late' },
];

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

export interface SiteOptions {
  /** Break the site as a bad cache would: everybody gets the device cookie of the first who logged in. */
  readonly leak?: boolean;
  /** Told of each request once it is answered. */
  readonly onVisit?: (visit: SeenVisit) => void;
}

/** A request as the site has seen it, and its answer. Cookies are told by their names. */
export interface SeenVisit {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly cookies: readonly string[];
  readonly status: number;
  readonly setCookies: readonly string[];
}

/** One request, read to its end. */
export interface Visit {
  readonly cookies: ReadonlyMap<string, string>;
  readonly contentType: string;
  readonly body: string;
  readonly raw: IncomingMessage;
}

export interface Reply {
  readonly status: number;
  readonly html?: string;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly location?: string;
  readonly setCookies?: readonly string[];
}

export type Route = (visit: Visit) => Reply;

/** Starts the site on a free port of 127.0.0.1. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const routes = createRoutes(options.leak ?? false);
  const server = createServer((request, response) => {
    response.once('finish', () => options.onVisit?.(visitOf(request, response)));
    answer(routes, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Idle connections of a client's pool, and whoever still waits for /slow.
        server.closeAllConnections();
      }),
  };
}

function createRoutes(leak: boolean): Readonly<Record<string, Route>> {
  return { 'GET /': () => ({ status: 200, html: '<h1>Welcome</h1>' }), '/echo': echo, ...createDoor(leak) };
}

/** Everything that knows who is logged in. */
function createDoor(leak: boolean): Readonly<Record<string, Route>> {
  const forms = new Map<string, string>(); // visitor cookie -> the token in that visitor's form
  const tickets = new Map<string, SiteUser>();
  const sessions = new Map<string, SiteUser>();
  const notes: { author: string; text: string }[] = [];
  let firstDevice: string | undefined;

  /** Values start with their owner's name, so that a cookie in the wrong hands is seen at a glance. */
  const issue = (owners: Map<string, SiteUser>, user: SiteUser): string => {
    const token = `${user.name}.${randomBytes(12).toString('hex')}`;
    owners.set(token, user);
    return token;
  };
  const whoIs = (visit: Visit): SiteUser | undefined => sessions.get(visit.cookies.get('session') ?? '');
  const forMembers =
    (route: (visit: Visit, user: SiteUser) => Reply): Route =>
    (visit) => {
      const user = whoIs(visit);
      return user ? route(visit, user) : { status: 401, json: { error: 'not logged in' } };
    };

  return {
    ...createPages({ find: findUser, start: (user) => setSession(issue(sessions, user)) }),
    'GET /login': () => {
      const visitor = randomBytes(12).toString('hex');
      const token = randomBytes(12).toString('hex');
      forms.set(visitor, token);
      return { status: 200, html: loginPage(token), setCookies: [`visitor=${visitor}; Path=/; HttpOnly`] };
    },
    // The chain: each hop wants the cookie that the hop before it has set.
    'POST /login': (visit) => {
      const fields = new URLSearchParams(visit.body);
      const token = forms.get(visit.cookies.get('visitor') ?? '');
      if (token === undefined || fields.get('csrf') !== token) return refuse('The form has expired.');
      const user = findUser(fields.get('user'), fields.get('password'));
      if (!user) return refuse('Wrong name or password.');
      const ticket = `ticket=${issue(tickets, user)}; Path=/login; HttpOnly; SameSite=Lax`;
      return { status: 303, location: '/login/device', setCookies: [ticket] };
    },
    'GET /login/device': (visit) => {
      const user = tickets.get(visit.cookies.get('ticket') ?? '');
      if (!user) return refuse('No ticket.');
      const device = `device=${user.name}.${randomBytes(4).toString('hex')}; Path=/; Max-Age=31536000`;
      firstDevice ??= device;
      return { status: 302, location: 'finish', setCookies: [leak ? firstDevice : device] };
    },
    'GET /login/finish': (visit) => {
      const ticket = visit.cookies.get('ticket') ?? '';
      const user = tickets.get(ticket);
      if (!user || !visit.cookies.has('device')) return refuse('No ticket or no device.');
      tickets.delete(ticket);
      forms.delete(visit.cookies.get('visitor') ?? '');
      const setCookies = [
        setSession(issue(sessions, user)),
        expire('ticket', '/login'),
        expire('visitor', '/'),
      ];
      return { status: 302, location: '/members', setCookies };
    },
    'GET /members': (visit) => {
      const user = whoIs(visit);
      if (!user) return { status: 303, location: '/login' };
      // The session cookie is good for one page: the old value is refused from here on.
      sessions.delete(visit.cookies.get('session') ?? '');
      const html = `<h1>Hello, ${user.name}</h1><p id="secret">${user.secret}</p>`;
      return { status: 200, html, setCookies: [setSession(issue(sessions, user))] };
    },
    'POST /logout': (visit) => {
      sessions.delete(visit.cookies.get('session') ?? '');
      return { status: 303, location: '/', setCookies: [expire('session', '/'), expire('device', '/')] };
    },
    'POST /api/login': (visit) => {
      const { user: name, password } = readJson(visit) ?? {};
      const user = findUser(name, password);
      if (!user) return { status: 401, json: { error: 'wrong name or password' } };
      return { status: 200, json: { user: user.name }, setCookies: [setSession(issue(sessions, user))] };
    },
    'GET /api/me': forMembers((_visit, user) => ({
      status: 200,
      json: { user: user.name, secret: user.secret },
    })),
    'GET /api/notes': forMembers((_visit, user) => ({
      status: 200,
      json: notes.filter((note) => note.author === user.name),
    })),
    'POST /api/notes': forMembers((visit, user) => {
      const text = readJson(visit)?.text;
      if (typeof text !== 'string')
        return { status: 400, json: { error: 'expected { "text": string } as JSON' } };
      const note = { author: user.name, text };
      notes.push(note);
      return { status: 201, json: note };
    }),
  };
}

/** What the site has received: header names and order as they came, and the connection they came on. */
function echo(visit: Visit): Reply {
  const { method, url, rawHeaders, socket } = visit.raw;
  const headers = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1]]] : [],
  );
  return { status: 200, json: { method, url, headers, body: visit.body, connection: socket.remotePort } };
}

async function answer(
  routes: Readonly<Record<string, Route>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://site');
  // Never answers: whoever asks waits until they leave.
  if (pathname === '/slow') return;
  const route = routes[`${request.method} ${pathname}`] ?? routes[pathname];
  const reply = route ? route(await readVisit(request)) : { status: 404, html: '<h1>Not found</h1>' };
  response.statusCode = reply.status;
  if (reply.location !== undefined) response.setHeader('Location', reply.location);
  if (reply.setCookies) response.setHeader('Set-Cookie', reply.setCookies);
  const isJson = reply.json !== undefined;
  response.setHeader('Content-Type', isJson ? 'application/json' : 'text/html; charset=utf-8');
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  response.end(isJson ? JSON.stringify(reply.json) : (reply.text ?? reply.html ?? ''));
}

function visitOf({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse): SeenVisit {
  const nameOf = (line: string): string => line.slice(0, line.indexOf('='));
  const cookies = headers.cookie?.split('; ').map(nameOf) ?? [];
  const setCookies = [response.getHeader('set-cookie') ?? []].flat().map(String).map(nameOf);
  return { method, path: url, headers, cookies, status: response.statusCode, setCookies };
}

async function readVisit(raw: IncomingMessage): Promise<Visit> {
  const chunks: Buffer[] = [];
  for await (const chunk of raw) chunks.push(chunk as Buffer);
  const cookies = new Map<string, string>();
  for (const pair of raw.headers.cookie?.split('; ') ?? []) {
    const equals = pair.indexOf('=');
    cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  const contentType = raw.headers['content-type'] ?? '';
  return { cookies, contentType, body: Buffer.concat(chunks).toString('utf8'), raw };
}

function readJson(visit: Visit): Record<string, unknown> | undefined {
  if (!visit.contentType.startsWith('application/json')) return undefined;
  try {
    const value: unknown = JSON.parse(visit.body);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function findUser(name: unknown, password: unknown): SiteUser | undefined {
  return users.find((user) => user.name === name && user.password === password);
}

function setSession(token: string): string {
  return `session=${token}; Path=/; HttpOnly; SameSite=Lax`;
}

function expire(name: string, path: string): string {
  return `${name}=; Path=${path}; Expires=Thu, 01 Jan 1970 00:00:00 GMT`;
}

function refuse(reason: string): Reply {
  return { status: 403, html: `<h1>Forbidden</h1><p>${reason}</p>` };
}

function loginPage(token: string): string {
  return [
    '<h1>Log in</h1>',
    '<form method="post" action="/login">',
    `<input type="hidden" name="csrf" value="${token}">`,
    '<input name="user"><input name="password" type="password"><button>Log in</button>',
    '</form>',
  ].join('\n');
}
