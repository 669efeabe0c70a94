import { isIPv6 } from 'node:net';
import type { SessionCookie } from '../adapter/index.ts';
import type { CookieInit } from '../jar/browser-cookie-jar.ts';
import { dottedDomain, RecordError } from './record.ts';

/**
 * Netscape's cookies.txt, which curl, wget, Python and yt-dlp read and write. Seven columns between tabs: domain, for
 * subdomains as well, path, secure, expires, name, value. The format has no SameSite, Partitioned or creation time.
 * Source: curl docs/HTTP-COOKIES.md and lib/cookie.c; runs of the programs themselves.
 */

const firstLine = '# Netscape HTTP Cookie File';
const httpOnlyMark = '#HttpOnly_';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no column can hold
const unwritable = /[\x00\t\n\r]/;

/**
 * Serializes in the form that each of those programs reads: upper-case flags, whole seconds, 0 for a session cookie.
 */
export function writeNetscape(cookies: readonly SessionCookie[]): string {
  return [firstLine, ...cookies.map(writeLine), ''].join('\n');
}

function writeLine(cookie: SessionCookie): string {
  const { name, value, path, hostOnly, secure, httpOnly, expiresAtMs } = cookie;
  const columns = [
    (httpOnly ? httpOnlyMark : '') + dottedDomain(cookie),
    flag(!hostOnly),
    path === '' ? '/' : path,
    flag(secure),
    // Rounded up, so that a cookie in its last second does not count as expired.
    String(expiresAtMs === undefined ? 0 : Math.max(1, Math.ceil(expiresAtMs / 1000))),
    name,
    value,
  ];
  // The caller's own jar may hold such characters. A comment in the file names what is left out.
  if (columns.some((column) => unwritable.test(column))) {
    return `# left out, has a tab or a line break: ${JSON.stringify(name)}`;
  }
  return columns.join('\t');
}

function flag(value: boolean): string {
  return value ? 'TRUE' : 'FALSE';
}

/** Whether text looks like a cookies.txt: by its first line, or by a line with enough tabs. */
export function isNetscape(text: string): boolean {
  // Line by line: a pattern over the whole text would be tried at each place where a line may begin.
  return /^#( Netscape)? HTTP Cookie File/.test(text) || cookieLines(text).some(hasColumns);
}

function hasColumns({ text }: CookieLine): boolean {
  return !text.startsWith('\t') && text.split('\t', 6).length === 6;
}

/** One line that should be a cookie. */
export interface CookieLine {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** The lines of a file that are neither empty nor comments. */
export function cookieLines(text: string): CookieLine[] {
  return text
    .split('\n')
    .map((line, at) => ({ line: at + 1, text: line.endsWith('\r') ? line.slice(0, -1) : line }))
    .filter(
      ({ text: line }) => line.trim() !== '' && (!line.startsWith('#') || line.startsWith(httpOnlyMark)),
    );
}

/**
 * Reads one line, with the variants of different programs: flags in any case, a dot or a flag for a Domain cookie,
 * `host:port`, no value, times with a fraction or in milliseconds, and '', 0 or -1 for a session cookie.
 */
export function readLine(line: string): CookieInit {
  const httpOnly = line.startsWith(httpOnlyMark);
  const columns = (httpOnly ? line.slice(httpOnlyMark.length) : line).split('\t');
  const [domain = '', subdomains = '', path = '', secure = '', expires = '', name, value = ''] = columns;
  // With too many columns it is unknown which one is the name.
  if (name === undefined || columns.length > 7) throw new RecordError('malformed');
  const hostOnly = !readFlag(subdomains) && !domain.startsWith('.');
  return {
    name,
    value,
    domain: readHost(domain.startsWith('.') ? domain.slice(1) : domain),
    hostOnly,
    path: path === '' ? '/' : path,
    secure: readFlag(secure),
    httpOnly,
    expiresAtMs: readExpires(expires),
  };
}

function readFlag(text: string): boolean {
  const word = text.toUpperCase();
  if (word !== 'TRUE' && word !== 'FALSE') throw new RecordError('invalid-flag');
  return word === 'TRUE';
}

/** wget writes `host:port`, curl an IPv6 address without brackets. */
function readHost(text: string): string {
  if (isIPv6(text)) return `[${text}]`;
  const colon = text.lastIndexOf(':');
  return colon >= 0 && /^\d+$/.test(text.slice(colon + 1)) ? text.slice(0, colon) : text;
}

/** No cookie expires after this second, and each instant in milliseconds since 1973 is larger. */
const millisecondsFrom = 1e11;

function readExpires(text: string): number | undefined {
  if (!/^(-?\d+(\.\d*)?)?$/.test(text)) throw new RecordError('invalid-expires');
  const stamp = Number(text);
  if (stamp === 0 || stamp === -1) return undefined;
  // Finite, because a cookie without an expiry is a session cookie.
  return stamp > millisecondsFrom ? Math.min(stamp, Number.MAX_SAFE_INTEGER) : stamp * 1000;
}
