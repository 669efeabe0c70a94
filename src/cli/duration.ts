import { UsageError } from './usage-error.ts';

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of `500ms`, `30s`, `2m`, `12h`, `7d`; a number without a unit is in seconds. */
export function parseDuration(option: string, text: string): number {
  const [, number = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|[smhd])?$/.exec(text) ?? [];
  const milliseconds = Math.round(Number(number) * (units[unit] ?? 0));
  if (number === '' || milliseconds < 1) {
    throw new UsageError(`${option} must be a time such as 500ms, 30s or 2m, got ${JSON.stringify(text)}`);
  }
  return milliseconds;
}

/** Reads the value of an option that is a count. */
export function parseCount(option: string, text: string, least = 0): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || !Number.isSafeInteger(number)) {
    throw new UsageError(
      `${option} must be a whole number of at least ${least}, got ${JSON.stringify(text)}`,
    );
  }
  return number;
}

/** A duration for people: `3 d`, `12 min`. */
export function showDuration(milliseconds: number): string {
  const steps: readonly (readonly [string, number])[] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ];
  const [unit, size] = steps.find(([, step]) => milliseconds >= step) ?? ['ms', 1];
  return `${Math.floor(milliseconds / size)} ${unit}`;
}
