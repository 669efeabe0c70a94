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

// Leading zeros do not count (000:00:00 is midnight): browser capture, where the RFC allows two digits at most.
const TIME = /^0*(\d{1,2}):0*(\d{1,2}):0*(\d{1,2})(?!\d)/;
const DAY = /^\d{1,2}(?!\d)/;
const YEAR = /^\d{2,4}(?!\d)/;
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/** What has been found of a cookie-date so far; -1 is "not yet". */
interface DateFields {
  secondOfDay: number;
  day: number;
  month: number;
  year: number;
}

function parseMonth(token: string): number {
  const at = token.length < 3 ? -1 : MONTHS.indexOf(token.slice(0, 3).toLowerCase());
  return at % 3 === 0 ? at / 3 : -1;
}

function parseYear(digits: string): number {
  const year = Number(digits);
  if (year >= 70 && year <= 99) return year + 1900;
  return year <= 69 ? year + 2000 : year;
}

/** Reads one token into the first field it fits, in the order of the RFC. Returns false when the date is invalid. */
function readToken(fields: DateFields, token: string): boolean {
  if (fields.secondOfDay < 0) {
    const time = TIME.exec(token);
    if (time !== null) {
      const [hour, minute, second] = [Number(time[1]), Number(time[2]), Number(time[3])];
      fields.secondOfDay = hour * 3600 + minute * 60 + second;
      return hour <= 23 && minute <= 59 && second <= 59;
    }
  }
  if (fields.day < 0) {
    const day = DAY.exec(token);
    if (day !== null) {
      fields.day = Number(day[0]);
      return fields.day >= 1 && fields.day <= 31;
    }
  }
  if (fields.month < 0) {
    fields.month = parseMonth(token);
    if (fields.month >= 0) return true;
  }
  if (fields.year < 0) {
    const year = YEAR.exec(token);
    if (year !== null) {
      fields.year = parseYear(year[0]);
    }
  }
  return true;
}

/**
 * Parses the date of an Expires attribute.
 *
 * Source: RFC 6265bis section 5.1.1, which Chromium follows: no date has an hour of 24, a second of 60 or a
 * 31 February. The time zone is ignored, as every browser does. A year before 1601 is a date of the past
 * (browser capture), where the RFC calls it invalid.
 *
 * @returns epoch milliseconds, or `undefined` when the text is no cookie-date
 */
export function parseCookieDate(text: string): number | undefined {
  const fields: DateFields = { secondOfDay: -1, day: -1, month: -1, year: -1 };
  let start = -1;
  for (let at = 0; at <= text.length; at++) {
    const ends = at === text.length || isDelimiter(text.charCodeAt(at));
    if (!ends) {
      if (start < 0) start = at;
    } else if (start >= 0) {
      if (!readToken(fields, text.slice(start, at))) return undefined;
      start = -1;
    }
  }
  if (fields.secondOfDay < 0 || fields.day < 0 || fields.month < 0 || fields.year < 0) return undefined;
  const midnight = Date.UTC(fields.year, fields.month, fields.day);
  // Date.UTC carries 31 February over into March; a cookie-date must exist.
  if (new Date(midnight).getUTCDate() !== fields.day) return undefined;
  return midnight + fields.secondOfDay * 1000;
}
