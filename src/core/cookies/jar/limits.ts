import { checkOptions, ownCopy } from '../../checks.ts';
import { invalidOption } from '../../errors.ts';

/** Most bytes of a cookie's name and value together. RFC 6265bis 5.6; both browsers. */
export const maxNameValueBytes = 4096;
/** Most bytes of an attribute's value; a longer attribute is ignored. RFC 6265bis 5.6; both browsers. */
export const maxAttributeBytes = 1024;
/** Longest life of a cookie in milliseconds: 400 days. RFC 6265bis 5.5; both browsers. */
export const maxLifeMs = 400 * 86_400_000;
/** Milliseconds for which a full jar keeps a cookie after its last use. Chromium: kSafeFromGlobalPurgeDays. */
export const spareMs = 30 * 86_400_000;
/** Most cookies of one site (registrable domain); one more cuts them to {@link siteCookiesKept}. Both browsers. */
export const maxSiteCookies = 180;
/** Cookies that remain when a site has too many. Chromium: kDomainMaxCookies - kDomainPurgeCookies; Firefox: quotaPerHost. */
export const siteCookiesKept = 150;
/** Longest Cookie header that is sent, in bytes. Some servers respond with 400 or 431 to shorter ones. */
export const maxCookieBytes = 32_768;
/**
 * Most characters that the hosts below one label may set for a parent domain: many servers accept a head of at most
 * 8190 bytes.
 */
export const maxParentCharacters = 8000;

/** Limits on what servers may store in a jar. */
export interface CookieLimits {
  /**
   * Most cookies; one more cuts them by up to an eleventh.
   * @default 3300
   */
  readonly maxCookies: number;
  /**
   * Most characters of all names, values, domains and paths together; one more cuts them by an eleventh.
   * @default 4194304
   */
  readonly maxCharacters: number;
}

/** Chromium's kMaxCookies, and a limit on the size of a saved session. */
export const defaultLimits: CookieLimits = { maxCookies: 3300, maxCharacters: 4 * 1024 * 1024 };

const limitKeys: ReadonlySet<string> = new Set(Object.keys(defaultLimits));

/**
 * Checks limits and fills in the defaults.
 *
 * @param option the option that holds them; left out where they are the argument of a constructor
 * @throws RequestError ERR_INVALID_OPTION for a limit that is not a whole number from 1
 */
export function resolveLimits(given: unknown, option?: string): CookieLimits {
  checkOptions(given, option ?? 'Limits of a cookie jar', limitKeys);
  const { maxCookies = defaultLimits.maxCookies, maxCharacters = defaultLimits.maxCharacters } = ownCopy(
    'limits',
    given as Partial<CookieLimits>,
  );
  for (const [key, value] of Object.entries({ maxCookies, maxCharacters })) {
    if (isLimit(value)) continue;
    throw invalidOption(option === undefined ? key : `${option}.${key}`, 'a whole number from 1', value);
  }
  return { maxCookies, maxCharacters };
}

/** Whether a value can be one of the limits. */
export function isLimit(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

/** Whether limits are the defaults. */
export function isDefault({ maxCookies, maxCharacters }: CookieLimits): boolean {
  return maxCookies === defaultLimits.maxCookies && maxCharacters === defaultLimits.maxCharacters;
}

/**
 * The part of a number that is kept when it exceeds its limit. Chromium keeps 3000 (kMaxCookies - kPurgeCookies) of
 * 3300.
 */
export function keptOf(most: number, ceiling: number): number {
  return ceiling - Math.floor(most / 11);
}

/**
 * Whether `text` takes more than `limit` bytes on the wire.
 *
 * Text is UTF-8; a lone surrogate U+DC80 to U+DCFF stands for one byte that was not UTF-8, and counts as one.
 */
export function exceedsBytes(text: string, limit: number): boolean {
  // A UTF-16 unit needs at most three bytes, so short text needs no count.
  if (text.length * 3 <= limit) return false;
  return text.length > limit || wireLength(text) > limit;
}

/** Bytes that `text` takes on the wire; see {@link exceedsBytes}. */
export function wireLength(text: string): number {
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
