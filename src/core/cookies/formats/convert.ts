import type { SerializedCookieJar } from 'tough-cookie';
import { checkOneOf } from '../../checks.ts';
import { invalidOption } from '../../errors.ts';
import { decodeHeaderText } from '../../header-text.ts';
import type { CookieAccess, SessionCookie } from '../adapter/index.ts';
import type { CookieInit } from '../jar/browser-cookie-jar.ts';
import { type ChromeCookie, readChrome, writeChrome } from './chrome.ts';
import { type CookieSource, openSource } from './detect.ts';
import { type DevtoolsCookie, readDevtools, writeDevtools } from './devtools.ts';
import { cookieLines, readLine, writeNetscape } from './netscape.ts';
import { type PlaywrightState, readPlaywright, writePlaywright } from './playwright.ts';
import { fieldsOf, RecordError, type RejectedCookie } from './record.ts';
import { readToughCookie, writeToughCookie } from './tough-cookie.ts';

export type { ChromeCookie } from './chrome.ts';
export type { DevtoolsCookie } from './devtools.ts';
export type { PlaywrightCookie, PlaywrightState } from './playwright.ts';
export type { RecordRejection, RejectedCookie } from './record.ts';

/** What each format is made of. */
export interface CookieExports {
  /** cookies.txt of curl, wget, Python's MozillaCookieJar and yt-dlp. */
  netscape: string;
  /** Playwright's storageState. */
  playwright: PlaywrightState;
  /** `chrome.cookies`, EditThisCookie, Cookie-Editor, Electron. */
  chrome: ChromeCookie[];
  /** Puppeteer and the Chrome DevTools Protocol. */
  puppeteer: DevtoolsCookie[];
  /** tough-cookie's serialized jar. */
  'tough-cookie': SerializedCookieJar;
}

/** A form in which programs keep cookies. */
export type CookieFormat = keyof CookieExports;

/** What became of the cookies of a file. */
export interface CookieImport {
  /** The format that was given, or found out. */
  readonly format: CookieFormat;
  /** How many cookies were stored. */
  readonly imported: number;
  /** What was left out, in the order of the file. */
  readonly rejected: readonly RejectedCookie[];
}

const writers: {
  readonly [Format in CookieFormat]: (cookies: readonly SessionCookie[]) => CookieExports[Format];
} = {
  netscape: writeNetscape,
  playwright: writePlaywright,
  chrome: writeChrome,
  puppeteer: writeDevtools,
  'tough-cookie': writeToughCookie,
};

const formats = Object.keys(writers) as CookieFormat[];

const readers = {
  playwright: readPlaywright,
  chrome: readChrome,
  puppeteer: readDevtools,
  'tough-cookie': readToughCookie,
} as const;

/**
 * Writes cookies in a format of other programs.
 *
 * @throws RequestError ERR_INVALID_OPTION for an unknown format
 */
export function exportCookies<Format extends CookieFormat>(
  cookies: readonly SessionCookie[],
  format: Format,
): CookieExports[Format] {
  checkOneOf('format', format, formats);
  return writers[format](cookies);
}

/**
 * Reads cookies of other programs into a jar, by the rules that live cookies meet. What is bad is left out and
 * reported; the rest is stored.
 *
 * @throws RequestError ERR_INVALID_COOKIE for what is no file of cookies, ERR_INVALID_OPTION for an unknown format
 */
export function importCookies(
  access: Pick<CookieAccess, 'putOne'>,
  input: unknown,
  format: CookieFormat | undefined,
): CookieImport {
  if (format !== undefined) checkOneOf('format', format, formats);
  const source = openSource(contentOf(input), format);
  const rejected: RejectedCookie[] = [];
  let imported = 0;
  for (const { place, read } of readingsOf(source)) {
    const outcome = store(access, read);
    if (outcome === null) imported++;
    else rejected.push({ ...place, ...outcome });
  }
  return { format: source.format, imported, rejected };
}

/** Bytes of a file are read as a Cookie header's are, so that what is no UTF-8 is not lost. */
function contentOf(input: unknown): unknown {
  const text = input instanceof Uint8Array ? decodeHeaderText(Buffer.from(input).toString('latin1')) : input;
  if (typeof text === 'string') return text.replace(/^\ufeff/, '');
  if (typeof text === 'object' && text !== null) return text;
  throw invalidOption('input', 'the text of a file, or what JSON.parse made of it', typeof text);
}

/** One cookie of a source: where it stands, and how it is read. */
interface Reading {
  readonly place: Pick<RejectedCookie, 'line' | 'index'>;
  read(): CookieInit;
}

function readingsOf(source: CookieSource): Reading[] {
  if (source.format === 'netscape') {
    return cookieLines(source.text).map(({ line, text }) => ({
      place: { line },
      read: () => readLine(text),
    }));
  }
  const now = Date.now();
  const reader = readers[source.format];
  return source.records.map((record, index) => ({
    place: { index },
    read: () => reader(fieldsOf(record), now),
  }));
}

/** Stores one cookie; says why not, or `null`. */
function store(
  access: Pick<CookieAccess, 'putOne'>,
  read: () => CookieInit,
): Pick<RejectedCookie, 'name' | 'reason'> | null {
  let cookie: CookieInit;
  try {
    cookie = read();
  } catch (error) {
    if (error instanceof RecordError) return { reason: error.reason };
    throw error;
  }
  const reason = access.putOne(cookie);
  return reason === undefined ? null : { name: cookie.name, reason };
}
