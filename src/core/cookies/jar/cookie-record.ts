import type { SameSite } from './parse.ts';

/** A cookie as plain data: the one record of a cookie, of which the other shapes are parts. */
export interface CookieRecord {
  readonly name: string;
  readonly value: string;
  /** Host, or the parent domain of a Domain cookie; no leading dot. */
  readonly domain: string;
  readonly path: string;
  /** True: sent to `domain` alone. False: to its subdomains as well. */
  readonly hostOnly: boolean;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** Absent when it was not said, which counts as lax. */
  readonly sameSite?: SameSite;
  /** Epoch milliseconds; absent for a cookie that ends with the session. */
  readonly expiresAtMs?: number;
  /** Present and true for a partitioned cookie. */
  readonly partitioned?: boolean;
  /** Epoch milliseconds at which a cookie of this identity was first stored. */
  readonly creation: number;
}

/** A cookie of a session as plain data. */
export type SessionCookie = Omit<CookieRecord, 'creation'>;

/**
 * A cookie to put into the jar as it is, without a Set-Cookie line. What is left out: `path` is `/`, flags are false,
 * `hostOnly` is false when `domain` begins with a dot and else true, `creation` is now; without `expiresAtMs` it ends
 * with the session. `expiresAtMs` is cut to 400 days from now.
 */
export type CookieInit = Pick<CookieRecord, 'name' | 'value' | 'domain'> & {
  readonly [Key in Exclude<keyof CookieRecord, 'name' | 'value' | 'domain'>]?: CookieRecord[Key] | undefined;
};

/** The identity of a cookie: one with the same identity replaces it. RFC 6265bis 5.7; the partition: both browsers. */
export type CookieIdentity = Pick<CookieRecord, 'name' | 'domain' | 'hostOnly' | 'path' | 'partitioned'>;

/** Which cookies are meant: those that have all of these. */
export interface CookieFilter {
  readonly name?: string | undefined;
  /** The cookie's own domain in any spelling, with or without a leading dot; parents and subdomains do not count. */
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
  readonly hostOnly?: boolean | undefined;
  readonly partitioned?: boolean | undefined;
}

/** Tells whether two cookies have one identity. */
export function isSameCookie(a: CookieIdentity, b: CookieIdentity): boolean {
  return (
    a.name === b.name &&
    a.path === b.path &&
    a.domain === b.domain &&
    a.hostOnly === b.hostOnly &&
    (a.partitioned === true) === (b.partitioned === true)
  );
}

/** The identity as text, for a map's key. */
export function identityOf({ domain, path, name, hostOnly, partitioned }: CookieIdentity): string {
  return JSON.stringify([domain, path, name, hostOnly, partitioned === true]);
}

/** The fields of a cookie that may change while it stays the same cookie. */
type CookieContent = Pick<CookieInit, 'secure' | 'httpOnly' | 'sameSite' | 'expiresAtMs'> & {
  readonly value?: string | undefined;
};

/** Tells whether two cookies of one identity say the same. */
export function hasSameContent(a: CookieContent, b: CookieContent): boolean {
  return (
    a.value === b.value &&
    a.expiresAtMs === b.expiresAtMs &&
    a.secure === b.secure &&
    a.httpOnly === b.httpOnly &&
    a.sameSite === b.sameSite
  );
}
