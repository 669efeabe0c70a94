/** What the demo site has beside its login: a catalog and an API in pages, orders, files, a busy page, single sign-on. */
import { createHash, randomBytes } from 'node:crypto';
import type { Reply, Route, SiteUser, Visit } from './site.ts';

const items = Array.from({ length: 30 }, (_, index) => ({ id: index + 1, name: `Tea ${index + 1}` }));
const itemsOfPage = 10;
const report = `month,cups\n${'2026-11,42\n'.repeat(5000)}`;
const reportTag = `"${createHash('sha256').update(report).digest('hex').slice(0, 16)}"`;

const queryOf = (visit: Visit): URLSearchParams => new URL(visit.raw.url ?? '/', 'http://site').searchParams;

function pageOf(visit: Visit): { readonly rows: typeof items; readonly next: number | null } {
  const number = Number(queryOf(visit).get('page') ?? 1);
  const rows = items.slice((number - 1) * itemsOfPage, number * itemsOfPage);
  return { rows, next: number * itemsOfPage < items.length ? number + 1 : null };
}

/** What the pages need of the login. */
interface Door {
  readonly find: (name: string | null, password: string | null) => SiteUser | undefined;
  /** The Set-Cookie line of a new login. */
  readonly start: (user: SiteUser) => string;
}

export function createPages(door: Door): Readonly<Record<string, Route>> {
  let busy = 0;
  const orders: string[] = [];

  return {
    'GET /catalog': (visit) => {
      const { rows, next } = pageOf(visit);
      const list = rows.map(
        ({ id, name }) =>
          `<li class="item"><h2><a href="/catalog/${id}">${name}</a></h2><b class="price">${id}.50 EUR</b></li>`,
      );
      const more = next === null ? '' : `<a rel="next" href="?page=${next}">Next</a>`;
      return html(`<title>Catalog</title><ul>${list.join('')}</ul>${more}<a href="/order">Order</a>`);
    },
    'GET /order': () =>
      html(
        [
          '<title>Order</title><form method="post" action="/order">',
          '<label>Item <input name="item" required></label><label>Cups <input name="cups" type="number" value="1"></label>',
          '<label><input name="gift" type="checkbox"> As a gift</label><button>Send the order</button></form>',
        ].join(''),
      ),
    'POST /order': (visit) => {
      const number = orders.push(visit.body);
      return { status: 303, location: `/order/done?number=${number}` };
    },
    'GET /order/done': (visit) => {
      const number = Number(queryOf(visit).get('number'));
      return html(`<title>Thank you</title><h1>Order ${number}</h1><p id="sent">${orders[number - 1]}</p>`);
    },
    'GET /api/items': (visit) => {
      const { rows, next } = pageOf(visit);
      return next === null
        ? { status: 200, json: rows }
        : { status: 200, json: rows, headers: { link: `</api/items?page=${next}>; rel="next"` } };
    },
    'GET /busy': () =>
      busy++ === 0
        ? { status: 429, json: {}, headers: { 'retry-after': '0' } }
        : { status: 200, json: { busy } },
    'GET /report.csv': reportOf,
    'POST /upload': (visit) => ({
      status: 200,
      json: {
        file: /filename="([^"]+)"/.exec(visit.body)?.[1] ?? null,
        length: Number(visit.raw.headers['content-length'] ?? -1),
        received: Buffer.byteLength(visit.body),
      },
    }),
    ...createSignOn(door),
  };
}

/** A file that can be continued. */
function reportOf(visit: Visit): Reply {
  const headers = { 'content-type': 'text/csv', etag: reportTag, 'accept-ranges': 'bytes' };
  const start = Number(/^bytes=(\d+)-$/.exec(visit.raw.headers.range ?? '')?.[1] ?? -1);
  if (start < 0 || visit.raw.headers['if-range'] !== reportTag)
    return { status: 200, text: report, headers: { ...headers, 'content-length': `${report.length}` } };
  const range = `bytes ${start}-${report.length - 1}/${report.length}`;
  const length = `${report.length - start}`;
  const text = report.slice(start);
  return { status: 206, text, headers: { ...headers, 'content-range': range, 'content-length': length } };
}

/** Single sign-on: the identity provider is the same server under the name localhost, which is another site. */
function createSignOn({ find, start }: Door): Readonly<Record<string, Route>> {
  const logins = new Map<string, SiteUser>();
  const assertions = new Map<string, SiteUser>();
  const port = (visit: Visit): string => visit.raw.headers.host?.split(':')[1] ?? '';
  return {
    'GET /sso': (visit) => ({ status: 302, location: `http://localhost:${port(visit)}/idp/login` }),
    'GET /idp/login': () =>
      html(
        '<title>Identity</title><form method="post"><input name="email"><input name="pass" type="password"><button>Sign in</button></form>',
      ),
    'POST /idp/login': (visit) => {
      const fields = new URLSearchParams(visit.body);
      const user = find(fields.get('email'), fields.get('pass'));
      if (!user) return { ...html('<p role="alert">Unknown user or password.</p>'), status: 401 };
      const token = randomBytes(12).toString('hex');
      logins.set(token, user);
      return { status: 303, location: '/idp/continue', setCookies: [`idp=${token}; Path=/idp; HttpOnly`] };
    },
    'GET /idp/continue': (visit) => {
      const user = logins.get(visit.cookies.get('idp') ?? '');
      if (!user) return { status: 302, location: '/idp/login' };
      const assertion = randomBytes(12).toString('hex');
      assertions.set(assertion, user);
      const action = `http://127.0.0.1:${port(visit)}/sso/done`;
      return html(
        `<body onload="document.forms[0].submit()"><form method="post" action="${action}"><input type="hidden" name="assertion" value="${assertion}"></form>`,
      );
    },
    'POST /sso/done': (visit) => {
      const assertion = new URLSearchParams(visit.body).get('assertion') ?? '';
      const user = assertions.get(assertion);
      assertions.delete(assertion);
      if (!user) return { ...html('<h1>Forbidden</h1>'), status: 403 };
      return { status: 303, location: '/members', setCookies: [start(user)] };
    },
  };
}

function html(text: string): Reply {
  return { status: 200, html: text };
}
