import { invalidOption, RequestError } from '../errors.ts';

/** Deepest nesting of user data: far from where any engine's own recursion ends. */
const maxDepth = 1000;

/**
 * A copy of what a caller wants kept, as JSON has it.
 *
 * @throws RequestError ERR_INVALID_OPTION for what JSON cannot hold, and for what is nested too deep
 */
export function copyUserData(userData: unknown): unknown {
  if (userData === undefined || userData === null) return null;
  let text: string | undefined;
  try {
    text = JSON.stringify(userData);
  } catch {
    // A cycle, a bigint, or deeper than the stack: the cause could show the data.
  }
  if (text === undefined) throw invalidOption('userData', 'what JSON can hold', typeof userData);
  const copy: unknown = JSON.parse(text);
  if (isTooDeep(copy)) {
    throw new RequestError(
      'ERR_INVALID_OPTION',
      `userData must not be nested deeper than ${maxDepth} levels`,
    );
  }
  return copy;
}

/** Level by level, for what is to be found out is whether recursion would end. */
export function isTooDeep(value: unknown): boolean {
  // What was seen is not looked at again: an object in place of a text may hold itself.
  const seen = new Set<unknown>();
  let level: unknown[] = [value];
  for (let reached = 0; reached <= maxDepth; reached++) {
    const objects = level.filter((item) => typeof item === 'object' && item !== null && !seen.has(item));
    if (objects.length === 0) return false;
    for (const item of objects) seen.add(item);
    level = objects.flatMap((item) => Object.values(Object(item)));
  }
  return true;
}
