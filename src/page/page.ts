import { invalidOption, RequestError } from '../core/errors.ts';
import type { HeaderValue, ReferrerPolicyName, SessionResponse } from '../index.ts';
import { elementOf, type PageElement } from './document/element.ts';
import { formKind, linkKind } from './document/kinds.ts';
import { type HeaderLink, linkOf, type PageLink, parseLinkHeader } from './document/links.ts';
import type { PageDocument } from './document/page-document.ts';
import { ambiguous, findAll, findOne, type Query } from './document/query.ts';
import { extractRows } from './extract/extract.ts';
import type { ExtractedRow } from './extract/row.ts';
import type { ExtractedRows, ExtractOptions, ExtractSchema } from './extract/schema.ts';
import { makeForm, type PageForm } from './form.ts';
import { aimAt, type Target } from './navigate/aim.ts';
import { bareDocument, type LoadedHtml, loadHtml, notHtml, shownUrl } from './navigate/load.ts';
import {
  guarded,
  type Navigation,
  type NavigationRequest,
  navigationRequest,
  staysInPage,
  type VisitInit,
} from './navigate/navigation.ts';
import { pagePolicy } from './navigate/referrer-policy.ts';
import { isFollowed, type Refresh, refreshOf } from './navigate/refresh.ts';
import { reloadRequest } from './navigate/reload.ts';
import { checkVisit, lasting, noSession, plainHeaders } from './navigate/visit-init.ts';
import { selectAll } from './select/select.ts';
import { selfSubmitting } from './self-submitting.ts';
import type { ElementNode } from './tree/nodes.ts';
import { innerText } from './view/inner-text.ts';
import { markdownOf } from './view/markdown.ts';
import { type PageSnapshot, type SnapshotOptions, snapshotOf } from './view/snapshot.ts';
import type { Visit } from './visit.ts';

/** How a user or a script leaves the page. */
export interface FollowOptions extends VisitInit {
  /**
   * `script`: as a script of the page would do it, without user activation, which Sec-Fetch-User shows.
   * @default 'click'
   */
  readonly trigger?: 'click' | 'script' | undefined;
}

/** A form of a page; see {@link PageForm}. */
export type Form = PageForm<Page>;

/** The parts of a {@link Page}. */
export interface PageParts {
  readonly visit: Visit;
  readonly url: URL;
  readonly response: SessionResponse | null;
  /** `null` for a response that is not HTML. */
  readonly html: LoadedHtml | null;
  /** The request that led here, for a reload. */
  readonly request: NavigationRequest | null;
}

/** Creates a page. Not a member of the class, because the declaration of the class would then show internal types. */
export let makePage: (parts: PageParts) => Page;
/** The parts of a page. */
export let partsOf: (page: Page) => PageParts;

/**
 * A response as a page. A page is immutable: following a link or submitting a form returns another one. A response
 * that is not HTML has a URL, a status and a response; members that need a tree throw ERR_NOT_HTML.
 */
export class Page {
  readonly #parts: PageParts;
  #forms: Map<ElementNode, Form> | undefined;

  /** Use {@link openPage}, {@link pageOf} or {@link parsePage}. */
  private constructor(parts: PageParts) {
    this.#parts = parts;
  }

  static {
    makePage = (parts) => new Page(parts);
    partsOf = (page) => page.#parts;
  }

  /** The URL as a browser shows it, with its fragment. */
  get url(): string {
    return this.#parts.url.href;
  }

  /** The status of the response, `null` for a page that was parsed from text. */
  get status(): number | null {
    return this.#parts.response?.status ?? null;
  }

  /** The response, `null` for a page that was parsed from text. The body of a page that is HTML has been read. */
  get response(): SessionResponse | null {
    return this.#parts.response;
  }

  get isHtml(): boolean {
    return this.#parts.html !== null;
  }

  /** The text of `title`, on one line. */
  get title(): string {
    return this.#document.title;
  }

  /** The encoding of the page, by its name in the Encoding Standard. */
  get charset(): string {
    return this.#html.encoding;
  }

  /** The base of relative URLs. */
  get baseUrl(): string {
    return this.#document.baseUrl?.href ?? 'about:blank';
  }

  /** The HTML of the page, decoded. */
  html(): string {
    return this.#html.source;
  }

