import { checkNumber, ownCopy } from '../core/checks.ts';
import { invalidOption, RequestError } from '../core/errors.ts';
import { retryAfter } from '../core/flow/retry.ts';
import { pause } from '../core/pause.ts';
import type { Session } from '../index.ts';
import { plainHeaders } from './navigate/visit-init.ts';
import { type OpenPageInit, openPage } from './open-page.ts';
import type { Page } from './page.ts';

/** The condition: a selector that matches, a text that the page contains, or a function. */
export type PollUntil = string | { readonly text: string } | ((page: Page) => boolean | Promise<boolean>);

/** How often a page is requested, and the options of `openPage`. */
export interface PollPageInit extends Omit<OpenPageInit, 'timeout'> {
  readonly until: PollUntil;
  /**
   * Milliseconds between a response and the next request.
   * @default 1000
   */
  readonly interval?: number | undefined;
  /**
   * The factor from one interval to the next, up to 30 s. 1 keeps them equal.
   * @default 1.5
   */
  readonly backoff?: number | undefined;
  /**
   * Time limit for all requests and pauses together, in milliseconds.
   * @default 60000
   */
  readonly timeout?: number | undefined;
}

/** The error of {@link pollPage} after the time limit. */
export interface PollTimeoutError extends RequestError {
  readonly code: 'ERR_TIMEOUT';
  /** The last page, `null` without one. Not enumerable. */
  readonly page: Page | null;
}

/** Longest interval of the backoff, in milliseconds. */
const maxInterval = 30_000;

/**
 * Opens a page again and again until it meets the condition. Each request has the ETag and Last-Modified of the last
 * response, so an unchanged page is not transferred again. Retry-After is respected.
 *
 * @throws RequestError ERR_TIMEOUT with the last page as `page`, at once where the next request would come after the
 * time limit; and what `openPage` throws
 * @example
 * const done = await pollPage(session, '/jobs/7', { until: { text: 'finished' }, timeout: 120_000 });
 */
export async function pollPage(session: Session, url: string | URL, init: PollPageInit): Promise<Page> {
  const { until, interval: _i, backoff: _b, timeout: _t, ...rest } = ownCopy('init', init);
  const holds = checkUntil(until);
  const { timeout, ...steps } = checkTimes(init);
  const poll = new Poll(session, url, rest, timeout);
  try {
    for (let interval = steps.interval; ; interval = longer(interval, steps)) {
      const page = await poll.ask();
      if (page !== null && (await holds(page))) return page;
      await poll.wait(interval);
    }
  } finally {
    poll.end();
  }
}

function checkTimes(init: PollPageInit): { interval: number; backoff: number; timeout: number } {
  const { interval = 1000, backoff = 1.5, timeout = 60_000 } = init;
  checkNumber('interval', interval, { least: 0, integer: false });
  checkNumber('timeout', timeout, { least: 1, integer: false });
  if (typeof backoff !== 'number' || !(backoff >= 1))
    throw invalidOption('backoff', 'a number from 1 on', backoff);
  return { interval, backoff, timeout };
}

function longer(
  interval: number,
  { interval: first, backoff }: { interval: number; backoff: number },
): number {
  return Math.max(first, Math.min(interval * backoff, maxInterval));
}

function checkUntil(until: unknown): (page: Page) => boolean | Promise<boolean> {
  if (typeof until === 'function') return until as (page: Page) => boolean;
  if (typeof until === 'string') return (page) => page.isHtml && page.query(until) !== null;
  const text: unknown = typeof until === 'object' && until !== null ? Reflect.get(until, 'text') : undefined;
  if (typeof text !== 'string' || text === '') {
    throw invalidOption('until', 'a CSS selector, { text } or a function', until);
  }
  return (page) => page.isHtml && page.text().includes(text);
}

/** The requests of one wait, under one deadline. */
class Poll {
  readonly #session: Session;
  readonly #url: string | URL;
  readonly #init: OpenPageInit;
  readonly #timeout: number;
  readonly #endsAt: number;
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #last: Page | null = null;
  /** A page that did not change is not checked again. */
  #validators: Record<string, string> = {};
  #asked = 0;

  constructor(session: Session, url: string | URL, init: OpenPageInit, timeout: number) {
    this.#session = session;
    this.#url = url;
    this.#init = init;
    this.#timeout = timeout;
    this.#endsAt = performance.now() + timeout;
    this.#timer = setTimeout(() => this.#over.abort(this.#failure()), Math.min(timeout, 2 ** 31 - 1));
  }

  /** The page, `null` where it has not changed. */
  async ask(): Promise<Page | null> {
    const { signal, headers } = this.#init;
    const page = await openPage(this.#session, this.#url, {
      ...this.#init,
      timeout: false,
      signal: signal == null ? this.#over.signal : AbortSignal.any([signal, this.#over.signal]),
      headers: { ...plainHeaders(headers), ...this.#validators },
    });
    const { response, status } = page;
    this.#asked = retryAfterOf(page);
    if (status === 304 && this.#last !== null) return null;
    this.#last = page;
    this.#validators = {};
    const tag = response?.headers.get('etag');
    const date = response?.headers.get('last-modified');
    if (status === 200 && tag != null) this.#validators['If-None-Match'] = tag;
    if (status === 200 && date != null) this.#validators['If-Modified-Since'] = date;
    return page;
  }

  async wait(interval: number): Promise<void> {
    const wait = Math.max(interval, this.#asked);
    // The next request would come after the time limit.
    if (performance.now() + wait >= this.#endsAt) throw this.#failure();
    const { signal } = this.#init;
    const either = signal == null ? this.#over.signal : AbortSignal.any([signal, this.#over.signal]);
    await pause(wait, either);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #failure(): RequestError {
    const asked = this.#asked > 0 ? `, and the server asked to wait ${this.#asked} ms` : '';
    const status = this.#last?.status ?? null;
    const came = status === null ? 'no page was received' : `the last page had status ${status}`;
    const message = `The page did not match within ${this.#timeout} ms: ${came}${asked}`;
    const error = new RequestError('ERR_TIMEOUT', message, {
      timeout: this.#timeout,
      status: status ?? undefined,
    });
    return Object.defineProperty(error, 'page', { value: this.#last });
  }
}

function retryAfterOf({ response }: Page): number {
  const field = response?.headers.get('retry-after');
  return response == null || field == null ? 0 : (retryAfter(503, { 'retry-after': field }) ?? 0);
}
