import type { Difference } from './difference.ts';
import type { MarkTrial } from './marked-text.ts';

/** The value of a JSON text, `undefined` for a text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Place {
  readonly recorded: unknown;
  readonly given: unknown;
  readonly path: string;
  /** The name of the nearest member. */
  readonly name: string;
}

/**
 * The first difference of two values; the order of members does not matter. Without recursion, because the sender
 * decides the depth.
 */
export function compareJson(recorded: unknown, given: unknown, trial: MarkTrial): Difference | null {
  const left: Place[] = [{ recorded, given, path: '', name: '' }];
  for (let place = left.pop(); place !== undefined; place = left.pop()) {
    const inner = placesIn(place);
    if (inner !== null) for (const each of inner.reverse()) left.push(each);
    else if (place.recorded !== place.given && !trial.matches(shown(place.recorded), shown(place.given))) {
      const { path, name } = place;
      const what = `the JSON value ${path === '' ? 'at the top' : path}`;
      return { what, name, given: shown(place.given), recorded: shown(place.recorded) };
    }
  }
  return null;
}

/** The pairs of members or elements of two objects or two lists, `null` for anything else. */
function placesIn({ recorded, given, path, name }: Place): Place[] | null {
  if (!isContainer(recorded) || !isContainer(given)) return null;
  const isList = Array.isArray(recorded);
  if (isList !== Array.isArray(given)) return null;
  const keys = new Set([...Object.keys(recorded), ...Object.keys(given)]);
  return [...keys].map((key) => ({
    recorded: memberOf(recorded, key),
    given: memberOf(given, key),
    path: isList ? `${path}[${key}]` : path + (path === '' ? '' : '.') + key,
    name: isList ? name : key,
  }));
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function memberOf(holder: object, key: string): unknown {
  return Object.hasOwn(holder, key) ? Reflect.get(holder, key) : undefined;
}

/** A mark is a string, also where the secret was a number. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  return isContainer(value) ? (Array.isArray(value) ? 'a list' : 'an object') : String(value);
}
