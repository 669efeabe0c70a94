import { checkBoolean, checkNumber, checkOptions, own } from '../core/checks.ts';
import { invalidOption } from '../core/errors.ts';
import type { Session } from '../index.ts';
import { type Engine, engineOf } from './encoding/engine.ts';

/** Which refreshes of a page are followed automatically. */
export interface RefreshOptions {
  /**
   * Longest delay of a refresh that is followed, in milliseconds. The delay itself is skipped.
   * @default 5000
   */
  readonly maxDelay?: number | undefined;
  /**
   * Most refreshes in a row.
   * @default 5
   */
  readonly limit?: number | undefined;
}

/** How pages are read and followed. It also applies to the pages after a page. */
export interface PageOptions {
  /**
   * Whether meta refreshes and Refresh headers are followed: `false`, or which.
   * @default delays of up to 5 s, five in a row; a refresh to the page itself only without a delay
   */
  readonly refresh?: RefreshOptions | false | undefined;
  /**
   * Most bytes of a page; beyond them the error is ERR_PAGE_TOO_LARGE.
   * @default 16777216 (16 MiB)
   */
  readonly maxHtmlBytes?: number | undefined;
  /**
   * True: the page as it is without scripts, with the content of `noscript`.
   * @default false
   */
  readonly noscript?: boolean | undefined;
}

/** The session of a page, and how its pages are read. */
export interface Visit {
  readonly session: Session | null;
  readonly engine: Engine;
  readonly maxHtmlBytes: number;
  readonly noscript: boolean;
  readonly refresh: { readonly maxDelay: number; readonly limit: number } | null;
}

/** @throws RequestError ERR_INVALID_OPTION */
export function resolveVisit(session: Session | null, options: PageOptions): Visit {
  const maxHtmlBytes = own(options, 'maxHtmlBytes');
  const noscript = own(options, 'noscript');
  return {
    session,
    engine: engineOf(session?.browser ?? null),
    maxHtmlBytes:
      maxHtmlBytes === undefined
        ? 16 * 1024 * 1024
        : checkNumber('maxHtmlBytes', maxHtmlBytes, { least: 1, integer: true }),
    noscript: noscript === undefined ? false : checkBoolean('noscript', noscript),
    refresh: resolveRefresh(own(options, 'refresh')),
  };
}

function resolveRefresh(given: unknown): Visit['refresh'] {
  if (given === false) return null;
  if (given === undefined) return { maxDelay: 5000, limit: 5 };
  if (typeof given !== 'object' || given === null)
    throw invalidOption('refresh', 'false or an object', given);
  checkOptions(given, 'refresh', new Set(['maxDelay', 'limit']));
  const { maxDelay = 5000, limit = 5 }: RefreshOptions = given;
  return {
    maxDelay: checkNumber('refresh.maxDelay', maxDelay, { least: 0, integer: false }),
    limit: checkNumber('refresh.limit', limit, { least: 0, integer: true }),
  };
}