  /** The visible text, in lines: `innerText` of the page without style sheets. */
  text(): string {
    return innerText(this.#document.root, this.#parts.visit.noscript);
  }

  /** The page as Markdown, with absolute URLs and GitHub's tables. */
  markdown(): string {
    return markdownOf(this.#document, this.#parts.visit.noscript);
  }

  /**
   * The page as text for models and tests: its text in order, with links, forms and controls as `@e3 link "Orders" →
   * /orders`. `@e3` is the query `{ ref: '@e3' }`.
   *
   * @throws RequestError ERR_INVALID_OPTION
   */
  snapshot(options?: SnapshotOptions): PageSnapshot {
    return snapshotOf(this.#document, this.#parts.visit.noscript, options);
  }

  /** The first element that a CSS selector matches, `null` without one. */
  query(selector: string): PageElement | null {
    const [first] = selectAll(this.#document.root, selector, 1);
    return first === undefined ? null : elementOf(first);
  }

  /** All elements that a CSS selector matches, in the order of the page. */
  queryAll(selector: string): PageElement[] {
    return selectAll(this.#document.root, selector).map(elementOf);
  }

  /**
   * Extracts the rows that a schema describes: the JSON schema of Crawl4AI. With a constant schema the rows have its
   * types.
   *
   * @throws RequestError ERR_INVALID_OPTION and ERR_INVALID_SELECTOR with the place in the schema; ERR_FIELD_MISSING for
   *   a required field; ERR_PAGE_TOO_LARGE
   * @example
   * const rows = page.extract({
   *   baseSelector: 'article',
   *   fields: [{ name: 'title', selector: 'h2', type: 'text' }],
   * });
   */
  extract<const Schema extends ExtractSchema>(
    schema: Schema,
    options?: ExtractOptions,
  ): ExtractedRows<ExtractedRow<Schema>> {
    return extractRows(this.#document, schema, options);
  }

  /** The links of the page, or those that a query matches. */
  links(query?: Query): PageLink[] {
    const kind = linkKind(this.#document);
    const found = query === undefined ? kind.candidates : findAll(kind, query);
    return found.map((link) => linkOf(this.#document, link));
  }

  /**
   * The one link that a query matches.
   *
   * @throws RequestError ERR_NOT_FOUND with the nearest links, ERR_AMBIGUOUS with all matches
   */
  link(query: Query): PageLink {
    return linkOf(this.#document, findOne(linkKind(this.#document), query));
  }

  /** The forms of the page. */
  forms(): Form[] {
    return this.#document.index.forms.map((form) => this.#formOf(form));
  }

  /**
   * The form that a query matches, or the only form of the page.
   *
   * @throws RequestError ERR_NOT_FOUND, ERR_AMBIGUOUS
   */
  form(query?: Query): Form {
    const kind = formKind(this.#document);
    const [only, ...others] = kind.candidates;
    if (query !== undefined) return this.#formOf(findOne(kind, query));
    if (only === undefined) throw new RequestError('ERR_NOT_FOUND', 'The page has no form');
    if (others.length > 0) throw ambiguous(kind, kind.candidates, 'form()');
    return this.#formOf(only);
  }

  /** The self-submitting form of the page, as in single sign-on; `null` without one. */
  get selfSubmitting(): Form | null {
    return selfSubmitting(this.forms(), (selector) => this.queryAll(selector));
  }

  /** The automatic refresh of the page: a Refresh header or meta refresh; `null` without one. */
  get refresh(): Refresh | null {
    return refreshOf(this.#site);
  }

  /** The links of the Link header. RFC 8288. */
  get linkHeader(): readonly HeaderLink[] {
    const { response, html, url } = this.#parts;
    const headers = response?.headers ?? html?.document.headers;
    return parseLinkHeader(headers?.get('link') ?? null, url);
  }

  /**
   * Follows a link as a click does, or opens a URL as a script's `location.href` does.
   *
   * @param target a query, a link of `links()`, `refresh`, or a URL object
   * @throws RequestError ERR_NOT_FOUND, ERR_AMBIGUOUS; ERR_NOT_NAVIGABLE for anything but an http or https URL
   * @example
   * const orders = await page.follow({ text: 'Orders' });
   */
  async follow(target: Target, options: FollowOptions = {}): Promise<Page> {
    checkVisit(options, 'trigger');
    const { trigger = 'click', ...init } = options;
    if (trigger !== 'click' && trigger !== 'script')
      throw invalidOption('trigger', "'click' or 'script'", trigger);
    const aim = aimAt(
      target,
      () => this.#document,
      () => this.#policy,
    );
    const { url } = aim;
    const isActivated = aim.isLink && trigger === 'click';
    return this.#go(
      {
        ...{ method: 'GET', url, body: null, contentType: null, isActivated, isForm: false },
        ...{ policy: aim.policy, target: aim.target, isNoReferrer: false, allowsInsecure: true },
      },
      init,
    );
  }

  /**
   * Requests the page again, as the reload button does: its URL, with a form's body where the page is the answer to
   * one and no redirect dropped the body.
   */
  async reload(options: VisitInit = {}): Promise<Page> {
    checkVisit(options);
    const { request, response, visit, url } = this.#parts;
    if (request === null || response === null) throw noSession('reload');
    const again = reloadRequest(request, response, url);
    const headers = { ...plainHeaders(again.init.headers), ...plainHeaders(options.headers) };
    return arrive(visit, again, { ...again.init, cache: 'no-cache', ...options, headers });
  }

  get #html(): LoadedHtml {
    const { html, response } = this.#parts;
    if (html === null) throw notHtml(response);
    return html;
  }

  get #document(): PageDocument {
    return this.#html.document;
  }

  /** The start of a navigation, which also a page without HTML has. */
  get #site(): PageDocument {
    const { html, response, url, visit } = this.#parts;
    return html?.document ?? bareDocument(response, url, visit.engine);
  }

  get #policy(): ReferrerPolicyName {
    const { headers, index, engine } = this.#site;
    return pagePolicy(headers, index.metas, engine);
  }

  #at(url: URL): Page {
    return makePage({ ...this.#parts, url, html: this.#parts.html?.withUrl(url) ?? null });
  }

  #formOf(node: ElementNode): Form {
    this.#forms ??= new Map();
    let form = this.#forms.get(node);
    if (form === undefined) {
      form = makeForm<Page>(this.#document, node, {
        policy: () => this.#policy,
        go: (navigation, init) => this.#go(navigation, init),
      });
      this.#forms.set(node, form);
    }
    return form;
  }

  async #go(navigation: Navigation, init: VisitInit): Promise<Page> {
    const { visit } = this.#parts;
    const request = navigationRequest(this.#site, navigation);
    if (staysInPage(this.#site, navigation, request.url)) return this.#at(request.url);
    if (visit.session === null) throw noSession(navigation.isForm ? 'submit' : 'follow');
    const headers = {
      ...(request.init.headers as Record<string, HeaderValue>),
      ...plainHeaders(init.headers),
    };
    const whole = { ...request.init, ...init, headers };
    return arrive(visit, request, guarded(this.#site, navigation, whole));
  }
}

// The build renames a class that refers to itself, and `inspect` would show that name.
Object.defineProperty(Page, 'name', { value: 'Page' });

/** Follows the automatic refreshes of a page, up to the limit. */
export async function settle(page: Page, visit: Visit, init: VisitInit): Promise<Page> {
  let current = page;
  const still = { ...visit, refresh: null };
  for (let left = visit.refresh?.limit ?? 0; left > 0; left--) {
    const { refresh } = current;
    const { url } = partsOf(current);
    if (refresh === null || !isFollowed(refresh, url, visit.refresh?.maxDelay ?? 0)) break;
    current = await makePage({ ...partsOf(current), visit: still }).follow(refresh, init);
  }
  return current === page ? page : makePage({ ...partsOf(current), visit });
}

/** Sends a request and reads the response as a page. */
async function arrive(
  visit: Visit,
  request: NavigationRequest,
  init: NavigationRequest['init'],
): Promise<Page> {
  const { session } = visit;
  if (session === null) throw noSession('this');
  const response = await session.fetch(request.url, init);
  const page = await pageFrom(visit, response, request.url, request);
  return visit.refresh === null ? page : settle(page, visit, lasting(init));
}

/** Makes a page of a response. */
export async function pageFrom(
  visit: Visit,
  response: SessionResponse,
  requested: URL,
  request: NavigationRequest | null,
): Promise<Page> {
  const url = shownUrl(requested, response);
  const html = await loadHtml(response, url, visit.engine, visit);
  return makePage({ visit, url, response, html, request });
}
