import type { Difference } from './difference.ts';
import type { MarkTrial } from './marked-text.ts';
import { unescaped } from './redactor.ts';

/** Pairs of a query or a form, in order. */
export function comparePairs(
  kind: string,
  recorded: string,
  given: string,
  trial: MarkTrial,
): Difference | null {
  if (recorded === given) return null;
  const [were, are] = [pairsOf(recorded), pairsOf(given)];
  for (let at = 0; at < Math.max(were.length, are.length); at++) {
    const [was, is] = [were[at], are[at]];
    if (was !== undefined && is !== undefined && was[0] === is[0] && trial.matches(was[1], is[1])) continue;
    if (was?.[0] === is?.[0])
      return { what: named(kind, was?.[0]), name: was?.[0] ?? '', given: is?.[1], recorded: was?.[1] };
    return missingPair(kind, were, are, at);
  }
  return null;
}

export type Pair = readonly [name: string, value: string];

/** Where names differ: a missing one, a new one, or their order. */
export function missingPair(
  kind: string,
  were: readonly Pair[],
  are: readonly Pair[],
  at: number,
): Difference {
  const [recorded, given] = [namesOf(were), namesOf(are)];
  const lacks = were.slice(at).find(([name]) => !given.has(name));
  if (lacks !== undefined) return { what: `${named(kind, lacks[0])}, which is missing`, name: lacks[0] };
  const added = are.slice(at).find(([name]) => !recorded.has(name));
  if (added !== undefined)
    return { what: `${named(kind, added[0])}, which the recording has not`, name: added[0] };
  return { what: `the order or number of each ${kind}`, name: '' };
}

function namesOf(pairs: readonly Pair[]): ReadonlySet<string> {
  return new Set(pairs.map(([name]) => name));
}

export function named(kind: string, name = ''): string {
  return `the ${kind} ${JSON.stringify(name)}`;
}

function pairsOf(text: string): Pair[] {
  return text
    .split('&')
    .filter(Boolean)
    .map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 0) return [unescaped(pair), ''];
      return [unescaped(pair.slice(0, equals)), unescaped(pair.slice(equals + 1))];
    });
}
