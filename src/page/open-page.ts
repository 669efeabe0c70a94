import { types } from 'node:util';
import { ownCopy } from '../core/checks.ts';
import { invalidOption, RequestError } from '../core/errors.ts';
import type { RequestInit, Session, SessionResponse } from '../index.ts';
import { encodingOf } from './encoding/encodings.ts';
import { readHtml } from './navigate/load.ts';
import { makePage, type Page, pageFrom, settle } from './page.ts';
import { type PageOptions, resolveVisit } from './visit.ts';

/** Options of `session.fetch`, and for reading pages. */
export interface OpenPageInit extends RequestInit, PageOptions {}

/**
 * Opens a URL as if it was typed into the address bar, and reads the response as a page.
 *
 * @throws RequestError by code, as `session.fetch`; ERR_PAGE_TOO_LARGE
 * @example
 * const page = await openPage(session, 'https://example.com/');
 * console.log(page.title, page.links().length);
 */
export async function openPage(session: Session, url: string | URL, init: OpenPageInit = {}): Promise<Page> {
  checkSession(session);
  const { refresh, maxHtmlBytes, noscript, ...rest } = ownCopy('init', init);
  const visit = resolveVisit(session, { refresh, maxHtmlBytes, noscript });
  const request: RequestInit = { destination: 'document', ...rest };
  const response = await session.fetch(url, request);
  const first = response.hops[0]?.url ?? response.url;
  const requested = new URL(url, first);
  const page = await pageFrom(visit, response, requested, { url: requested, init: request });
  const { signal, timeout, retry, transport } = request;
  return settle(page, visit, { signal, timeout, retry, transport });
}

/**
 * Reads a response as a page. Its body must not have been read.
 *
 * @throws RequestError ERR_PAGE_TOO_LARGE, and what reading a body throws
 */
export async function pageOf(
  session: Session,
  response: SessionResponse,
  options: PageOptions = {},
): Promise<Page> {
  checkSession(session);
  const visit = resolveVisit(session, ownCopy('options', options));
  const url = new URL(response.url);
  return pageFrom(visit, response, url, { url, init: { destination: 'document' } });
}

/** The origin of the HTML for {@link parsePage}. */
export interface ParsePageOptions extends Omit<PageOptions, 'refresh'> {
  /** URL of the page. */
  readonly url: string | URL;
  /** The encoding of bytes, as a Content-Type header would declare it. @default detected */
  readonly charset?: string | undefined;
  /** The headers that the page came with: policies, Refresh, Link. @default none */
  readonly headers?: Headers | undefined;
}

/**
 * Reads HTML as a page without a session: its forms can be filled, but nothing can be followed or submitted.
 *
 * @throws RequestError ERR_INVALID_OPTION, ERR_PAGE_TOO_LARGE
 */
export function parsePage(html: string | Uint8Array, options: ParsePageOptions): Page {
  const { url, charset, headers, maxHtmlBytes, noscript } = ownCopy('options', options);
  if (typeof html !== 'string' && !types.isUint8Array(html))
    throw invalidOption('html', 'a string or bytes', html);
  if (charset !== undefined && (typeof charset !== 'string' || encodingOf(charset) === null)) {
    throw invalidOption('charset', 'the label of an encoding', charset);
  }
  const parsed = URL.parse(String(url));
  if (parsed === null) throw new RequestError('ERR_INVALID_URL', 'url must be the absolute URL of the page');
  const visit = resolveVisit(null, { maxHtmlBytes, noscript, refresh: false });
  const loaded = readHtml(html, parsed, visit.engine, { ...visit, charset }, headers);
  return makePage({ visit, url: parsed, response: null, html: loaded, request: null });
}

/** @throws RequestError ERR_INVALID_OPTION for anything but a session */
export function checkSession(session: unknown): void {
  const { fetch, cookieJar }: Partial<Session> = Object(session);
  if (typeof fetch !== 'function' || cookieJar === undefined) {
    throw invalidOption('session', 'a session of createSession()', session);
  }
}
