import { invalidOption, RequestError } from './errors.ts';
import { nearName } from './near-names.ts';

/**
 * Reads the input of callers: own properties only, with one message for each kind of mistake. So a polluted
 * Object.prototype sets no option.
 */

/** The longest delay in milliseconds that a Node.js timer can hold; a longer one would fire at once. */
export const maxTimerDelay = 2 ** 31 - 1;

/**
 * Refuses anything but an options object whose keys are all known. For an unknown key the message names the most likely
 * one.
 *
 * @param advise returns the advice for a key, where there is more than the nearest name
 */
export function checkOptions(
  value: unknown,
  what: string,
  known: ReadonlySet<string>,
  advise?: (key: string) => string | undefined,
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidOption(what, 'an object', value);
  }
  for (const key of Object.keys(value)) {
    if (!known.has(key)) throw unknownOption(what, key, advise?.(key) ?? nearAdvice(key, known));
  }
}

/** Refuses a key that is not an option. */
export function unknownOption(what: string, key: string, advice: string | undefined): RequestError {
  const said = advice === undefined ? '' : `; ${advice}`;
  return new RequestError(
    'ERR_INVALID_OPTION',
    `${what} has an unknown option: ${JSON.stringify(key)}${said}`,
  );
}

function nearAdvice(key: string, known: ReadonlySet<string>): string | undefined {
  const near = nearName(key, known, (length) => Math.max(1, Math.floor(length / 3)));
  return near === undefined ? undefined : `did you mean ${near}?`;
}

/** The own property `key` of `options`. Inherited properties are ignored. */
export function own<T extends object, K extends keyof T>(options: T, key: K): T[K] | undefined {
  return Object.hasOwn(options, key) ? options[key] : undefined;
}

/** Inherits from an object that has nothing. V8 is several times faster with it than with no prototype at all. */
function Bare(): void {}
Bare.prototype = Object.freeze(Object.create(null));

/** A copy of `value` that inherits nothing. */
export function ownCopy<T extends object>(what: string, value: T): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidOption(what, 'an object', value);
  }
  return Object.assign(new (Bare as unknown as new () => object)(), value);
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalidOption(name, 'true or false', value);
  return value;
}

export function checkString(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw invalidOption(name, 'a string that is not empty', value);
  return value;
}

export function checkOneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw invalidOption(name, `one of ${allowed.map((item) => JSON.stringify(item)).join(', ')}`, value);
  }
  return found;
}

/** A number, with the messages of wreq-js. */
export function checkNumber(name: string, value: unknown, range: { least: 0 | 1; integer: boolean }): number {
  if (typeof value !== 'number') throw invalidOption(name, 'a number', value);
  if (!Number.isFinite(value))
    throw new RequestError('ERR_INVALID_OPTION', `${name} must be a finite number`);
  if (range.integer && !Number.isInteger(value)) {
    throw new RequestError('ERR_INVALID_OPTION', `${name} must be an integer`);
  }
  if (range.least === 1 ? value <= 0 : value < 0) {
    const bound = range.least === 1 ? 'greater than 0' : 'greater than or equal to 0';
    throw new RequestError('ERR_INVALID_OPTION', `${name} must be ${bound}`);
  }
  return value;
}

/** A delay in milliseconds that a timer can hold. */
export function checkDelay(name: string, value: unknown): number {
  const delay = checkNumber(name, value, { least: 1, integer: false });
  if (delay > maxTimerDelay) {
    throw new RequestError('ERR_INVALID_OPTION', `${name} must be at most ${maxTimerDelay} ms`);
  }
  return delay;
}

/** A duration in milliseconds, or `false` for none. */
export function checkDuration(name: string, value: unknown): number | false {
  if (value === false) return false;
  // Other clients use these values for no limit.
  if (value === 0 || value === null || value === Number.POSITIVE_INFINITY) {
    const message = `${name} must be a number greater than 0, got ${value}: for no limit write false`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  return checkDelay(name, value);
}
