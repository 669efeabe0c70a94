import { trimBlanks } from '../../header-text.ts';
import type { CookieInit } from '../jar/cookie-record.ts';

/**
 * The pairs of a Cookie header, with or without the header's name: the form in which a browser's developer tools copy
 * it.
 */
export function pairsOfHeader(text: string): string[] {
  const line = trimBlanks(text.trim());
  const value = /^cookie:/i.test(line) ? line.slice('cookie:'.length) : line;
  return value
    .split(';')
    .map(trimBlanks)
    .filter((pair) => pair !== '');
}

/** Whether text can be a Cookie header: one line, with a pair or the header's name. */
export function isCookieHeader(text: string): boolean {
  const line = text.trim();
  if (line.includes('\n') || line.startsWith('{') || line.startsWith('[')) return false;
  return line.includes('=') || /^cookie:/i.test(line);
}

/**
 * A pair as a cookie of the URL that it was sent to. A header has no domain, path or expiry. So it becomes a session
 * cookie for that host only and all its paths, and over https a Secure one.
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
