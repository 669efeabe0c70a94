import { trimBlanks } from '../../header-text.ts';
import type { CookieInit } from '../jar/cookie-record.ts';

/** The pairs of a Cookie header, with or without its name in front: what a browser's developer tools copy. */
export function pairsOfHeader(text: string): string[] {
  const line = trimBlanks(text.trim());
  const value = /^cookie:/i.test(line) ? line.slice('cookie:'.length) : line;
  return value
    .split(';')
    .map(trimBlanks)
    .filter((pair) => pair !== '');
}

/** Tells whether text can be a Cookie header: one line, with a pair in it or the header's name in front. */
export function isCookieHeader(text: string): boolean {
  const line = text.trim();
  if (line.includes('\n') || line.startsWith('{') || line.startsWith('[')) return false;
  return line.includes('=') || /^cookie:/i.test(line);
}

/**
 * A pair as a cookie of the URL that it went to. A header tells neither domain nor path nor end: it becomes a session
 * cookie for that host alone and all its paths, and over https a Secure one.
 */
export function readPair(pair: string, url: URL): CookieInit {
  const equals = pair.indexOf('=');
  return {
    name: equals < 0 ? '' : trimBlanks(pair.slice(0, equals)),
    value: trimBlanks(pair.slice(equals + 1)),
    domain: url.hostname,
    hostOnly: true,
    path: '/',
    secure: url.protocol === 'https:',
  };
}
