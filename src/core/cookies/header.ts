import { encodeHeaderText } from '../header-text.ts';
import { maxCookieBytes } from './jar/limits.ts';

export { maxCookieBytes };

/** Bytes that are left for the jar's cookies beside those of the caller's own Cookie header. */
export function roomBeside(own: string | null): number {
  if (own === null) return maxCookieBytes;
  return Math.max(0, maxCookieBytes - encodeHeaderText(own).length - separator.length);
}

/**
 * The bytes of the header. The jar's cookies are those that {@link roomBeside} has room for; of another jar, whose
 * cookies nobody has weighed, the last ones are left out: the newest of the shortest path.
 */
export function cookieHeader(jarCookies: string, own: string | null): string {
  const whole = joinCookies(jarCookies, own);
  if (whole.length <= maxCookieBytes) return whole;
  return joinCookies(firstThatFit(jarCookies, roomBeside(own)), own);
}

function joinCookies(jarCookies: string, own: string | null): string {
  return encodeHeaderText(own === null ? jarCookies : mergeCookies(jarCookies, own));
}

const separator = '; ';

function firstThatFit(jarCookies: string, room: number): string {
  const pairs = jarCookies.split(separator);
  let length = -separator.length;
  const end = pairs.findIndex((pair) => {
    length += encodeHeaderText(pair).length + separator.length;
    return length > room;
  });
  return pairs.slice(0, end < 0 ? pairs.length : end).join(separator);
}

/** The caller's cookies win by name, in the jar's place; the rest of them follow. */
function mergeCookies(jarCookies: string, own: string): string {
  const pairs = (header: string): string[] => header.split(';').map((pair) => pair.trim());
  const nameOf = (pair: string): string => pair.slice(0, Math.max(0, pair.indexOf('=')));
  const wanted = new Map<string, string[]>();
  for (const pair of pairs(own)) {
    if (pair !== '') wanted.set(nameOf(pair), [...(wanted.get(nameOf(pair)) ?? []), pair]);
  }
  const merged: string[] = [];
  for (const pair of jarCookies === '' ? [] : pairs(jarCookies)) {
    const replacement = wanted.get(nameOf(pair));
    if (replacement === undefined) merged.push(pair);
    else merged.push(...replacement.splice(0));
  }
  return [...merged, ...[...wanted.values()].flat()].join('; ');
}
