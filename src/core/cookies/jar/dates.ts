// RFC 6265bis 5.1.1: delimiter = %x09 / %x20-2F / %x3B-40 / %x5B-60 / %x7B-7E
function isDelimiter(code: number): boolean {
  return (
    code === 0x09 ||
    (code >= 0x20 && code <= 0x2f) ||
    (code >= 0x3b && code <= 0x40) ||
    (code >= 0x5b && code <= 0x60) ||
    (code >= 0x7b && code <= 0x7e)
  );
}

const colon = 0x3a;
const months = 'janfebmaraprmayjunjulaugsepoctnovdec';

/** The parts of a cookie-date that were found so far; -1 means "not yet". */
interface DateFields {
  secondOfDay: number;
  day: number;
  month: number;
  year: number;
}

/**
 * Reads the token from `start` to `end` into the first field that it fits. Returns false when the text cannot be a
 * date.
 */
function readToken(fields: DateFields, text: string, start: number, end: number): boolean {
  const digitsEnd = skipDigits(text, start, end);
  const digits = digitsEnd - start;
  if (digits === 0) {
    if (fields.month < 0) fields.month = parseMonth(text.slice(start, start + 3));
    return true;
  }
  if (fields.secondOfDay < 0 && text.charCodeAt(digitsEnd) === colon) {
    const time = parseTime(text, start, end);
    if (time !== undefined) {
      fields.secondOfDay = time;
      return time >= 0;
    }
  }
  const value = Number(text.slice(start, digitsEnd));
  if (fields.day < 0 && digits <= 2) {
    fields.day = value;
    return value >= 1 && value <= 31;
  }
  if (fields.year < 0 && digits >= 2 && digits <= 4) fields.year = fullYear(value);
  return true;
}

function skipDigits(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isDigit(text.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/**
 * Seconds since midnight of hour:minute:second, which anything but a digit may follow; -1 for a time out of range,
 * `undefined` for text that is not a time. Leading zeros are ignored (000:00:00 is midnight): browser capture, where
 * the RFC allows two digits at most.
 */
function parseTime(text: string, start: number, end: number): number | undefined {
  let seconds = 0;
  let valid = true;
  let at = start;
  for (let field = 0; field < 3; field++) {
    if (field > 0 && text.charCodeAt(at++) !== colon) return undefined;
    const fieldEnd = skipDigits(text, at, end);
    const value = Number(text.slice(at, fieldEnd));
    if (fieldEnd === at || value > 99) return undefined;
    valid &&= value <= (field === 0 ? 23 : 59);
    seconds = seconds * 60 + value;
    at = fieldEnd;
  }
  return valid ? seconds : -1;
}

function parseMonth(name: string): number {
  const at = name.length < 3 ? -1 : months.indexOf(name.toLowerCase());
  return at % 3 === 0 ? at / 3 : -1;
}

function fullYear(year: number): number {
  if (year >= 70 && year <= 99) return year + 1900;
  return year <= 69 ? year + 2000 : year;
}

/**
 * Parses the date of an Expires attribute.
 *
 * Source: RFC 6265bis section 5.1.1, which Chromium follows: no date has an hour of 24, a second of 60 or a
 * 31 February. The time zone is ignored, as every browser does. A year before 1601 is a date of the past
 * (browser capture), where the RFC calls it invalid.
 *
 * @returns epoch milliseconds, or `undefined` when the text is not a cookie-date
 */
export function parseCookieDate(text: string): number | undefined {
  const fields: DateFields = { secondOfDay: -1, day: -1, month: -1, year: -1 };
  let start = -1;
  for (let at = 0; at <= text.length; at++) {
    const ends = at === text.length || isDelimiter(text.charCodeAt(at));
    if (!ends) {
      if (start < 0) start = at;
    } else if (start >= 0) {
      if (!readToken(fields, text, start, at)) return undefined;
      start = -1;
    }
  }
  return toInstant(fields);
}

function toInstant({ secondOfDay, day, month, year }: DateFields): number | undefined {
  if (secondOfDay < 0 || day < 0 || month < 0 || year < 0) return undefined;
  const midnight = Date.UTC(year, month, day);
  // Date.UTC turns 31 February into a day of March, and such a cookie-date is invalid. The 28th always exists.
  if (day > 28 && new Date(midnight).getUTCDate() !== day) return undefined;
  return midnight + secondOfDay * 1000;
}

// All lines of one response have the same Date, and other responses of the same second have it too.
let lastDate: string | undefined;
let lastTime: number | undefined;

/** The time in a response's Date header, in epoch milliseconds; `undefined` without a date. */
export function serverTime(date: string | undefined): number | undefined {
  if (date === undefined) return undefined;
  if (date !== lastDate) {
    // No date is longer, and the text is kept in memory.
    lastTime = date.length > 64 ? undefined : parseCookieDate(date);
    lastDate = date.length > 64 ? undefined : date;
  }
  return lastTime;
}
