import { ownCopy } from '../../core/checks.ts';
import { invalidOption } from '../../core/errors.ts';
import { pause } from '../../core/pause.ts';
import type { Query } from '../document/query.ts';
import type { ExtractedRow } from '../extract/row.ts';
import type { ExtractSchema } from '../extract/schema.ts';
import type { VisitInit } from '../navigate/navigation.ts';
import { checkVisit } from '../navigate/visit-init.ts';
import { Page } from '../page.ts';
import { checkLimits, checkStatus, limitNames, PaginationGuard, type PaginationLimits } from './limits.ts';
import { type FindNext, stepAfter } from './next-page.ts';
import { Pagination } from './pagination.ts';
import { requestKey } from './request-key.ts';

/** How a list of pages is read, and the options of its requests: signal, timeout, retry and the rest of a visit. */
export interface PaginateOptions extends PaginationLimits, VisitInit {
  /**
   * The next page: a query for a link, or a function that returns a URL, a link, a form, a request, a page that it
   * has opened itself, or `null` at the end.
   * @default the Link header, `<link rel=next>`, then `<a rel=next>`
   */
  readonly next?: Query | FindNext | undefined;
}

/** Reads the items of a page. */
export type ReadItems<Item> = (page: Page) => Iterable<Item> | Promise<Iterable<Item>>;

/**
 * The pages of a list, one after the other, from `start` on; each is requested when the loop needs it.
 *
 * `items` is a schema or a function of a page; without it the items are the pages. The list ends without a next page,
 * at a request that was made before, and at the limits.
 *
 * @throws RequestError ERR_NOT_NAVIGABLE for a page of another origin, ERR_STATUS for one that failed, and what
 * `follow` and `extract` throw
 * @example
 * for await (const row of paginate(orders, { items: schema, maxPages: 20 }).items()) console.log(row);
 */
export function paginate<Item>(
  start: Page,
  options: PaginateOptions & { readonly items: ReadItems<Item> },
): Pagination<Page, Item>;
export function paginate<const Schema extends ExtractSchema>(
  start: Page,
  options: PaginateOptions & { readonly items: Schema },
): Pagination<Page, ExtractedRow<Schema>>;
export function paginate(
  start: Page,
  options?: PaginateOptions & { readonly items?: undefined },
): Pagination<Page, Page>;
export function paginate(
  start: Page,
  options: PaginateOptions & { readonly items?: unknown } = {},
): Pagination<Page, unknown> {
  if (!(start instanceof Page)) throw invalidOption('start', 'a page', start);
  checkVisit(options, 'next', 'items', ...limitNames);
  const { next, items, maxPages, maxItems, delay, crossOrigin, ...init } = ownCopy('options', options);
  const limits = checkLimits({ maxPages, maxItems, delay, crossOrigin });
  async function* pages(): AsyncGenerator<Page, void, undefined> {
    const guard = new PaginationGuard(start.url, limits);
    guard.isNew(requestKey(new URL(start.url), {}));
    let page = start;
    for (let count = 1; ; count++) {
      checkStatus(page.status, page.url);
      yield page;
      if (count >= limits.maxPages) return;
      const step = await stepAfter(page, next, count);
      if (step === null || !guard.isNew(step.key)) return;
      guard.check(step.url);
      if (limits.delay > 0) await pause(limits.delay, init.signal);
      page = await step.take(init);
      guard.check(page.url);
    }
  }
  return new Pagination<Page, unknown>(pages, readerOf(items), limits.maxItems);
}

function readerOf(items: unknown): ReadItems<unknown> {
  if (items === undefined) return (page) => [page];
  if (typeof items === 'function') return items as ReadItems<unknown>;
  if (typeof items !== 'object' || items === null)
    throw invalidOption('items', 'a schema or a function', items);
  return (page) => page.extract(items as ExtractSchema);
}
