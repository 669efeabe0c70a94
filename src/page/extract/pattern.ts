import { createContext, Script } from 'node:vm';
import { invalidOption, RequestError } from '../../core/errors.ts';

/** The most characters of a text that a pattern is applied to. */
const maxText = 100_000;
/** Longest time for the patterns of one extraction, in milliseconds. */
const maxTime = 2000;
/** Patterns with fewer steps need no time limit: they take less than a millisecond. */
const fewSteps = 200_000;

/** A regular expression of a schema. */
export interface Pattern {
  readonly expression: RegExp;
  readonly path: string;
  /** The number of unbounded repeats; `null` for nested ones, which can take exponential time. */
  readonly repeats: number | null;
}

/**
 * Reads a pattern. Python's `(?P<name>`, `(?P=name)` and leading flags are supported, because schemas are written for
 * Python.
 *
 * @throws RequestError ERR_INVALID_OPTION with the place in the schema
 */
export function readPattern(given: unknown, path: string): Pattern {
  if (given instanceof RegExp) {
    const flags = given.flags.replace(/[gy]/g, '');
    return { expression: new RegExp(given.source, flags), path, repeats: repeatsOf(given.source) };
  }
  if (typeof given !== 'string' || given === '') throw invalidOption(path, 'a regular expression', given);
  const [, flags = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(given) ?? [];
  const source = rest.replaceAll('(?P<', '(?<').replace(/\(\?P=(\w+)\)/g, '\\k<$1>');
  try {
    return { expression: new RegExp(source, [...new Set(flags)].join('')), path, repeats: repeatsOf(source) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'it is invalid';
    throw new RequestError('ERR_INVALID_OPTION', `${path} must be a regular expression: ${why}`, { cause });
  }
}

/** How many groups a pattern has, and their names. */
export function groupsOf({ expression }: Pattern): { count: number; names: readonly string[] } {
  const match = new RegExp(`${expression.source}|`, expression.flags).exec('');
  return { count: (match?.length ?? 1) - 1, names: Object.keys(match?.groups ?? {}) };
}

const piece = /\(\??|\)(?<repeat>[*+]|\{\d+(?:,\d*)?\})?|[*+]|\{\d+(?:,\d*)?\}|[?|]/g;

/**
 * Counts the unbounded repeats of a pattern; `null` where a repeated group holds a choice or another repeat, which
 * can take exponential time.
 */
function repeatsOf(source: string): number | null {
  const plain = source.replace(/\\./gs, 'x').replace(/\[[^\]]*(?:\]|$)/g, 'x');
  // For each open group, whether it contains a choice or a repeat; the first entry is the whole pattern.
  const open = [false];
  let count = 0;
  for (const { 0: text, groups } of plain.matchAll(piece)) {
    if (text.startsWith('(')) {
      open.push(false);
      continue;
    }
    const isEnd = text.startsWith(')');
    const repeat = isEnd ? groups?.repeat : repeatIn(text);
    const isLoose = isEnd ? open.pop() === true : repeat === undefined;
    if (isEnd && isLoose && repeat !== undefined) return null;
    if (repeat !== undefined) count++;
    if (isLoose || repeat !== undefined) open[open.length - 1] = true;
  }
  return count;
}

/** The repeats. `?` counts as a choice. */
function repeatIn(text: string): string | undefined {
  return /^[*+{]/.test(text) ? text : undefined;
}

let context: { run: () => unknown } | undefined;
let script: Script | undefined;

/** Applies the patterns of one extraction, with one time limit for all. */
export class PatternRun {
  #left = maxTime;

  /** @throws RequestError ERR_PAGE_TOO_LARGE for a pattern that takes too long on this page */
  match({ expression, path, repeats }: Pattern, whole: string): RegExpExecArray | null {
    const text = whole.slice(0, maxText);
    if (repeats !== null && text.length ** (repeats + 1) <= fewSteps) return expression.exec(text);
    const startedAt = performance.now();
    try {
      return watched(() => expression.exec(text), Math.max(1, Math.ceil(this.#left)));
    } catch (cause) {
      if (Reflect.get(Object(cause), 'code') !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw cause;
      throw new RequestError('ERR_PAGE_TOO_LARGE', `${path} takes too long on this page: make it simpler`);
    } finally {
      this.#left -= performance.now() - startedAt;
    }
  }
}

/** Runs a function with a time limit: V8 also interrupts regular expressions. */
function watched<T>(run: () => T, timeout: number): T {
  context ??= createContext({ run }) as { run: () => unknown };
  script ??= new Script('run()');
  context.run = run;
  try {
    return script.runInContext(context, { timeout }) as T;
  } finally {
    context.run = () => undefined;
  }
}
