import { selectAll } from '../select/select.ts';
import type { ElementNode } from '../tree/nodes.ts';
import { textOf } from '../tree/walk.ts';
import { visibleText } from './text.ts';

const elements = new WeakMap<ElementNode, PageElement>();

let make: (node: ElementNode) => PageElement;

/** An element of a page, read-only. */
export class PageElement {
  readonly #node: ElementNode;

  /** Elements come from a page: `page.query('h1')`. */
  private constructor(node: ElementNode) {
    this.#node = node;
  }

  static {
    make = (node) => new PageElement(node);
  }

  /** The tag name, in lower case. */
  get name(): string {
    return this.#node.name;
  }

  /** The value of an attribute, `null` without it. */
  attribute(name: string): string | null {
    return this.#node.attribute(name) ?? this.#node.attribute(name.toLowerCase());
  }

  /** Its text on one line, with the alternatives of images, without scripts. */
  get text(): string {
    return visibleText(this.#node);
  }

  /** Its text content as in the DOM, with white space and scripts. */
  get textContent(): string {
    return textOf(this.#node);
  }

  get parent(): PageElement | null {
    const { parentElement } = this.#node;
    return parentElement === null ? null : elementOf(parentElement);
  }

  /** The first descendant that a CSS selector matches. */
  query(selector: string): PageElement | null {
    const [first] = selectAll(this.#node, selector, 1);
    return first === undefined ? null : elementOf(first);
  }

  /** All descendants that a CSS selector matches; `:scope` is this element. */
  queryAll(selector: string): PageElement[] {
    return selectAll(this.#node, selector).map(elementOf);
  }
}

// The build renames a class that refers to itself, and `inspect` would show that name.
Object.defineProperty(PageElement, 'name', { value: 'PageElement' });

/** One PageElement for each element of a tree. */
export function elementOf(node: ElementNode): PageElement {
  let element = elements.get(node);
  if (element === undefined) {
    element = make(node);
    elements.set(node, element);
  }
  return element;
}
