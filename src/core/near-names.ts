/** The names nearest to an unknown one, for a message. */

/** The `count` names that take the fewest edits; among equals the earlier one first. */
export function nearestNames(name: string, names: Iterable<string>, count: number): string[] {
  return [...names]
    .map((candidate) => ({ candidate, edits: editDistance(name, candidate) }))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/**
 * The name that was most likely meant: one that differs only in case, `-` and `_`, or otherwise by few edits.
 *
 * @param mostEdits the number of edits that are allowed for a name of `length` characters
 */
export function nearName(
  name: string,
  names: Iterable<string>,
  mostEdits: (length: number) => number,
): string | undefined {
  const candidates = [...names];
  const plain = plainName(name);
  const same = candidates.find((candidate) => plainName(candidate) === plain);
  if (same !== undefined) return same;
  const [nearest] = nearestNames(plain, candidates.map(plainName), 1);
  if (nearest === undefined || editDistance(plain, nearest) > mostEdits(nearest.length)) return undefined;
  return candidates.find((candidate) => plainName(candidate) === nearest);
}

/** A name in lower case, without `-` and `_`. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/** The number of insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replace = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      const isSwap = i > 0 && j > 0 && from[i] === to[j - 1] && from[i - 1] === to[j];
      const swap = isSwap ? (before[j - 1] ?? 0) + 1 : replace;
      next.push(Math.min(replace, swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row.at(-1) ?? 0;
}
