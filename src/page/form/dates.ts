import type { Engine } from '../encoding/engine.ts';

/** A value of a date or time field as a number: days, months, weeks or milliseconds since 1970. */
export interface DateKind {
  /** `null` for an invalid value. */
  parse(text: string): number | null;
  /** HTML Standard, "default step". */
  readonly step: number;
}

const dayLength = 86_400_000;

export const dateKinds: Readonly<Record<string, DateKind>> = {
  date: { parse: parseDate, step: 1 },
  month: { parse: parseMonth, step: 1 },
  week: { parse: parseWeek, step: 1 },
  time: { parse: parseTime, step: 60_000 },
  'datetime-local': { parse: parseLocal, step: 60_000 },
};

/** The latest year of a date in ECMAScript, and in browsers. */
const lastYear = 275_760;

function dayOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return Math.floor(date.getTime() / dayLength);
}

/** HTML Standard, "parse a date string": days since 1970. */
function parseDate(text: string): number | null {
  const [, year = '', month = '', day = ''] = /^(\d{4,})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === '' || Number(year) < 1 || Number(year) > lastYear) return null;
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1) return null;
  const days = dayOf(Number(year), Number(month), Number(day));
  const isSameMonth = new Date(days * dayLength).getUTCMonth() === Number(month) - 1;
  return isSameMonth ? days : null;
}

/** HTML Standard, "parse a month string": months since January 1970. */
function parseMonth(text: string): number | null {
  const [, year = '', month = ''] = /^(\d{4,})-(\d\d)$/.exec(text) ?? [];
  const isValid = Number(year) >= 1 && Number(year) <= lastYear && Number(month) >= 1 && Number(month) <= 12;
  return year !== '' && isValid ? (Number(year) - 1970) * 12 + Number(month) - 1 : null;
}

/** HTML Standard, "parse a week string": weeks since the one of 1 January 1970. */
function parseWeek(text: string): number | null {
  const [, year = '', week = ''] = /^(\d{4,})-W(\d\d)$/.exec(text) ?? [];
  const isValid = Number(year) >= 1 && Number(year) <= lastYear && Number(week) >= 1;
  if (year === '' || !isValid || Number(week) > weeksOf(Number(year))) return null;
  // Week 1 is the week that contains 4 January.
  const monday = firstMonday(Number(year)) + (Number(week) - 1) * 7;
  return Math.floor((monday + 3) / 7);
}

function firstMonday(year: number): number {
  const fourth = dayOf(year, 1, 4);
  // 1 January 1970 was a Thursday.
  return fourth - ((((fourth + 3) % 7) + 7) % 7);
}

function weeksOf(year: number): number {
  return (firstMonday(year + 1) - firstMonday(year)) / 7;
}

/** HTML Standard, "parse a time string": milliseconds since midnight. */
function parseTime(text: string): number | null {
  const [, hour = '', minute = '', second = '0', fraction = '0'] =
    /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?$/.exec(text) ?? [];
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  return (
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + Number(fraction.padEnd(3, '0'))
  );
}

/** HTML Standard, "parse a local date and time string": milliseconds since 1970, as if in UTC. */
function parseLocal(text: string): number | null {
  const [, date = '', time = ''] = /^([^T ]+)[T ]([^T ]+)$/.exec(text) ?? [];
  const days = parseDate(date);
  const within = parseTime(time);
  return days === null || within === null ? null : days * dayLength + within;
}

/** The value of a date or time field: an invalid value becomes empty, and a local time has one form. */
export function sanitizeDate(kind: string, text: string, engine: Engine): string {
  if (dateKinds[kind]?.parse(text) == null) return '';
  if (kind !== 'datetime-local') return text;
  const [, date = '', minutes = '', second = '00', fraction = ''] =
    /^([^T ]+)[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?$/.exec(text) ?? [];
  const shortest = fraction.replace(/(?<!0)0+$/, '');
  const written = shortest !== '' && engine === 'firefox' ? shortest.padEnd(3, '0') : shortest;
  const seconds = second === '00' && written === '' ? '' : `:${second}`;
  return `${date}T${minutes}${seconds}${written === '' ? '' : `.${written}`}`;
}
