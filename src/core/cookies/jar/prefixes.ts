/** The attributes that the rules of a prefix are about. */
interface PrefixedCookie {
  readonly name: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
}

const prefixes = ['__secure-', '__host-', '__http-', '__host-http-'];

/** Whether `text` begins with a prefix of cookie names. */
export function hasPrefix(text: string): boolean {
  if (!text.startsWith('__')) return false;
  const lower = text.toLowerCase();
  return prefixes.some((prefix) => lower.startsWith(prefix));
}

/**
 * Whether a cookie satisfies the rules of its name's prefix. The prefix is compared without case. Source: RFC 6265bis
 * 4.1.3 and 5.7; the two Http prefixes: both browsers.
 *
 * @param hostLocked true when it has Path=/ and no Domain
 */
export function keepsPrefix(cookie: PrefixedCookie, hostLocked: boolean): boolean {
  if (!cookie.name.startsWith('__')) return true;
  const name = cookie.name.toLowerCase();
  if (name.startsWith('__host-http-')) return cookie.secure && cookie.httpOnly && hostLocked;
  if (name.startsWith('__host-')) return cookie.secure && hostLocked;
  if (name.startsWith('__http-')) return cookie.secure && cookie.httpOnly;
  return !name.startsWith('__secure-') || cookie.secure;
}
