import type { Engine } from '../encoding/engine.ts';
import type { ElementNode } from '../tree/nodes.ts';

const floatingPoint = /^-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?$/;

/** HTML Standard, "rules for parsing floating-point number values", of what is a valid one; else `null`. */
export function parseNumber(text: string | null): number | null {
  if (text === null || !floatingPoint.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** The value of a number field. Firefox accepts localized numbers. */
export function sanitizeNumber(text: string, engine: Engine): string {
  const written = engine === 'firefox' ? inAscii(text).replace(/^(-?\d+)\.$/, '$1') : text;
  return parseNumber(written) === null ? '' : written;
}

/** Digits of other scripts as ASCII digits: the ten digits of a script are consecutive. */
function inAscii(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    let value = 0;
    let code = (digit.codePointAt(0) ?? 0) - 1;
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code))) {
      value++;
      code--;
    }
    return String(value);
  });
}

/** HTML Standard, "allowed value step"; `null` for `any`. */
export function stepOf(element: ElementNode, fallback: number): number | null {
  const step = element.attribute('step');
  if (step !== null && step.toLowerCase() === 'any') return null;
  const value = parseNumber(step);
  return value === null || value <= 0 ? fallback : value;
}

/** HTML Standard, "step base", of what is a number. */
function stepBase(element: ElementNode): number {
  return parseNumber(element.attribute('min')) ?? parseNumber(element.attribute('value')) ?? 0;
}

/** The number of steps between `value` and the base, to the precision of decimal fractions. */
export function isOnStep(value: number, base: number, step: number): boolean {
  const steps = (value - base) / step;
  return Math.abs(steps - Math.round(steps)) <= 1e-9 * Math.max(1, Math.abs(steps));
}

/** Whether the value of a number field is on an allowed step. */
export function isNumberOnStep(element: ElementNode, value: number): boolean {
  const step = stepOf(element, 1);
  return step === null || isOnStep(value, stepBase(element), step);
}

/** HTML Standard, the value sanitization algorithm of range: within the limits, on a step, the middle by default. */
export function sanitizeRange(element: ElementNode, text: string, engine: Engine): string {
  const least = parseNumber(element.attribute('min')) ?? 0;
  const most = parseNumber(element.attribute('max')) ?? 100;
  const given = parseNumber(text);
  const value = given ?? (most < least ? least : least + (most - least) / 2);
  const bounded = Math.max(Math.min(value, most), least);
  const step = stepOf(element, 1);
  const base = stepBase(element);
  if (step === null || isOnStep(bounded, base, step)) {
    if (given === null || bounded !== given) return String(bounded);
    return engine === 'chromium' ? asDecimal(text) : text;
  }
  const digits = Math.max(fractionDigits(step), fractionDigits(base));
  const rounded = base + Math.floor((bounded - base) / step + 0.5) * step;
  const inside = rounded > most && rounded - step >= least ? rounded - step : rounded;
  return String(Number(inside.toFixed(Math.min(digits, 20))));
}

function fractionDigits(value: number): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}

/** Blink's Decimal, which keeps the written exponent. */
function asDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^(-?)(\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (exponent === '' || Number(exponent) - fraction.length <= 0) return text;
  const digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, '');
  const scale = Number(exponent) - fraction.length + digits.length - 1;
  const rest = digits.slice(1).replace(/(?<!0)0+$/, '');
  return `${sign}${digits[0] ?? '0'}${rest === '' ? '' : `.${rest}`}e+${scale}`;
}
