import { AttributeAction, type AttributeSelector, isTraversal, type Selector, SelectorType } from 'css-what';
import { RequestError } from '../../core/errors.ts';
import { DocumentNode, ElementNode, htmlNamespace, type ParentNode } from '../tree/nodes.ts';
import { following, treeRoot } from '../tree/walk.ts';
import { matchesPseudo } from './pseudo-classes.ts';
import type { Complex, SelectorList } from './selector.ts';

/** Most steps of one query. The caller chooses the selector, but the page decides how much work it needs. */
const maxSteps = 50_000_000;

/** HTML Standard, "case-sensitivity of selectors": attributes whose values are compared without case. */
const caseless: ReadonlySet<string> = new Set([
  ...['accept', 'accept-charset', 'align', 'alink', 'axis', 'bgcolor', 'charset', 'checked', 'clear'],
  ...['codetype', 'color', 'compact', 'declare', 'defer', 'dir', 'direction', 'disabled', 'enctype', 'face'],
  ...['frame', 'hreflang', 'http-equiv', 'lang', 'language', 'link', 'media', 'method', 'multiple', 'nohref'],
  ...['noresize', 'noshade', 'nowrap', 'readonly', 'rel', 'rev', 'rules', 'scope', 'scrolling', 'selected'],
  ...['shape', 'target', 'text', 'type', 'valign', 'valuetype', 'vlink'],
]);

/** One run of a selector, with its cached results and the number of its steps. */
export class Matcher {
  /** The element for `:scope`, `null` for the root. */
  scope: ElementNode | null;
  readonly #isQuirks: boolean;
  readonly #places = new Map<string, Map<ElementNode, number>>();
  #steps = 0;

  constructor(root: ParentNode, scope: ElementNode | null) {
    const top = treeRoot(root);
    this.#isQuirks = top instanceof DocumentNode && top.mode === 'quirks';
    this.scope = scope;
  }

