import { isTraversal, SelectorType } from 'css-what';
import { ElementNode, type ParentNode } from '../tree/nodes.ts';
import { following } from '../tree/walk.ts';
import type { Matcher } from './matcher.ts';
import { type Complex, parseRelativeList, type SelectorList } from './selector.ts';

/**
 * Parses a selector relative to an element: it can start with a combinator. `:scope`, or nothing at all, is the
 * element itself, which is an empty list here.
 *
 * @throws RequestError ERR_INVALID_SELECTOR
 */
export function parseRelative(text: string): SelectorList {
  if (/^\s*(:scope\s*)?$/i.test(text)) return [];
  return parseRelativeList(text).map((complex) => (startsAtScope(complex) ? complex.slice(1) : complex));
}

/** `:scope > a` means the same as `> a`. */
function startsAtScope([first, second]: Complex): boolean {
  const isScope = first?.type === SelectorType.Pseudo && first.name === 'scope';
  return isScope && second !== undefined && isTraversal(second);
}

/**
 * The elements that a relative selector matches, in tree order: in `anchor`, or after it for a selector that starts
 * with `+` or `~`.
 *
 * @param list from {@link parseRelative}
 */
export function selectRelative(
  matcher: Matcher,
  anchor: ElementNode,
  list: SelectorList,
  limit: number,
): ElementNode[] {
  const [only, ...others] = list;
  if (only === undefined) return [anchor];
  if (others.length === 0) return matching(matcher, anchor, only, limit);
  // Each selector returns as many as are needed in all, so that the first of all are among them.
  const found = new Set(list.flatMap((complex) => matching(matcher, anchor, complex, limit)));
  return [...found].sort((a, b) => a.order - b.order).slice(0, limit);
}

function matching(matcher: Matcher, anchor: ElementNode, complex: Complex, limit: number): ElementNode[] {
  const isRelative = complex[0] !== undefined && isTraversal(complex[0]);
  const found: ElementNode[] = [];
  matcher.scope = anchor;
  const [root, start] = placesFor(anchor, complex);
  for (let node = start; node !== null; node = following(node, root)) {
    if (!(node instanceof ElementNode)) continue;
    if (!matcher.matchesFrom(node, complex, isRelative ? anchor : null)) continue;
    found.push(node);
    if (found.length >= limit) break;
  }
  return found;
}

/** The range in which a selector can match: from the second node on, within the first. */
function placesFor(anchor: ElementNode, complex: Complex): readonly [ParentNode, ElementNode['next']] {
  const [first, ...rest] = complex;
  const isAdjacent = first?.type === SelectorType.Adjacent;
  if (!isAdjacent && first?.type !== SelectorType.Sibling) return [anchor, following(anchor, anchor)];
  let next = anchor.next;
  while (next !== null && !(next instanceof ElementNode)) next = next.next;
  const goesOn = rest.some(({ type }) => type === SelectorType.Adjacent || type === SelectorType.Sibling);
  // With one sibling step all matches are in the next element, so the others are not visited.
  return [isAdjacent && !goesOn && next !== null ? next : (anchor.parent ?? anchor), next];
}
