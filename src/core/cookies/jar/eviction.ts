import { maxParentCharacters, siteCookiesKept, spareMs } from './limits.ts';
import type { StoredCookie } from './rules.ts';

/**
 * Which cookies are dropped when there are too many. A full jar drops those that were not used for 30 days, as
 * Chromium does (test/fixtures/full-jar.json). Chromium lets the jar grow when that is not enough. A process that
 * runs for months needs a strict limit, so here the owner with the most cookies loses cookies in that case.
 */

/** The cookies of one owner: a site, or a part of one. */
export interface Holding {
  readonly cookies: readonly StoredCookie[];
  /** Position in the order of use. */
  readonly used: number;
}

/** The weight of a cookie. */
type Weight = (cookie: StoredCookie) => number;

const one: Weight = () => 1;

/** Characters that the jar keeps for a cookie. */
export function charactersOf({ name, value, domain, path }: StoredCookie): number {
  return name.length + value.length + domain.length + path.length;
}

/**
 * Chooses up to `goal` cookies to drop of the sites that were not used for 30 days: those without Secure first, and of
 * equals those of the site used longest ago. Chromium keeps the time for each cookie, the jar for each site.
 */
export function chooseUnused(
  holdings: readonly (Holding & { readonly usedAtMs: number })[],
  goal: number,
  now: number,
): Set<StoredCookie> {
  const unused = holdings
    .filter(({ usedAtMs }) => usedAtMs < now - spareMs)
    .toSorted((a, b) => a.used - b.used)
    .flatMap(({ cookies }) => cookies.toSorted((a, b) => a.written - b.written));
  // sort() is stable.
  const inOrder = unused.toSorted((a, b) => Number(a.secure) - Number(b.secure));
  return new Set(inOrder.slice(0, goal));
}

/** Chooses `goal` cookies to drop. */
export function chooseByNumber(holdings: readonly Holding[], goal: number): Set<StoredCookie> {
  return choose(holdings, goal, one);
}

/** Chooses cookies with at least `goal` characters to drop. */
export function chooseByCharacters(holdings: readonly Holding[], goal: number): Set<StoredCookie> {
  return choose(holdings, goal, charactersOf);
}

/** Chooses the cookies to drop of a site with too many: those of the hosts below the label that set most. */
export function chooseOfSite(site: string, cookies: readonly StoredCookie[]): Set<StoredCookie> {
  const parts = Map.groupBy(cookies, ({ hostOnly, domain, setter }) =>
    labelBelow(hostOnly ? domain : setter, site),
  );
  const holdings = [...parts.values()].map((some) => ({ cookies: some, used: lastWritten(some) }));
  return chooseByNumber(holdings, cookies.length - siteCookiesKept);
}

/**
 * Chooses the cookies to drop of those that the hosts below one label set for a parent domain, when they are too large
 * together. Otherwise a host could fill the Cookie header of all its siblings.
 */
export function chooseOfParent(cookies: readonly StoredCookie[], added: StoredCookie): Set<StoredCookie> {
  const label = labelBelow(added.setter, added.domain);
  const others = cookies.filter(
    ({ hostOnly, domain, setter }) =>
      !hostOnly && domain === added.domain && labelBelow(setter, domain) === label,
  );
  const goal = sum(others, charactersOf) - maxParentCharacters;
  if (goal <= 0) return new Set();
  const older = others.filter((cookie) => cookie !== added);
  return chooseByCharacters([{ cookies: older, used: 0 }], goal);
}

/** The label of `host` directly below `domain`; '' for the domain itself. */
function labelBelow(host: string, domain: string): string {
  if (host.length <= domain.length) return '';
  const end = host.length - domain.length - 1;
  return host.slice(host.lastIndexOf('.', end - 1) + 1, end);
}

/**
 * Cuts the largest holdings to one common level, and at that level takes first from the one used longest ago. In a
 * holding, cookies without Secure go first, and of equals those written longest ago. RFC 6265bis 5.7.
 */
function choose(holdings: readonly Holding[], goal: number, weigh: Weight): Set<StoredCookie> {
  const weighed = holdings.map(({ cookies, used }) => ({ cookies, used, weight: sum(cookies, weigh) }));
  const level = levelOf(
    weighed.map(({ weight }) => weight),
    goal,
  );
  const chosen = new Set<StoredCookie>();
  let freed = 0;
  for (const { cookies, weight } of weighed.toSorted((a, b) => a.used - b.used)) {
    let left = weight;
    if (left <= level) continue;
    for (const cookie of cookies.toSorted(byWorth)) {
      if (left <= level || freed >= goal) break;
      chosen.add(cookie);
      left -= weigh(cookie);
      freed += weigh(cookie);
    }
  }
  return chosen;
}

function byWorth(a: StoredCookie, b: StoredCookie): number {
  return Number(a.secure) - Number(b.secure) || a.written - b.written;
}

/** The highest level to which the larger weights must be cut to free `goal`. */
function levelOf(weights: readonly number[], goal: number): number {
  const descending = weights.toSorted((a, b) => b - a);
  let above = 0;
  for (const [at, weight] of descending.entries()) {
    above += weight;
    const level = Math.floor((above - goal) / (at + 1));
    if (level >= (descending[at + 1] ?? 0)) return Math.max(0, level);
  }
  return 0;
}

function sum(cookies: readonly StoredCookie[], weigh: Weight): number {
  return cookies.reduce((total, cookie) => total + weigh(cookie), 0);
}

function lastWritten(cookies: readonly StoredCookie[]): number {
  return cookies.reduce((last, { written }) => Math.max(last, written), 0);
}
