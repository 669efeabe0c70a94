/** Most bytes of a cookie's name and value together. RFC 6265bis 5.6; both browsers. */
export const maxNameValueBytes = 4096;
/** Most bytes of an attribute's value; a longer attribute is ignored. RFC 6265bis 5.6; both browsers. */
export const maxAttributeBytes = 1024;
/** Longest life of a cookie in milliseconds: 400 days. RFC 6265bis 5.5; both browsers. */
export const maxLifeMs = 400 * 86_400_000;
/** Most cookies of one site (registrable domain); one more cuts them to {@link siteCookiesKept}. Both browsers. */
export const maxSiteCookies = 180;
/** Cookies that remain when a site has too many. Chromium: kDomainMaxCookies - kDomainPurgeCookies; Firefox: quotaPerHost. */
export const siteCookiesKept = 150;
/** Most cookies in all; one more cuts them to {@link cookiesKept}. Chromium: kMaxCookies. */
export const maxCookies = 3300;
/** Cookies that remain when there are too many in all. Chromium: kMaxCookies - kPurgeCookies. */
export const cookiesKept = 3000;

/**
 * Tells whether `text` takes more than `limit` bytes on the wire.
 *
 * Text is UTF-8; a lone surrogate U+DC80 to U+DCFF stands for one byte that was no UTF-8, and counts as one.
 */
export function exceedsBytes(text: string, limit: number): boolean {
  // Nothing takes more than three bytes per UTF-16 unit, so that short text needs no count.
  if (text.length * 3 <= limit) return false;
  return text.length > limit || wireLength(text) > limit;
}

/** Bytes that `text` takes on the wire; see {@link exceedsBytes}. */
function wireLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (isHighSurrogate(code) && isLowSurrogate(text.charCodeAt(at + 1))) {
      // Four bytes for two units.
      bytes += 2;
      at++;
    } else if (code < 0xdc80 || code > 0xdcff) bytes += 2;
  }
  return bytes;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
