import type { BrowserCookieJar } from '../core/cookies/jar/browser-cookie-jar.ts';
import type { DocumentCookie, SessionDocument } from '../core/session/saved-session.ts';

/** Cookies by what makes two of them one cookie. */
type CookieMap = ReadonlyMap<string, DocumentCookie>;

/** What one side did to its cookies since both were the same. */
export interface CookieChanges {
  /** New and changed ones, each with the time of its change, in the order of creation. */
  readonly put: readonly DocumentCookie[];
  readonly removed: readonly DocumentCookie[];
}

type Identity = Pick<DocumentCookie, 'domain' | 'path' | 'name' | 'hostOnly' | 'partitioned'>;

function keyOf({ domain, path, name, hostOnly, partitioned }: Identity): string {
  return JSON.stringify([domain, path, name, hostOnly, partitioned === true]);
}

function isSame(a: DocumentCookie, b: DocumentCookie): boolean {
  return (
    a.value === b.value &&
    a.secure === b.secure &&
    a.httpOnly === b.httpOnly &&
    a.sameSite === b.sameSite &&
    a.expiresAtMs === b.expiresAtMs
  );
}

function byKey(cookies: readonly DocumentCookie[]): Map<string, DocumentCookie> {
  return new Map(cookies.map((cookie) => [keyOf(cookie), cookie]));
}

/** What leads from the cookies `before` to those `after`. */
export function changesBetween(
  before: readonly DocumentCookie[],
  after: readonly DocumentCookie[],
): CookieChanges {
  const [old, now]: CookieMap[] = [byKey(before), byKey(after)];
  const isNew = (cookie: DocumentCookie): boolean => {
    const known = old?.get(keyOf(cookie));
    return known === undefined || !isSame(known, cookie);
  };
  return { put: after.filter(isNew), removed: before.filter((cookie) => !now?.has(keyOf(cookie))) };
}

/**
 * Remembers when changes were first seen, so that a save which comes late does not pass for a late change.
 */
export class ChangeTimes {
  #seen = new Map<string, DocumentCookie>();

  /** Gives each changed cookie the time at which it was first seen so. */
  stamp(changes: CookieChanges, now: number): CookieChanges {
    const seen = new Map<string, DocumentCookie>();
    const put = changes.put.map((cookie) => {
      const before = this.#seen.get(keyOf(cookie));
      const stamped = before !== undefined && isSame(before, cookie) ? before : { ...cookie, changedAt: now };
      seen.set(keyOf(cookie), stamped);
      return stamped;
    });
    this.#seen = seen;
    return { put, removed: changes.removed };
  }
}

/**
 * The cookies `stored` with one side's changes: those of others stay, and of two changes to one cookie the newer.
 *
 * @param base what the stored cookies were when this side last saw them
 */
function mergeCookies(
  stored: readonly DocumentCookie[],
  base: readonly DocumentCookie[],
  changes: CookieChanges,
): DocumentCookie[] {
  const merged = byKey(stored);
  const known = byKey(base);
  const isTheirs = (key: string, theirs: DocumentCookie): boolean => {
    const before = known.get(key);
    return before === undefined || !isSame(before, theirs);
  };
  for (const cookie of changes.put) {
    const key = keyOf(cookie);
    const theirs = merged.get(key);
    const isOlder = theirs !== undefined && (cookie.changedAt ?? 0) < (theirs.changedAt ?? 0);
    if (theirs !== undefined && isOlder && isTheirs(key, theirs)) continue;
    merged.set(key, cookie);
  }
  for (const cookie of changes.removed) {
    const theirs = merged.get(keyOf(cookie));
    // A cookie that someone set anew was not the one that was removed here.
    if (theirs !== undefined && !isTheirs(keyOf(cookie), theirs)) merged.delete(keyOf(cookie));
  }
  return [...merged.values()];
}

/**
 * Does to a jar what leads from `seen` to `target`. A cookie that is no longer as in `seen` has a newer change of its
 * own and is left alone.
 */
export function applyToJar(
  jar: BrowserCookieJar,
  live: readonly DocumentCookie[],
  seen: readonly DocumentCookie[],
  target: readonly DocumentCookie[],
): void {
  const [current, known] = [byKey(live), byKey(seen)];
  const isUntouched = (key: string): boolean => {
    const [now, before] = [current.get(key), known.get(key)];
    return now === undefined || before === undefined ? now === before : isSame(now, before);
  };
  const { put, removed } = changesBetween(seen, target);
  for (const cookie of put) if (isUntouched(keyOf(cookie))) jar.put(cookie);
  for (const cookie of removed) if (isUntouched(keyOf(cookie))) jar.removeSame(cookie);
}

/** What one side has to say about a document. */
export interface OwnState {
  /** The document as this side would write it alone. */
  readonly document: SessionDocument;
  /** What was stored when this side last saw it. */
  readonly base: SessionDocument | null;
  readonly changes: CookieChanges;
}

/** One side's document over what is stored: cookie by cookie, counts added up, the newest of times. */
export function mergeDocument(
  stored: SessionDocument | null,
  { document, base, changes }: OwnState,
): SessionDocument {
  const added = (key: 'requests' | 'logins'): number =>
    (stored?.[key] ?? base?.[key] ?? 0) + document[key] - (base?.[key] ?? 0);
  const hasOwnData = JSON.stringify(document.userData) !== JSON.stringify(base?.userData ?? null);
  return {
    ...document,
    createdAt: Math.min(document.createdAt, stored?.createdAt ?? document.createdAt),
    lastUsedAt: Math.max(document.lastUsedAt, stored?.lastUsedAt ?? 0),
    revision: (stored?.revision ?? base?.revision ?? 0) + 1,
    requests: added('requests'),
    logins: added('logins'),
    // Where nothing is stored any more, all that is known here is written again.
    cookies: mergeCookies(stored?.cookies ?? base?.cookies ?? [], base?.cookies ?? [], changes),
    userData: hasOwnData || stored === null ? document.userData : stored.userData,
  };
}
