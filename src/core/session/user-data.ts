import { invalidOption, RequestError } from '../errors.ts';

/** Deepest nesting of user data, far below the recursion limit of any engine. */
const maxDepth = 1000;

/**
 * A copy of the caller's data, as JSON represents it.
 *
 * @throws RequestError ERR_INVALID_OPTION for what JSON cannot hold, and for what is nested too deep
 */
export function copyUserData(userData: unknown): unknown {
  if (userData === undefined || userData === null) return null;
  let text: string | undefined;
  try {
    text = JSON.stringify(userData);
  } catch {
    // It has a cycle or a bigint, or is deeper than the stack. The cause is left out because it could show the data.
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

/** Goes level by level. Recursion over data that is too deep would overflow the stack. */
export function isTooDeep(value: unknown): boolean {
  // Objects that were visited are skipped, since an object may contain itself.
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
