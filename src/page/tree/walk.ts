import { type ChildNode, ElementNode, type ParentNode, TextNode } from './nodes.ts';

/**
 * The next node in tree order after `node`, within `root`; `null` at the end. Never recursive, because a tree can
 * have any depth.
 */
export function following(node: ChildNode | ParentNode, root: ParentNode): ChildNode | null {
  if (node instanceof ElementNode || node === root) {
    const { first } = node as ParentNode;
    if (first !== null) return first;
  }
  return followingSkippingChildren(node, root);
}

/** The next node after `node` and its descendants. */
export function followingSkippingChildren(node: ChildNode | ParentNode, root: ParentNode): ChildNode | null {
  let current: ChildNode | ParentNode = node;
  while (current !== root) {
    if (current.next !== null) return current.next;
    if (current.parent === null) return null;
    current = current.parent;
  }
  return null;
}

/** All elements under `root` in tree order. */
export function* elementsIn(root: ParentNode): Generator<ElementNode> {
  for (let node = following(root, root); node !== null; node = following(node, root)) {
    if (node instanceof ElementNode) yield node;
  }
}

/** DOM Standard, "descendant text content". */
export function textOf(root: ParentNode): string {
  let text = '';
  for (let node = following(root, root); node !== null; node = following(node, root)) {
    if (node instanceof TextNode) text += node.data;
  }
  return text;
}

/** DOM Standard, "child text content". */
export function childTextOf(parent: ParentNode): string {
  let text = '';
  for (let node = parent.first; node !== null; node = node.next) {
    if (node instanceof TextNode) text += node.data;
  }
  return text;
}

/** The root of the tree of `node`. */
export function treeRoot(node: ParentNode): ParentNode {
  let root = node;
  while (root.parent !== null) root = root.parent;
  return root;
}

/** The nearest ancestor of `element` that is the HTML element `name`. */
export function closest(element: ElementNode, name: string): ElementNode | null {
  for (let above = element.parentElement; above !== null; above = above.parentElement) {
    if (above.is(name)) return above;
  }
  return null;
}
