/** So many steps are a finding for every input; work that would go on for minutes is ended there. */
const hopeless = 200_000_000;

/** Tells the characters, bytes or elements that one call of a built-in method goes through. */
type Cost = (self: unknown, args: readonly unknown[], result: unknown) => number;

/** Zero for other objects: their `length` may be anything. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return ArrayBuffer.isView(value) ? value.byteLength : 0;
}

const one: Cost = () => 1;
const whole: Cost = (self) => 1 + lengthOf(self);
const search: Cost = (self, [, from], result) => {
  const start = typeof from === 'number' ? from : 0;
  return 1 + (typeof result === 'number' && result >= start ? result - start : lengthOf(self) - start);
};
const bytes: Cost = (_self, [input], result) => 1 + Math.max(lengthOf(input), lengthOf(result));

/** Up to the end of the match; a sticky expression that does not match stops where it began. */
const matching: Cost = (self, [text], result) => {
  const { sticky } = self as RegExp;
  if (result === null) return sticky ? 1 : 1 + lengthOf(text);
  const [matched = '', { index }] = [(result as RegExpExecArray)[0], result as RegExpExecArray];
  return 1 + matched.length + (sticky ? 0 : index - Math.min(index, lastEnds.get(self as RegExp) ?? 0));
};
/** Where the match before ended, for the expressions that go on from there. */
let lastEnds = new WeakMap<RegExp, number>();

const counted: readonly (readonly [owner: object, cost: Cost, names: readonly string[]])[] = [
  [String.prototype, one, ['charCodeAt', 'codePointAt', 'startsWith', 'endsWith', 'slice']],
  [String.prototype, search, ['indexOf']],
  [
    String.prototype,
    whole,
    ['split', 'replace', 'replaceAll', 'toLowerCase', 'toUpperCase', 'trim', 'includes', 'lastIndexOf'],
  ],
  [RegExp.prototype, matching, ['exec']],
  [Array.prototype, one, ['push', 'pop']],
  [
    Array.prototype,
    whole,
    ['join', 'map', 'filter', 'some', 'find', 'indexOf', 'includes', 'shift', 'unshift', 'concat'],
  ],
  [Buffer, bytes, ['from', 'concat', 'byteLength']],
  [JSON, bytes, ['parse', 'stringify']],
  [TextDecoder.prototype, bytes, ['decode']],
];

/**
 * Counts the work of `work`: what its calls of built-in methods for text, lists and bytes go through. It is the same on
 * every machine, busy or not. What a regular expression tries in vain is not in it: see test/regexps.test.ts.
 *
 * @param work may end in a promise, as long as it waits for nothing but its own steps
 */
async function countWork(work: () => unknown): Promise<number> {
  let count = 0;
  lastEnds = new WeakMap();
  const originals = counted.flatMap(([owner, cost, names]) =>
    names.map((name) => {
      const original = Reflect.get(owner, name) as (...args: unknown[]) => unknown;
      const counting = function (this: unknown, ...args: unknown[]): unknown {
        const result = Reflect.apply(original, this, args);
        count += cost(this, args, result);
        if (count > hopeless) throw new RangeError(`more than ${hopeless} steps`);
        if (cost === matching) lastEnds.set(this as RegExp, (this as RegExp).lastIndex);
        return result;
      };
      return [owner, name, original, counting] as const;
    }),
  );
  for (const [owner, name, , counting] of originals) Reflect.set(owner, name, counting);
  try {
    const result = work();
    if (result instanceof Promise) await result;
  } finally {
    for (const [owner, name, original] of originals) Reflect.set(owner, name, original);
  }
  return count;
}

/** Most work for each character of an input, and what any input may cost besides. */
const perCharacter = 64;
const atMost = 50_000;

/** A finding when the work on an input grows faster than its length; the input is long enough to show it. */
export async function checkWork(length: number, work: () => unknown): Promise<string | null> {
  const count = await countWork(work);
  return count <= atMost + perCharacter * length ? null : `${count} steps for ${length} characters`;
}
