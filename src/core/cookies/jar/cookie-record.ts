import type { SameSite } from './parse.ts';

/** A cookie as plain data. The other types of cookies are parts of this one. */
export interface CookieRecord {
  readonly name: string;
  readonly value: string;
  /** Host, or the parent domain of a Domain cookie; no leading dot. */
  readonly domain: string;
  readonly path: string;
  /** True when it is sent to `domain` only, false when it is also sent to subdomains. */
  readonly hostOnly: boolean;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  /** Absent when it was not set, which counts as lax. */
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
 * A cookie to put into the jar unchanged, without a Set-Cookie line. Defaults: `path` is `/`, flags are false,
 * `hostOnly` is false when `domain` begins with a dot and otherwise true, `creation` is now; without `expiresAtMs` it
 * is a session cookie. `expiresAtMs` is limited to 400 days from now.
 */
export type CookieInit = Pick<CookieRecord, 'name' | 'value' | 'domain'> & {
  readonly [Key in Exclude<keyof CookieRecord, 'name' | 'value' | 'domain'>]?: CookieRecord[Key] | undefined;
};

/** The identity of a cookie: one with the same identity replaces it. RFC 6265bis 5.7; the partition: both browsers. */
export type CookieIdentity = Pick<CookieRecord, 'name' | 'domain' | 'hostOnly' | 'path' | 'partitioned'>;

/** A filter of cookies. A cookie matches when it has every given property. */
export interface CookieFilter {
  readonly name?: string | undefined;
  /** The cookie's own domain in any spelling, with or without a leading dot; parents and subdomains do not match. */
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
  readonly hostOnly?: boolean | undefined;
  readonly partitioned?: boolean | undefined;
}

/** Whether two cookies have the same identity. */
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

/** Whether two cookies of the same identity have equal content. */
export function hasSameContent(a: CookieContent, b: CookieContent): boolean {
  return (
    a.value === b.value &&
    a.expiresAtMs === b.expiresAtMs &&
    a.secure === b.secure &&
    a.httpOnly === b.httpOnly &&
    a.sameSite === b.sameSite
  );
}
