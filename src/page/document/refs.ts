import type { ElementNode, ParentNode } from '../tree/nodes.ts';
import { linkTarget, type PageDocument } from './page-document.ts';
import { visitRendered } from './rendered.ts';

/** The refs of a page: every link, form and control that is shown, numbered in the order of the page. */
interface Refs {
  readonly byElement: ReadonlyMap<ElementNode, string>;
  readonly byRef: ReadonlyMap<string, ElementNode>;
}

const known = new WeakMap<ParentNode, Refs>();

/** The refs of a page. They do not depend on the options of a snapshot. */
export function refsOf({ root }: PageDocument): Refs {
  let refs = known.get(root);
  if (refs !== undefined) return refs;
  const byElement = new Map<ElementNode, string>();
  const byRef = new Map<string, ElementNode>();
  // Elements in noscript also have a number, so that a ref does not depend on the option `scripting`.
  visitRendered(root, true, {
    text: () => undefined,
    enter: (element) => {
      if (isActive(element)) {
        const ref = `@e${byElement.size + 1}`;
        byElement.set(element, ref);
        byRef.set(ref, element);
      }
      return true;
    },
    leave: () => undefined,
  });
  refs = { byElement, byRef };
  known.set(root, refs);
  return refs;
}

/** The element of a ref, with or without its `@`; `null` for one that the page does not have. */
export function elementByRef(document: PageDocument, ref: string): ElementNode | null {
  return refsOf(document).byRef.get(ref.startsWith('@') ? ref : `@${ref}`) ?? null;
}

const active = /^(button|form|input|select|textarea)$/;

/** Whether a user can operate an element. */
function isActive(element: ElementNode): boolean {
  return active.test(element.name) || (element.name === 'a' && linkTarget(element) !== null);
}
