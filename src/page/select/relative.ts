import { isTraversal, SelectorType } from 'css-what';
import { ElementNode, type ParentNode } from '../tree/nodes.ts';
import { following } from '../tree/walk.ts';
import type { Matcher } from './matcher.ts';
import { type Complex, parseRelativeList, type SelectorList } from './selector.ts';

/**
 * Parses a selector that is about an element: it may start with a combinator, and `:scope`, or nothing at all, is the
 * element itself, which is an empty list here.
 *
 * @throws RequestError ERR_INVALID_SELECTOR
 */
export function parseRelative(text: string): SelectorList {
  if (/^\s*(:scope\s*)?$/i.test(text)) return [];
  return parseRelativeList(text).map((complex) => (startsAtScope(complex) ? complex.slice(1) : complex));
}

/** `:scope > a` says the same as `> a`. */
function startsAtScope([first, second]: Complex): boolean {
  const isScope = first?.type === SelectorType.Pseudo && first.name === 'scope';
  return isScope && second !== undefined && isTraversal(second);
}

/**
 * The elements that a relative selector finds, in tree order: in `anchor`, or after it for what starts with `+` or `~`.
 *
 * @param list of {@link parseRelative}
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
  // Each selector gives as many as are wanted in all, so that the first of all are among them.
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

/** Where a selector can match: all that comes from the second node on, within the first. */
function placesFor(anchor: ElementNode, complex: Complex): readonly [ParentNode, ElementNode['next']] {
  const [first, ...rest] = complex;
  const isAdjacent = first?.type === SelectorType.Adjacent;
  if (!isAdjacent && first?.type !== SelectorType.Sibling) return [anchor, following(anchor, anchor)];
  let next = anchor.next;
  while (next !== null && !(next instanceof ElementNode)) next = next.next;
  const goesOn = rest.some(({ type }) => type === SelectorType.Adjacent || type === SelectorType.Sibling);
  // With one sibling step all is in the next element: the others are not looked at.
  return [isAdjacent && !goesOn && next !== null ? next : (anchor.parent ?? anchor), next];
}
