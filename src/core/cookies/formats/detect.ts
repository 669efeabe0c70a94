import { RequestError } from '../../errors.ts';
import { isCookieHeader, pairsOfHeader } from './cookie-header.ts';
import { isCurlCommand, readCurlCommand } from './curl-command.ts';
import { isNetscape } from './netscape.ts';
import type { RecordFields } from './record.ts';

/** A format that cookies are read from. */
export type ImportFormat =
  | 'netscape'
  | 'cookie-header'
  | 'curl'
  | 'playwright'
  | 'chrome'
  | 'puppeteer'
  | 'tough-cookie'
  | 'webdriver';

/** A format of records; the others are text. */
type RecordFormat = Exclude<ImportFormat, 'netscape' | 'cookie-header' | 'curl'>;

/** Cookies of a file before they are read one by one. */
export type CookieSource =
  | { readonly format: 'netscape'; readonly text: string }
  | { readonly format: 'cookie-header' | 'curl'; readonly pairs: readonly string[]; readonly url: URL }
  | { readonly format: RecordFormat; readonly records: readonly unknown[] };

/**
 * Detects the format of a text or of parsed JSON, unless the caller names it.
 *
 * @param url the URL that the cookies of a Cookie header were sent to
 * @throws RequestError ERR_INVALID_COOKIE for input that is not a cookie file; the message never shows the content
 */
export function openSource(input: unknown, format: ImportFormat | undefined, url: URL | null): CookieSource {
  const known = format ?? (typeof input === 'string' ? formatOfText(input, url) : undefined);
  switch (known) {
    case 'netscape':
      return { format: known, text: needText(input, known) };
    case 'cookie-header':
      return openHeader(needText(input, known), url);
    case 'curl':
      return openCommand(needText(input, known), url);
    default: {
      const parsed = typeof input === 'string' ? parseJson(input) : input;
      const records = listOf(parsed);
      const recordFormat = known ?? recognise(parsed, records);
      for (const record of records.filter(isFields)) checkEnd(record, recordFormat);
      return { format: recordFormat, records };
    }
  }
}

/** The format of a text that is not JSON. */
function formatOfText(text: string, url: URL | null): 'netscape' | 'cookie-header' | 'curl' | undefined {
  // Checked first, since a host in brackets begins like a list in JSON. JSON has no tabs after the start of a line.
  if (isNetscape(text)) return 'netscape';
  if (isCurlCommand(text)) return 'curl';
  if (!isCookieHeader(text)) return undefined;
  return url !== null || /^\s*cookie:/i.test(text) ? 'cookie-header' : undefined;
}

function needText(input: unknown, format: ImportFormat): string {
  if (typeof input === 'string') return input;
  throw unreadable(`what is of the format ${format} is text`);
}

function openHeader(text: string, url: URL | null): CookieSource {
  if (url === null) throw unreadable('a Cookie header does not say whose it is: give the option url');
  return { format: 'cookie-header', pairs: pairsOfHeader(text), url };
}

function openCommand(text: string, given: URL | null): CookieSource {
  const command = readCurlCommand(text);
  if (!command.isAlone) throw unreadable('there is more than one curl command: give one of them');
  const url = given ?? (command.url === undefined ? null : URL.parse(command.url));
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw unreadable('the curl command has no http or https URL: give the option url');
  }
  if (command.pairs.length === 0) throw unreadable('the curl command has no Cookie header');
  return { format: 'curl', pairs: command.pairs, url };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The cause is left out: it quotes the text, which holds cookie values.
    throw unreadable('the text is neither JSON nor a cookies.txt');
  }
}

/** The list itself, or the one below `cookies`. */
function listOf(parsed: unknown): readonly unknown[] {
  const list = isFields(parsed) && Object.hasOwn(parsed, 'cookies') ? parsed.cookies : parsed;
  if (Array.isArray(list)) return list;
  throw unreadable('there is no list of cookies');
}

/** Fields that only one format has. The first one in any record decides, because some records may be broken. */
const marks: readonly (readonly [format: RecordFormat, isMarked: (record: RecordFields) => boolean])[] = [
  ['tough-cookie', (record) => hasAny(record, 'key')],
  ['webdriver', (record) => hasAny(record, 'expiry')],
  ['chrome', (record) => hasAny(record, 'expirationDate', 'hostOnly', 'storeId')],
  ['chrome', ({ sameSite }) => typeof sameSite === 'string' && /^[a-z]/.test(sameSite)],
  ['puppeteer', (record) => hasAny(record, 'size', 'session', 'priority', 'sourceScheme', 'sameParty')],
  ['puppeteer', ({ partitionKey }) => isFields(partitionKey)],
  // The other fields are common to both. Playwright always writes SameSite and path, so its reader is the stricter one.
  [
    'playwright',
    (record) => hasAny(record, 'sameSite') && hasAny(record, 'path') && hasAny(record, 'expires'),
  ],
  ['puppeteer', (record) => hasAny(record, 'sameSite', 'expires', 'url')],
  // Session cookies without SameSite.
  [
    'webdriver',
    (record) => hasAny(record, 'domain') && hasAny(record, 'secure') && hasAny(record, 'httpOnly'),
  ],
];

function recognise(parsed: unknown, records: readonly unknown[]): RecordFormat {
  const known = records.filter(isFields);
  // The session's own records would lose their expiry in every other format.
  if (known.some((record) => hasAny(record, 'expiresAtMs'))) {
    throw unreadable('these are cookies of getAllCookies(): give them to setCookies()');
  }
  const found = formatOfEnvelope(parsed) ?? marks.find(([, isMarked]) => known.some(isMarked))?.[0];
  if (found !== undefined) return found;
  // An empty list is an empty export of any format.
  if (records.length === 0) return 'chrome';
  throw unreadable('the format of the cookies is not recognised: name it');
}

/** The fields in which a format gives the expiry of a cookie. */
const endFields: Readonly<Record<RecordFormat, readonly string[]>> = {
  playwright: ['expires'],
  puppeteer: ['expires'],
  chrome: ['expirationDate'],
  webdriver: ['expiry'],
  'tough-cookie': ['expires', 'maxAge'],
};

/** Matches a field whose name may mean an expiry. */
const endWord = /expir|max-?_?age|ttl|lifetime|valid-?_?(until|to)|deadline/i;

/** Refuses a list whose expiry times would be lost: an expired login would become valid again. */
function checkEnd(record: RecordFields, format: RecordFormat): void {
  const understood = endFields[format];
  if (hasAny(record, ...understood)) return;
  // -1 is a session cookie in every format that uses it.
  const saysEnd = (key: string): boolean => record[key] != null && record[key] !== -1;
  const unknown = Object.keys(record).find((key) => endWord.test(key) && saysEnd(key));
  if (unknown === undefined) return;
  throw unreadable(
    `their end is in the field ${JSON.stringify(unknown.slice(0, 40))}, which the format ${format} does not have`,
  );
}

function formatOfEnvelope(parsed: unknown): RecordFormat | undefined {
  if (!isFields(parsed)) return undefined;
  if (typeof parsed.version === 'string' && parsed.version.startsWith('tough-cookie@')) return 'tough-cookie';
  return hasAny(parsed, 'origins') ? 'playwright' : undefined;
}

function hasAny(record: RecordFields, ...keys: string[]): boolean {
  return keys.some((key) => Object.hasOwn(record, key));
}

function isFields(value: unknown): value is RecordFields {
  return typeof value === 'object' && value !== null;
}

function unreadable(why: string): RequestError {
  return new RequestError('ERR_INVALID_COOKIE', `Cookies cannot be imported: ${why}`);
}
