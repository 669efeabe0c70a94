import { checkBoolean, checkNumber, maxTimerDelay, own } from '../../core/checks.ts';
import { invalidOption, RequestError } from '../../core/errors.ts';

/** Limits of a pagination. */
export interface PaginationLimits {
  /**
   * Most pages, the first included.
   * @default 1000
   */
  readonly maxPages?: number | undefined;
  /**
   * Most items; after that no page is requested.
   * @default no limit
   */
  readonly maxItems?: number | undefined;
  /**
   * Milliseconds between one page and the request for the next.
   * @default 0
   */
  readonly delay?: number | undefined;
  /**
   * True: pages of another origin are also requested; otherwise they are ERR_NOT_NAVIGABLE.
   * @default false
   */
  readonly crossOrigin?: boolean | undefined;
}

/** Checked limits. */
export interface CheckedLimits {
  readonly maxPages: number;
  readonly maxItems: number;
  readonly delay: number;
  readonly crossOrigin: boolean;
}

/** The names of {@link PaginationLimits}. */
export const limitNames = ['maxPages', 'maxItems', 'delay', 'crossOrigin'] as const;

/** @throws RequestError ERR_INVALID_OPTION */
export function checkLimits(options: PaginationLimits): CheckedLimits {
  const count = (name: 'maxPages' | 'maxItems', otherwise: number): number => {
    const given = own(options, name);
    return given === undefined || given === Number.POSITIVE_INFINITY
      ? (given ?? otherwise)
      : checkNumber(name, given, { least: 1, integer: true });
  };
  const delay = checkNumber('delay', own(options, 'delay') ?? 0, { least: 0, integer: false });
  if (delay > maxTimerDelay) throw invalidOption('delay', `at most ${maxTimerDelay} ms`, delay);
  return {
    maxPages: count('maxPages', 1000),
    maxItems: count('maxItems', Number.POSITIVE_INFINITY),
    delay,
    crossOrigin: checkBoolean('crossOrigin', own(options, 'crossOrigin') ?? false),
  };
}

/** The checks of a running pagination: no request is repeated, and none goes to another origin. */
export class PaginationGuard {
  readonly #seen = new Set<string>();
  readonly #origin: string;
  readonly #crossOrigin: boolean;

  constructor(start: string, { crossOrigin }: CheckedLimits) {
    this.#origin = new URL(start).origin;
    this.#crossOrigin = crossOrigin;
  }

  /** Whether a request is new. */
  isNew(key: string): boolean {
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  /** @throws RequestError ERR_NOT_NAVIGABLE for another origin */
  check(url: string | URL): void {
    const { origin } = new URL(url);
    if (this.#crossOrigin || origin === this.#origin) return;
    const message = `The next page is at another origin, ${origin}, and not at ${this.#origin}: allow it with crossOrigin: true`;
    throw new RequestError('ERR_NOT_NAVIGABLE', message);
  }
}

/** @throws RequestError ERR_STATUS: a failed page is not the end of the list */
export function checkStatus(status: number | null, url: string): void {
  if (status === null || status < 400) return;
  const { origin, pathname } = new URL(url);
  throw new RequestError('ERR_STATUS', `A page of the list failed: ${origin}${pathname} answered ${status}`, {
    status,
  });
}
