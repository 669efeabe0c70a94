import type { Token } from 'parse5';

/** An attribute as the parser writes it: HTML names in lower case. */
export type Attribute = Token.Attribute;

export const htmlNamespace = 'http://www.w3.org/1999/xhtml';

/**
 * A node in a tree. Children are a linked list, so that every change by the parser takes constant time, however many
 * siblings there are.
 */
abstract class TreeNode {
  parent: ParentNode | null = null;
  previous: ChildNode | null = null;
  next: ChildNode | null = null;
}

export type ChildNode = ElementNode | TextNode | CommentNode;

/** A node with children: a document, the content of a template, an element. */
export class ParentNode extends TreeNode {
  first: ChildNode | null = null;
  last: ChildNode | null = null;
  /** The depth: the number of ancestors. */
  depth = 0;
}

/** Text between tags. */
export class TextNode extends TreeNode {
  data: string;

  constructor(data: string) {
    super();
    this.data = data;
  }
}

/** A comment or a document type. They are not used. */
export class CommentNode extends TreeNode {
  readonly data: string;

  constructor(data: string) {
    super();
    this.data = data;
  }
}

/** An element. */
export class ElementNode extends ParentNode {
  /** Lower case in HTML. */
  readonly name: string;
  readonly namespace: string;
  readonly attributes: Attribute[];
  /** The form that the parser associated with the element; `undefined` where the ancestors decide. */
  parserOwner: ElementNode | undefined = undefined;
  /** The content of a template, which is not part of the document. */
  templateContent: ParentNode | undefined = undefined;
  /** Place in tree order, once the document is indexed. */
  order = 0;

  constructor(name: string, namespace: string, attributes: Attribute[]) {
    super();
    this.name = name;
    this.namespace = namespace;
    this.attributes = attributes;
  }

  /** The value of an attribute, `null` without it. */
  attribute(name: string): string | null {
    for (const attribute of this.attributes) if (attribute.name === name) return attribute.value;
    return null;
  }

  has(name: string): boolean {
    return this.attribute(name) !== null;
  }

  /** Whether it is the HTML element `name`. */
  is(name: string): boolean {
    return this.name === name && this.namespace === htmlNamespace;
  }

  /** The parent, if it is an element. */
  get parentElement(): ElementNode | null {
    return this.parent instanceof ElementNode ? this.parent : null;
  }
}

/** A whole page. */
export class DocumentNode extends ParentNode {
  mode: 'no-quirks' | 'quirks' | 'limited-quirks' = 'no-quirks';
}

/** Inserts `node` before `reference`, or at the end. */
export function insert(parent: ParentNode, node: ChildNode, reference: ChildNode | null): void {
  const previous = reference === null ? parent.last : reference.previous;
  node.parent = parent;
  node.previous = previous;
  node.next = reference;
  if (previous === null) parent.first = node;
  else previous.next = node;
  if (reference === null) parent.last = node;
  else reference.previous = node;
  if (node instanceof ParentNode) node.depth = parent.depth + 1;
}

/** Takes `node` out of its tree. */
export function removeNode(node: ChildNode): void {
  const { parent, previous, next } = node;
  if (parent === null) return;
  if (previous === null) parent.first = next;
  else previous.next = next;
  if (next === null) parent.last = previous;
  else next.previous = previous;
  node.parent = null;
  node.previous = null;
  node.next = null;
}
