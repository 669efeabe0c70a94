import { decodeHeaderText } from '../header-text.ts';
import type { RawHeaders } from '../http.ts';
import type { CookieAccess } from './adapter/index.ts';
import { clearsCookies } from './clear-site-data.ts';
import type { SetCookieResult } from './jar/outcome.ts';
import { nameOfLine } from './jar/parse.ts';
import type { SameSiteContext } from './jar/rules.ts';

/** Most Set-Cookie lines of one response that are read: as many as browsers keep for a site. */
const maxSetCookieLines = 180;

type Results = readonly SetCookieResult[];

const noResults: Results = [];

/** Whether a response changes the jar. */
export function concernsCookies(headers: RawHeaders): boolean {
  return headers['set-cookie'] !== undefined || headers['clear-site-data'] !== undefined;
}

/**
 * Applies the head of a response to the jar: its Set-Cookie lines in wire order, then Clear-Site-Data, which also
 * clears the cookies that the same head has set (both browsers).
 */
export function storeCookies(
  access: CookieAccess,
  headers: RawHeaders,
  url: URL,
  context: SameSiteContext,
): Results | Promise<Results> {
  const given = headers['set-cookie'];
  const stored = given === undefined ? noResults : storeLines(access, given, headers, url, context);
  if (!clearsCookies(headers, url)) return stored;
  return stored instanceof Promise
    ? stored.then((results) => clear(access, url, results))
    : clear(access, url, stored);
}

function storeLines(
  access: CookieAccess,
  given: string | string[],
  { date }: RawHeaders,
  url: URL,
  context: SameSiteContext,
): Results | Promise<Results> {
  // Two Date headers count as none.
  const clock = typeof date === 'string' ? date : undefined;
  if (typeof given === 'string') return access.receive([decodeHeaderText(given)], url, context, clock);
  const lines = given.slice(0, maxSetCookieLines).map(decodeHeaderText);
  const read = access.receive(lines, url, context, clock);
  if (given.length <= maxSetCookieLines) return read;
  const unread = given.slice(maxSetCookieLines).map((line) => ({
    name: nameOfLine(decodeHeaderText(line)),
    stored: false,
    reason: 'too-many' as const,
  }));
  return read instanceof Promise ? read.then((results) => [...results, ...unread]) : [...read, ...unread];
}

function clear(access: CookieAccess, url: URL, results: Results): Results | Promise<Results> {
  const outcome = results.map((result) =>
    result.stored ? { name: result.name, stored: false, reason: 'cleared' as const } : result,
  );
  const cleared = access.removeSite(url);
  return cleared instanceof Promise ? cleared.then(() => outcome) : outcome;
}
