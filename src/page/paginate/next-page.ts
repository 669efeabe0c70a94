import { createHash } from 'node:crypto';
import { invalidOption } from '../../core/errors.ts';
import type { HeaderLink, PageLink } from '../document/links.ts';
import type { Query } from '../document/query.ts';
import { PageForm } from '../form.ts';
import type { VisitInit } from '../navigate/navigation.ts';
import { noSession } from '../navigate/visit-init.ts';
import { type Form, Page, pageFrom, partsOf } from '../page.ts';
import { type PageRequest, requestKey } from './request-key.ts';

/** The next page: a URL, relative to the page; a link, form or page of it; a request; nothing at the end. */
export type NextPage = string | URL | PageLink | Form | Page | PageRequest | null | undefined;

/** Finds the next page. @param count the number of pages so far */
export type FindNext = (page: Page, count: number) => NextPage | Promise<NextPage>;

/** One step of a pagination, before it is taken. */
interface Step {
  /** Identifies the request. */
  readonly key: string;
  /** Its URL, where it is known. */
  readonly url: URL;
  take(init: VisitInit): Promise<Page>;
}

/**
 * The next step of a pagination, `null` at the end.
 *
 * @param next the option; absent, the page decides: Link header, `link`, then `a` with rel=next
 */
export async function stepAfter(
  page: Page,
  next: Query | FindNext | undefined,
  count: number,
): Promise<Step | null> {
  const found = typeof next === 'function' ? await next(page, count) : foundOn(page, next);
  if (found === null || found === undefined) return null;
  if (typeof found === 'string' || found instanceof URL) return byUrl(page, new URL(found, page.baseUrl));
  if (found instanceof Page) return byPage(found);
  if (found instanceof PageForm) return byForm(found);
  if (typeof found !== 'object')
    throw invalidOption('next()', 'a URL, link, form, page, request or null', found);
  return 'element' in found ? byLink(page, found) : byRequest(page, found);
}

function foundOn(page: Page, query: Query | undefined): NextPage {
  if (query !== undefined) return linkFor(page, query);
  const header = nextInHeader(page.linkHeader);
  if (header !== null) return header;
  if (!page.isHtml) return null;
  for (const link of page.queryAll('link[rel~=next][href]')) {
    const url = URL.parse(link.attribute('href') ?? '', page.baseUrl);
    if (url !== null) return url;
  }
  const [first] = page.links({ rel: 'next' });
  return first;
}

/** The next link of a Link header; a link with an anchor is about another resource. RFC 8288, section 3.2. */
export function nextInHeader(links: readonly HeaderLink[]): URL | null {
  const next = links.find(({ rel, parameters }) => rel.includes('next') && !('anchor' in parameters));
  return next?.url ?? null;
}

/** Lists often have their links above and below: several links to one URL count as one. */
function linkFor(page: Page, query: Query): PageLink | null {
  const found = page.links(query);
  const urls = new Set(found.map(({ url, href }) => url?.href ?? href));
  return urls.size > 1 ? page.link(query) : (found[0] ?? null);
}

function byUrl(page: Page, url: URL): Step {
  return { url, key: requestKey(url, {}), take: (init) => page.follow(url, init) };
}

function byLink(page: Page, link: PageLink): Step {
  const url = link.url ?? new URL(page.url);
  // Other targets, and fragments of this page, are handled by follow.
  return { url, key: requestKey(url, {}), take: (init) => page.follow(link, init) };
}

function byForm(form: Form): Step {
  const { method, url, body } = form.request();
  return {
    url,
    key: requestKey(url, { method, body: body as Blob | null }),
    take: (init) => form.submit(undefined, init),
  };
}

/** A page that the function has opened itself is identified by its request. */
function byPage(page: Page): Step {
  const content = page.isHtml ? createHash('sha256').update(page.html()).digest('base64') : '';
  return { url: new URL(page.url), key: `page ${page.url} ${content}`, take: async () => page };
}

function byRequest(page: Page, request: PageRequest): Step {
  const { url: given, ...own } = request;
  const url = new URL(given ?? page.url, page.baseUrl);
  const take = async (init: VisitInit): Promise<Page> => {
    const { visit } = partsOf(page);
    if (visit.session === null) throw noSession('paginate');
    const whole = { referrer: page.url, ...init, ...own };
    const response = await visit.session.fetch(url, whole);
    return pageFrom(visit, response, url, { url, init: whole });
  };
  return { url, key: requestKey(url, own), take };
}
