/** CSS Syntax, "the An+B microsyntax". */
export interface Nth {
  readonly step: number;
  readonly offset: number;
}

const formula = /^([+-]?\d*)n(?:\s*([+-])\s*(\d+))?$/i;

/** Reads `2n+1`, `odd`, `3` and other forms, without `of`; `null` for anything else. */
export function parseNth(text: string): Nth | null {
  const [first = ''] = text.split(/(?<!\s)\s+of\s+/i);
  const word = first.trim().toLowerCase();
  if (word === 'even') return { step: 2, offset: 0 };
  if (word === 'odd') return { step: 2, offset: 1 };
  if (/^[+-]?\d+$/.test(word)) return { step: 0, offset: Number(word) };
  const match = formula.exec(word);
  if (match === null) return null;
  const [, step = '', sign = '+', offset = '0'] = match;
  const times = step === '' || step === '+' ? 1 : step === '-' ? -1 : Number(step);
  return { step: times, offset: Number(`${sign}${offset}`) };
}

/** Whether it selects the `place`th element, counted from 1. */
export function isNth({ step, offset }: Nth, place: number): boolean {
  const distance = place - offset;
  return step === 0 ? distance === 0 : distance % step === 0 && distance / step >= 0;
}
