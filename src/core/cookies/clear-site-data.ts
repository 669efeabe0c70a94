import type { RawHeaders } from '../http.ts';
import { isTrustworthy } from '../sites.ts';

/**
 * Whether a response clears the cookies of its site. Source: W3C Clear Site Data, section 3; Chromium 156 and Firefox
 * 153: the types must have this case and double quotes, other words are ignored, and over http it applies to
 * localhost only.
 */
export function clearsCookies(headers: RawHeaders, url: URL): boolean {
  const given = headers['clear-site-data'];
  if (given === undefined || !isFetched(url) || !isTrustworthy(url)) return false;
  return (typeof given === 'string' ? [given] : given).some((line) =>
    line.split(',').some((word) => cookieWords.has(word.trim())),
  );
}

const cookieWords: ReadonlySet<string> = new Set(['"cookies"', '"*"']);

/** The handshake of a WebSocket does not fetch data of a page. */
function isFetched({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:';
}
