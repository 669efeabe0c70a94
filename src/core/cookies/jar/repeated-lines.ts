import type { CookieSites } from './cookie-sites.ts';
import type { CookieOrigin, Receipt, StoredCookie } from './rules.ts';

/** Lines that are kept for one jar: about as many as one response repeats. */
const kept = 8;

/** A line that changed nothing: its cookie was already stored. */
interface Repeat {
  readonly line: string;
  readonly origin: CookieOrigin;
  readonly context: Receipt['context'];
  readonly cookie: StoredCookie;
  /** Version of the jar. While it is the same, everything that decides about the line is the same. */
  readonly version: number;
}

/**
 * Set-Cookie lines that a server repeats in every response, as many servers do for their session. Each is parsed
 * once, and counts as set again without being parsed. Lines with a time are excluded, because each means another
 * instant.
 */
export class RepeatedLines {
  readonly #repeats: Repeat[] = [];
  #turn = 0;

  /** Records that a line left the jar unchanged. @param version of the jar, before and after the line */
  add(line: string, { origin, context }: Receipt, cookie: StoredCookie, version: number): void {
    if (origin === undefined || cookie.expiresAtMs !== Number.POSITIVE_INFINITY) return;
    this.#repeats[this.#turn] = { line, origin, context, cookie, version };
    this.#turn = (this.#turn + 1) % kept;
  }

  /** Sets the cookie of a recorded line, and returns its name; `undefined` for a line that must be parsed. */
  receive(sites: CookieSites, line: string, { origin, context, now }: Receipt): string | undefined {
    if (origin === undefined) return undefined;
    for (const repeat of this.#repeats) {
      if (repeat.line !== line || repeat.context !== context || !isSame(repeat.origin, origin)) continue;
      const { site } = origin.facts;
      const old = sites.findSame(site, repeat.cookie, now);
      // Read here, because finding the cookie drops expired ones.
      if (old === undefined || repeat.version !== sites.version) continue;
      sites.store(site, { ...repeat.cookie }, old, now, true);
      return repeat.cookie.name;
    }
    return undefined;
  }
}

function isSame(a: CookieOrigin, b: CookieOrigin): boolean {
  return a.facts === b.facts && a.path === b.path && a.secure === b.secure;
}
