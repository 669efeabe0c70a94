import { ElementNode, type ParentNode } from '../tree/nodes.ts';
import { following } from '../tree/walk.ts';
import { Matcher } from './matcher.ts';
import { parseSelector } from './selector.ts';

/**
 * The elements under `root` that a selector matches, in tree order.
 *
 * @param limit most matches that are needed
 * @throws RequestError ERR_INVALID_SELECTOR, ERR_PAGE_TOO_LARGE
 */
export function selectAll(
  root: ParentNode,
  selector: string,
  limit = Number.POSITIVE_INFINITY,
): ElementNode[] {
  const list = parseSelector(selector);
  const matcher = new Matcher(root, root instanceof ElementNode ? root : null);
  const found: ElementNode[] = [];
  for (let node = following(root, root); node !== null; node = following(node, root)) {
    if (!(node instanceof ElementNode) || !matcher.matches(node, list)) continue;
    found.push(node);
    if (found.length >= limit) break;
  }
  return found;
}
