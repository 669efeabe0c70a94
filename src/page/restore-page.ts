import { types } from 'node:util';
import type { RequestInit, Session } from '../index.ts';
import { PageDocument } from './document/page-document.ts';
import { LoadedHtml } from './navigate/load.ts';
import { reloadRequest } from './navigate/reload.ts';
import { plainHeaders } from './navigate/visit-init.ts';
import { makePage, type Page, partsOf } from './page.ts';
import { parseHtml } from './tree/parse-html.ts';
import { resolveVisit } from './visit.ts';

/** A page as plain JSON, with which another process can continue. It is as secret as the page. */
export interface PageRecord {
  readonly url: string;
  readonly status: number | null;
  readonly type: string | null;
  /** The headers of the response that the page depends on; no Set-Cookie. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** `null` for a response that is not HTML. */
  readonly source: string | null;
  readonly encoding: string | null;
  /** The body for a reload; `null` where the body of the request is not available. */
  readonly reload: ReloadRecord | null;
}

/** The request of a reload. */
interface ReloadRecord {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** In base64. */
  readonly body: string | null;
  readonly context: Pick<RequestInit, 'destination' | 'mode' | 'referrerPolicy' | 'userActivation'> & {
    readonly referrer?: string;
  };
}

/** Records a page. */
export function recordPage(page: Page): PageRecord {
  const { html, response } = partsOf(page);
  const headers = [...(response?.headers ?? [])].filter(([name]) => name !== 'set-cookie');
  return {
    url: page.url,
    status: page.status,
    type: response?.headers.get('content-type') ?? null,
    headers,
    source: html?.source ?? null,
    encoding: html?.encoding ?? null,
    reload: recordReload(page),
  };
}

/**
 * The page of a record, in a session: it can be read, followed, and its forms can be submitted. It has no response,
 * so a reload needs {@link reloadInit}.
 */
export function restorePage(session: Session, { url, source, encoding, headers }: PageRecord): Page {
  const visit = resolveVisit(session, {});
  const parsed = new URL(url);
  const known = new Headers(headers.map(([name, value]): [string, string] => [name, value]));
  const html =
    source === null || encoding === null
      ? null
      : new LoadedHtml(source, encoding, () => {
          const root = parseHtml(source, true);
          return new PageDocument({ root, url: parsed, encoding, engine: visit.engine, headers: known });
        });
  return makePage({ visit, url: parsed, response: null, html, request: null });
}

/** The options of `openPage` for a reload of the page. */
export function reloadInit({ method, headers, body, context }: ReloadRecord): RequestInit {
  return {
    ...{ method, headers, ...context, cache: 'no-cache' },
    ...(body === null ? {} : { body: new Uint8Array(Buffer.from(body, 'base64')) }),
  };
}

function recordReload(page: Page): ReloadRecord | null {
  const { request, response, url: shown } = partsOf(page);
  if (request === null || response === null) return null;
  const { url, init } = reloadRequest(request, response, shown);
  const { body = null, method = 'GET', destination, mode, referrer, referrerPolicy, userActivation } = init;
  const isHere = body === null || typeof body === 'string' || types.isUint8Array(body);
  if (!isHere || init.form !== undefined || init.json !== undefined) return null;
  const given = { destination, mode, referrer: referrer?.toString(), referrerPolicy, userActivation };
  const context = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const headers = Object.entries(plainHeaders(init.headers)).filter(([, value]) => value != null);
  return {
    ...{ url: url.href, method, context },
    headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
    body: body === null ? null : Buffer.from(body).toString('base64'),
  };
}
