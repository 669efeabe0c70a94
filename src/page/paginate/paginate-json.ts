import { checkOptions, ownCopy } from '../../core/checks.ts';
import { invalidOption } from '../../core/errors.ts';
import { pause } from '../../core/pause.ts';
import type { RequestInit, Session, SessionResponse } from '../../index.ts';
import { parseLinkHeader } from '../document/links.ts';
import { checkLimits, checkStatus, limitNames, PaginationGuard, type PaginationLimits } from './limits.ts';
import { nextInHeader } from './next-page.ts';
import { Pagination } from './pagination.ts';
import { type PageRequest, requestKey } from './request-key.ts';

/** One answer of an API. */
export interface JsonPage<Body> {
  readonly url: string;
  readonly response: SessionResponse;
  /** The parsed body. */
  readonly body: Body;
}

/** Options of a pagination over an API. */
export interface PaginateJsonOptions<Body, Item> extends PaginationLimits {
  /** The options of each request. Those of `next` have precedence. */
  readonly request?: RequestInit | undefined;
  /**
   * The next request: a URL, the differences to the request before (such as `{ json: { cursor } }`), or `null` at the
   * end.
   * @default the Link header's rel=next
   */
  readonly next?:
    | ((page: JsonPage<Body>, count: number) => string | URL | PageRequest | null | undefined)
    | undefined;
  /**
   * The items of a response.
   * @default the body, where it is an array
   */
  readonly items?: ((body: Body) => Iterable<Item>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const knownOptions: ReadonlySet<string> = new Set(['request', 'next', 'items', 'signal', ...limitNames]);

/**
 * The pages of a JSON API, one after the other; each is requested when the loop needs it.
 *
 * @throws RequestError ERR_NOT_NAVIGABLE for another origin, ERR_STATUS for a status of 400 or more, and what
 * `session.fetch` and `json()` throw
 * @example
 * const users = await paginateJson<User[], User>(session, '/api/users?per_page=100').all();
 */
export function paginateJson<Body = unknown, Item = Body extends readonly (infer One)[] ? One : unknown>(
  session: Session,
  url: string | URL,
  options: PaginateJsonOptions<Body, Item> = {},
): Pagination<JsonPage<Body>, Item> {
  checkOptions(options, 'options', knownOptions);
  const { request, next, items, signal, ...rest } = ownCopy('options', options);
  if (next !== undefined && typeof next !== 'function') throw invalidOption('next', 'a function', next);
  if (items !== undefined && typeof items !== 'function') throw invalidOption('items', 'a function', items);
  const limits = checkLimits(rest);
  const common: RequestInit = { ...request, ...(signal === undefined ? {} : { signal }) };
  async function* pages(): AsyncGenerator<JsonPage<Body>, void, undefined> {
    let guard: PaginationGuard | undefined;
    let step: Step = { target: url, init: common };
    for (let count = 1; ; count++) {
      const response = await session.fetch(step.target, step.init);
      guard ??= startOf(response, step.init, limits);
      guard.check(response.url);
      const page = await pageOfJson<Body>(response);
      yield page;
      if (count >= limits.maxPages) return;
      const said = next === undefined ? nextByHeader(response) : next(page, count);
      const following = stepTo(said, response.url, common);
      if (following === null || !guard.isNew(requestKey(following.target, following.init))) return;
      guard.check(following.target);
      if (limits.delay > 0) await pause(limits.delay, common.signal);
      step = following;
    }
  }
  const read = ({ body }: JsonPage<Body>): Iterable<unknown> =>
    items === undefined ? listOf(body) : items(body);
  return new Pagination<JsonPage<Body>, Item>(pages, read, limits.maxItems);
}

interface Step {
  readonly target: string | URL;
  readonly init: RequestInit;
}

function stepTo(
  next: string | URL | PageRequest | null | undefined,
  base: string,
  common: RequestInit,
): { readonly target: URL; readonly init: RequestInit } | null {
  if (next === null || next === undefined) return null;
  const { url, ...own }: PageRequest = typeof next === 'string' || next instanceof URL ? { url: next } : next;
  return { target: new URL(url ?? base, base), init: { ...common, ...own } };
}

function startOf(
  response: SessionResponse,
  init: RequestInit,
  limits: ReturnType<typeof checkLimits>,
): PaginationGuard {
  const first = response.hops[0]?.url ?? response.url;
  const guard = new PaginationGuard(response.url, limits);
  guard.isNew(requestKey(new URL(first), init));
  return guard;
}

async function pageOfJson<Body>(response: SessionResponse): Promise<JsonPage<Body>> {
  const { status, url } = response;
  if (status >= 400) await response.body?.cancel();
  checkStatus(status, url);
  return { url, response, body: (await response.json()) as Body };
}

function nextByHeader({ headers, url }: SessionResponse): URL | null {
  return nextInHeader(parseLinkHeader(headers.get('link'), new URL(url)));
}

function listOf(body: unknown): Iterable<unknown> {
  if (Array.isArray(body)) return body;
  throw invalidOption('items', 'set when the body is not an array: a function of the body', undefined);
}
