import { types } from 'node:util';
import type { SerializedCookieJar } from 'tough-cookie';
import { checkOneOf, checkOptions, ownCopy } from '../../checks.ts';
import { invalidOption } from '../../errors.ts';
import { decodeHeaderText } from '../../header-text.ts';
import type { CookieAccess, SessionCookie } from '../adapter/index.ts';
import type { CookieInit } from '../jar/browser-cookie-jar.ts';
import { parseCookieUrl } from '../jar/cookie-url.ts';
import { type ChromeCookie, readChrome, writeChrome } from './chrome.ts';
import { readPair } from './cookie-header.ts';
import { type CookieSource, type ImportFormat, openSource } from './detect.ts';
import { type DevtoolsCookie, readDevtools, writeDevtools } from './devtools.ts';
import { cookieLines, readLine, writeNetscape } from './netscape.ts';
import { type PlaywrightState, readPlaywright, writePlaywright } from './playwright.ts';
import { fieldsOf, RecordError, type RejectedCookie } from './record.ts';
import { readToughCookie, writeToughCookie } from './tough-cookie.ts';
import { readWebDriver, type WebDriverCookie, writeWebDriver } from './webdriver.ts';

export type { ChromeCookie } from './chrome.ts';
export type { ImportFormat } from './detect.ts';
export type { DevtoolsCookie } from './devtools.ts';
export type { PlaywrightCookie, PlaywrightState } from './playwright.ts';
export type { RecordRejection, RejectedCookie } from './record.ts';
export type { WebDriverCookie } from './webdriver.ts';

/** The type that each format is written as. */
export interface CookieExports {
  /** The cookies.txt of curl, wget, Python's MozillaCookieJar and yt-dlp. */
  netscape: string;
  /** Playwright's storageState. */
  playwright: PlaywrightState;
  /** `chrome.cookies`, EditThisCookie, Cookie-Editor, Electron. */
  chrome: ChromeCookie[];
  /** Puppeteer and the Chrome DevTools Protocol. */
  puppeteer: DevtoolsCookie[];
  /** WebDriver, Selenium, WebdriverIO. Cypress lists are read as this, too. */
  webdriver: WebDriverCookie[];
  /** tough-cookie's serialized jar. */
  'tough-cookie': SerializedCookieJar;
}

/** A form in which programs keep cookies. */
export type CookieFormat = keyof CookieExports;

/** Options of {@link Session.importCookies}. */
export interface ImportOptions {
  /** Detected when left out. */
  readonly format?: ImportFormat | undefined;
  /** The URL that a Cookie header was sent to; takes precedence over the URL of a curl command. */
  readonly url?: string | URL | undefined;
}

/** The result of an import. */
export interface CookieImport {
  /** The format, given or detected. */
  readonly format: ImportFormat;
  /** How many cookies were stored. */
  readonly imported: number;
  /** The entries that were left out, in the order of the file. */
  readonly rejected: readonly RejectedCookie[];
}

const writers: {
  readonly [Format in CookieFormat]: (cookies: readonly SessionCookie[]) => CookieExports[Format];
} = {
  netscape: writeNetscape,
  playwright: writePlaywright,
  chrome: writeChrome,
  puppeteer: writeDevtools,
  webdriver: writeWebDriver,
  'tough-cookie': writeToughCookie,
};

const formats = Object.keys(writers) as CookieFormat[];
const importFormats: readonly ImportFormat[] = [...formats, 'cookie-header', 'curl'];
const importKeys: ReadonlySet<string> = new Set(['format', 'url']);

const readers = {
  playwright: readPlaywright,
  chrome: readChrome,
  puppeteer: readDevtools,
  webdriver: readWebDriver,
  'tough-cookie': readToughCookie,
} as const;

/**
 * Exports cookies in the format of another program.
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
 * Imports cookies of another program into a jar, by the rules for live cookies. Invalid ones are left out and
 * reported; the others are stored.
 *
 * @throws RequestError ERR_INVALID_COOKIE for input that is not a cookie file, ERR_INVALID_OPTION for an unknown
 * format
 */
export function importCookies(
  access: Pick<CookieAccess, 'putOne'>,
  input: unknown,
  given: ImportFormat | ImportOptions = {},
): CookieImport {
  const { format, url } = resolveOptions(given);
  const source = openSource(contentOf(input), format, url);
  const rejected: RejectedCookie[] = [];
  let imported = 0;
  for (const { place, read } of readingsOf(source)) {
    const outcome = store(access, read);
    if (outcome === null) imported++;
    else rejected.push({ ...place, ...outcome });
  }
  return { format: source.format, imported, rejected };
}

function resolveOptions(given: ImportFormat | ImportOptions): {
  format: ImportFormat | undefined;
  url: URL | null;
} {
  if (typeof given === 'string') return { format: checkOneOf('format', given, importFormats), url: null };
  checkOptions(given, 'importCookies options', importKeys);
  const { format, url } = ownCopy('importCookies options', given);
  return {
    format: format === undefined ? undefined : checkOneOf('format', format, importFormats),
    url: url === undefined ? null : parseCookieUrl(url),
  };
}

/** Bytes of a file are decoded like those of a Cookie header, so that bytes that are not UTF-8 are kept. */
function contentOf(input: unknown): unknown {
  const text = types.isUint8Array(input) ? decodeHeaderText(Buffer.from(input).toString('latin1')) : input;
  if (typeof text === 'string') return text.replace(/^\ufeff/, '');
  if (typeof text === 'object' && text !== null) return text;
  throw invalidOption('input', 'the text of a file, or what JSON.parse made of it', typeof text);
}

/** One cookie of a source: its position, and a function that reads it. */
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
  if ('pairs' in source) return readingsOfPairs(source.pairs, source.url);
  const now = Date.now();
  const reader = readers[source.format];
  return source.records.map((record, index) => ({
    place: { index },
    read: () => reader(fieldsOf(record), now),
  }));
}

/** Of several cookies with one name the first has the longest path, and it is the one that servers read. */
function readingsOfPairs(pairs: readonly string[], url: URL): Reading[] {
  const names = new Set<string>();
  return pairs.map((pair, index) => ({
    place: { index },
    read: () => {
      const cookie = readPair(pair, url);
      if (names.has(cookie.name)) throw new RecordError('duplicate');
      names.add(cookie.name);
      return cookie;
    },
  }));
}

/** Stores one cookie; returns the reason for refusing it, or `null`. */
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