  matches(element: ElementNode, list: SelectorList): boolean {
    for (const complex of list)
      if (this.#matchesComplex(element, complex, complex.length - 1, null)) return true;
    return false;
  }

  /** One selector. @param anchor what it starts from where it is relative, else `null` */
  matchesFrom(element: ElementNode, complex: Complex, anchor: ElementNode | null): boolean {
    this.step();
    return this.#matchesComplex(element, complex, complex.length - 1, anchor);
  }

  /** `:has()`: whether an element has one of the relations to `anchor`. */
  hasRelative(anchor: ElementNode, list: SelectorList): boolean {
    return list.some((complex) => {
      const first = complex[0];
      const isSibling = first?.type === SelectorType.Adjacent || first?.type === SelectorType.Sibling;
      const root = isSibling ? anchor.parent : anchor;
      if (root === null) return false;
      let node = isSibling ? anchor.next : following(anchor, anchor);
      for (; node !== null; node = following(node, root)) {
        this.step();
        if (!(node instanceof ElementNode)) continue;
        if (this.#matchesComplex(node, complex, complex.length - 1, anchor)) return true;
      }
      return false;
    });
  }

  /** Counts among siblings, once for all of them. @param key identifies what is counted */
  place(
    element: ElementNode,
    key: string,
    isCounted: (sibling: ElementNode) => string | null,
    isLast: boolean,
  ): number {
    const { parent } = element;
    if (parent === null) return 1;
    let places = this.#places.get(key);
    if (places === undefined) {
      places = new Map();
      this.#places.set(key, places);
    }
    const known = places.get(element);
    if (known !== undefined) return known;
    const counts = new Map<string, number>();
    for (
      let node = isLast ? parent.last : parent.first;
      node !== null;
      node = isLast ? node.previous : node.next
    ) {
      this.step();
      if (!(node instanceof ElementNode)) continue;
      const group = isCounted(node);
      if (group === null) continue;
      const count = (counts.get(group) ?? 0) + 1;
      counts.set(group, count);
      places.set(node, count);
    }
    return places.get(element) ?? 0;
  }

  step(): void {
    if (++this.#steps <= maxSteps) return;
    throw new RequestError(
      'ERR_PAGE_TOO_LARGE',
      'The selector takes too many steps on this page: make it simpler',
    );
  }

  /** From right to left. @param anchor what a relative selector starts from */
  #matchesComplex(element: ElementNode, complex: Complex, end: number, anchor: ElementNode | null): boolean {
    let index = end;
    for (; index >= 0; index--) {
      const part = complex[index];
      if (part === undefined || isTraversal(part)) break;
      this.step();
      if (!this.#matchesPart(element, part)) return false;
    }
    if (index < 0) return anchor === null || this.#isUnder(element, anchor);
    return this.#matchesBefore(element, complex, index, anchor);
  }

  /** A relative selector without a combinator is one of descendants. */
  #isUnder(element: ElementNode, anchor: ElementNode): boolean {
    for (let above = element.parentElement; above !== null; above = above.parentElement) {
      this.step();
      if (above === anchor) return true;
    }
    return false;
  }

  #matchesBefore(element: ElementNode, complex: Complex, index: number, anchor: ElementNode | null): boolean {
    const rest = (other: ElementNode): boolean =>
      index === 0 ? other === anchor : this.#matchesComplex(other, complex, index - 1, anchor);
    switch (complex[index]?.type) {
      case SelectorType.Child: {
        const { parentElement } = element;
        return parentElement !== null && rest(parentElement);
      }
      case SelectorType.Descendant:
        for (let above = element.parentElement; above !== null; above = above.parentElement) {
          this.step();
          if (rest(above)) return true;
        }
        return false;
      case SelectorType.Adjacent: {
        const before = previousElement(element);
        return before !== null && rest(before);
      }
      default:
        for (let before = previousElement(element); before !== null; before = previousElement(before)) {
          this.step();
          if (rest(before)) return true;
        }
        return false;
    }
  }

  #matchesPart(element: ElementNode, part: Selector): boolean {
    switch (part.type) {
      case SelectorType.Universal:
        return true;
      case SelectorType.Tag:
        return element.name === part.name || element.name.toLowerCase() === part.name.toLowerCase();
      case SelectorType.Attribute:
        return this.#matchesAttribute(element, part);
      case SelectorType.Pseudo:
        return matchesPseudo(this, element, part);
      default:
        return false;
    }
  }

  #matchesAttribute(element: ElementNode, part: AttributeSelector): boolean {
    const isHtml = element.namespace === htmlNamespace;
    const name = isHtml ? part.name.toLowerCase() : part.name;
    const value = element.attribute(name);
    if (value === null) return part.action === AttributeAction.Not;
    if (part.action === AttributeAction.Exists) return true;
    const ignoresCase =
      part.ignoreCase === 'quirks' ? this.#isQuirks : (part.ignoreCase ?? (isHtml && caseless.has(name)));
    return ignoresCase
      ? compare(part.action, value.toLowerCase(), part.value.toLowerCase())
      : compare(part.action, value, part.value);
  }
}

function compare(action: AttributeAction, value: string, wanted: string): boolean {
  switch (action) {
    case AttributeAction.Equals:
      return value === wanted;
    case AttributeAction.Element:
      return wanted !== '' && value.split(/[\t\n\f\r ]+/).includes(wanted);
    case AttributeAction.Hyphen:
      return value === wanted || value.startsWith(`${wanted}-`);
    case AttributeAction.Start:
      return wanted !== '' && value.startsWith(wanted);
    case AttributeAction.End:
      return wanted !== '' && value.endsWith(wanted);
    case AttributeAction.Any:
      return wanted !== '' && value.includes(wanted);
    case AttributeAction.Not:
      return value !== wanted;
    default:
      return false;
  }
}

function previousElement(element: ElementNode): ElementNode | null {
  let before = element.previous;
  while (before !== null && !(before instanceof ElementNode)) before = before.previous;
  return before;
}
