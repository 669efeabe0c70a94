import { RequestError } from '../../errors.ts';
import { isNetscape } from './netscape.ts';
import type { RecordFields } from './record.ts';

/** A format of records, told from text. */
type RecordFormat = 'playwright' | 'chrome' | 'puppeteer' | 'tough-cookie';

/** Cookies of a file before they are read one by one. */
export type CookieSource =
  | { readonly format: 'netscape'; readonly text: string }
  | { readonly format: RecordFormat; readonly records: readonly unknown[] };

/**
 * Finds out in which format text or parsed JSON is, unless the caller knows.
 *
 * @throws RequestError ERR_INVALID_COOKIE for what is no file of cookies; it never shows the content
 */
export function openSource(input: unknown, format: 'netscape' | RecordFormat | undefined): CookieSource {
  if (format === 'netscape') {
    if (typeof input === 'string') return { format, text: input };
    throw unreadable('cookies.txt is text');
  }
  const isText = typeof input === 'string';
  // First, since a host in brackets begins like a list in JSON; JSON has no tabs behind the beginning of a line.
  if (isText && format === undefined && isNetscape(input)) return { format: 'netscape', text: input };
  const parsed = isText ? parseJson(input) : input;
  const records = listOf(parsed);
  return { format: format ?? recognise(parsed, records), records };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without its cause, which quotes the text: values are in there.
    throw unreadable('the text is neither JSON nor a cookies.txt');
  }
}

/** The list itself, or the one below `cookies`. */
function listOf(parsed: unknown): readonly unknown[] {
  const list = isFields(parsed) && Object.hasOwn(parsed, 'cookies') ? parsed.cookies : parsed;
  if (Array.isArray(list)) return list;
  throw unreadable('there is no list of cookies');
}

/** Words of a record that only one format has; the first that any record has decides, since some may be broken. */
const marks: readonly (readonly [format: RecordFormat, isMarked: (record: RecordFields) => boolean])[] = [
  ['tough-cookie', (record) => hasAny(record, 'key')],
  ['chrome', (record) => hasAny(record, 'expirationDate', 'hostOnly', 'storeId')],
  ['chrome', ({ sameSite }) => typeof sameSite === 'string' && /^[a-z]/.test(sameSite)],
  ['puppeteer', (record) => hasAny(record, 'size', 'session', 'priority', 'sourceScheme', 'sameParty')],
  ['puppeteer', ({ partitionKey }) => isFields(partitionKey)],
  // Both say the rest; Playwright always says SameSite and path, and so is the stricter reader of the two.
  [
    'playwright',
    (record) => hasAny(record, 'sameSite') && hasAny(record, 'path') && hasAny(record, 'expires'),
  ],
  ['puppeteer', (record) => hasAny(record, 'sameSite', 'expires', 'url')],
];

function recognise(parsed: unknown, records: readonly unknown[]): RecordFormat {
  const known = records.filter(isFields);
  // The session's own records would lose their end in every other format.
  if (known.some((record) => hasAny(record, 'expiresAtMs'))) {
    throw unreadable('these are cookies of getAllCookies(): give them to setCookies()');
  }
  const found = formatOfEnvelope(parsed) ?? marks.find(([, isMarked]) => known.some(isMarked))?.[0];
  if (found !== undefined) return found;
  // An empty list is an empty export of any.
  if (records.length === 0) return 'chrome';
  throw unreadable('the format of the cookies is not recognised: name it');
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
