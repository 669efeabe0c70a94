import { hasSameContent, identityOf } from '../core/cookies/jar/cookie-record.ts';
import type { DocumentCookie, SessionDocument } from '../core/session/saved-session.ts';

/** The changes of one side to its cookies since both sides were equal. */
export interface CookieChanges {
  /** New and changed ones, each with the time of its change, in the order of creation. */
  readonly put: readonly DocumentCookie[];
  readonly removed: readonly DocumentCookie[];
}

/** Tells whether two cookies with the same identity are equal, the login that they belong to included. */
export function saysTheSame(a: DocumentCookie, b: DocumentCookie): boolean {
  return hasSameContent(a, b) && loginOf(a) === loginOf(b);
}

/** The login that a cookie belongs to; 0 for none. */
export function loginOf(cookie: DocumentCookie | undefined): number {
  return cookie?.login ?? 0;
}

export function byIdentity(cookies: readonly DocumentCookie[]): Map<string, DocumentCookie> {
  return new Map(cookies.map((cookie) => [identityOf(cookie), cookie]));
}

/** The changes from the cookies `before` to those `after`. */
export function changesBetween(
  before: readonly DocumentCookie[],
  after: readonly DocumentCookie[],
): CookieChanges {
  const [old, now] = [byIdentity(before), byIdentity(after)];
  const isNew = (cookie: DocumentCookie): boolean => {
    const known = old.get(identityOf(cookie));
    return known === undefined || !saysTheSame(known, cookie);
  };
  return { put: after.filter(isNew), removed: before.filter((cookie) => !now.has(identityOf(cookie))) };
}

/** Compared by the number of the login first, so that a late cookie of an earlier login is not the newer one. */
export function isOlder(a: DocumentCookie, b: DocumentCookie): boolean {
  if (loginOf(a) !== loginOf(b)) return loginOf(a) < loginOf(b);
  return (a.changedAt ?? 0) < (b.changedAt ?? 0);
}

/**
 * The cookies `stored` with one side's changes: the cookies of others stay. Of two changes to one cookie the one of
 * the later login wins, and within one login the newer one.
 *
 * @param base the stored cookies when this side last read them
 */
function mergeCookies(
  stored: readonly DocumentCookie[],
  base: readonly DocumentCookie[],
  changes: CookieChanges,
): DocumentCookie[] {
  const merged = byIdentity(stored);
  const known = byIdentity(base);
  const isTheirs = (key: string, theirs: DocumentCookie): boolean => {
    const before = known.get(key);
    return before === undefined || !saysTheSame(before, theirs);
  };
  for (const cookie of changes.put) {
    const key = identityOf(cookie);
    const theirs = merged.get(key);
    if (theirs !== undefined && isOlder(cookie, theirs) && isTheirs(key, theirs)) continue;
    merged.set(key, cookie);
  }
  for (const cookie of changes.removed) {
    const theirs = merged.get(identityOf(cookie));
    // A cookie that another side has set again is not the one that was removed here.
    if (theirs !== undefined && !isTheirs(identityOf(cookie), theirs)) merged.delete(identityOf(cookie));
  }
  return [...merged.values()];
}

/** The contribution of one side to a document. */
export interface OwnState {
  /** The document that this side would write alone. */
  readonly document: SessionDocument;
  /** The stored document when this side last read it. */
  readonly base: SessionDocument | null;
  readonly changes: CookieChanges;
}

/** True when the store has lost documents, or was restored from an older state: a missing cookie was not deleted. */
export function hasGoneBack(stored: SessionDocument, base: SessionDocument): boolean {
  return stored.era !== base.era || stored.revision < base.revision;
}

/** Merges one side's document into the stored one: cookie by cookie, counts added up, the newest of times. */
export function mergeDocument(stored: SessionDocument | null, own: OwnState): SessionDocument {
  const { document, base, changes } = own;
  if (stored !== null && base !== null && hasGoneBack(stored, base)) return uniteDocuments(stored, document);
  const added = (key: 'requests' | 'logins'): number =>
    (stored?.[key] ?? base?.[key] ?? 0) + document[key] - (base?.[key] ?? 0);
  return {
    ...common(stored, document),
    revision: (stored?.revision ?? base?.revision ?? 0) + 1,
    requests: added('requests'),
    logins: added('logins'),
    // Without a stored document the whole state is written again.
    cookies: mergeCookies(stored?.cookies ?? base?.cookies ?? [], base?.cookies ?? [], changes),
    userData:
      stored === null
        ? document.userData
        : mergeData(stored.userData, base?.userData ?? null, document.userData),
  };
}

/** All cookies of both sides; of two values of one cookie the newer. */
function uniteDocuments(stored: SessionDocument, document: SessionDocument): SessionDocument {
  return {
    ...common(stored, document),
    revision: Math.max(stored.revision, document.revision) + 1,
    requests: Math.max(stored.requests, document.requests),
    logins: Math.max(stored.logins, document.logins),
    cookies: mergeCookies(stored.cookies, [], { put: document.cookies, removed: [] }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Merges one side's user data into the stored data: objects key by key, so that two sides with different keys lose
 * nothing; for one key, and for any other value, the last write wins.
 */
export function mergeData(stored: unknown, base: unknown, own: unknown): unknown {
  if (isSame(own, base)) return stored;
  if (!isFields(stored) || !isFields(base ?? {}) || !isFields(own)) return own;
  const before: Fields = isFields(base) ? base : {};
  const merged = new Map(Object.entries(stored));
  for (const [key, value] of Object.entries(own)) if (!isSame(value, before[key])) merged.set(key, value);
  for (const key of Object.keys(before)) if (!Object.hasOwn(own, key)) merged.delete(key);
  return Object.fromEntries(merged);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** For data that JSON can represent. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** The part that is the same in every kind of merge. */
function common(stored: SessionDocument | null, document: SessionDocument): SessionDocument {
  const { lineage = document.lineage, era = document.era } = stored ?? {};
  return {
    ...document,
    ...(lineage === undefined ? {} : { lineage }),
    ...(era === undefined ? {} : { era }),
    createdAt: Math.min(document.createdAt, stored?.createdAt ?? document.createdAt),
    lastUsedAt: Math.max(document.lastUsedAt, stored?.lastUsedAt ?? 0),
    ...newest('loginPause', document, stored),
    ...newest('account', document, stored),
  };
}

/** The newer of two notes. */
function newest<Key extends 'loginPause' | 'account'>(
  key: Key,
  own: SessionDocument,
  theirs: SessionDocument | null,
): Pick<SessionDocument, Key> | undefined {
  const [mine, other] = [own[key], theirs?.[key]];
  const note = (other?.changedAt ?? 0) > (mine?.changedAt ?? 0) ? other : mine;
  return note === undefined ? undefined : ({ [key]: note } as Pick<SessionDocument, Key>);
}
