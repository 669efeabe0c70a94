import type { CookieAccess } from '../cookies/adapter/index.ts';
import type { SameSiteContext } from '../cookies/jar/browser-cookie-jar.ts';
import { nameOfLine } from '../cookies/jar/parse.ts';
import { decodeHeaderText } from '../header-text.ts';
import type { SetCookieResult } from './jar/outcome.ts';

/** Most Set-Cookie lines of one response that are read: as many as browsers keep of a site. */
const maxSetCookieLines = 180;

/** Reads a response's Set-Cookie lines into the jar, in wire order. */
export function storeCookies(
  access: CookieAccess,
  given: string | string[],
  url: URL,
  context: SameSiteContext,
): readonly SetCookieResult[] | Promise<readonly SetCookieResult[]> {
  if (typeof given === 'string') return access.receive([decodeHeaderText(given)], url, context);
  const read = access.receive(given.slice(0, maxSetCookieLines).map(decodeHeaderText), url, context);
  if (given.length <= maxSetCookieLines) return read;
  const unread = given.slice(maxSetCookieLines).map((line) => ({
    name: nameOfLine(decodeHeaderText(line)),
    stored: false,
    reason: 'too-many' as const,
  }));
  return read instanceof Promise ? read.then((results) => [...results, ...unread]) : [...read, ...unread];
}
