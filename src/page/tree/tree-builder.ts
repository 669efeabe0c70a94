import type { ElementCreationContext, TreeAdapter, TreeAdapterTypeMap } from 'parse5';
import { RequestError } from '../../core/errors.ts';
import {
  type Attribute,
  type ChildNode,
  CommentNode,
  DocumentNode,
  ElementNode,
  htmlNamespace,
  insert,
  ParentNode,
  removeNode,
  TextNode,
} from './nodes.ts';
import { following, treeRoot } from './walk.ts';

export type PageTree = TreeAdapterTypeMap<
  ChildNode | ParentNode,
  ParentNode,
  ChildNode,
  DocumentNode,
  ParentNode,
  ElementNode,
  CommentNode,
  TextNode,
  ElementNode,
  CommentNode
>;

/** Blink's limit of a tree's depth: a deeper element becomes a sibling. */
const maxDepth = 512;
/** Most nodes of a page. Browsers have no such limit. */
const maxNodes = 1_000_000;
/** Most nodes that are visited again because the parser moved their ancestor. */
const maxMoves = 20_000_000;

/** HTML Standard, "listed elements": elements that can have a form owner. */
export const listedElements: ReadonlySet<string> = new Set([
  'button',
  'fieldset',
  'input',
  'object',
  'output',
  'select',
  'textarea',
]);

/**
 * Creates the nodes of one page for the parser, and records the form owner of each control as the parser sets it. The
 * limits count nodes and not bytes, because few bytes can create many nodes.
 */
export class TreeBuilder implements TreeAdapter<PageTree> {
  #nodes = 0;
  #moves = 0;
  #hasOwners = false;

  createDocument(): DocumentNode {
    return new DocumentNode();
  }

  createDocumentFragment(): ParentNode {
    return new ParentNode();
  }

  createElement(name: string, namespace: string, attributes: Attribute[]): ElementNode {
    this.#count();
    return new ElementNode(name, namespace, attributes);
  }

  createCommentNode(data: string): CommentNode {
    this.#count();
    return new CommentNode(data);
  }

  createTextNode(data: string): TextNode {
    this.#count();
    return new TextNode(data);
  }

  /** HTML Standard, "create an element for a token": the form element pointer becomes the owner. */
  onElementCreated(element: ElementNode, context: ElementCreationContext<PageTree>): void {
    const { formElement: form, intendedParent: parent } = context;
    if (form === null || context.isInTemplate || parent.depth >= maxDepth) return;
    if (element.namespace !== htmlNamespace || !listedElements.has(element.name)) return;
    if (element.has('form') || treeRoot(parent) !== treeRoot(form)) return;
    element.parserOwner = form;
    this.#hasOwners = true;
  }

  appendChild(parent: ParentNode, node: ChildNode): void {
    const isTooDeep = parent.depth >= maxDepth && node instanceof ElementNode;
    insert(isTooDeep && parent.parent !== null ? parent.parent : parent, node, null);
  }

  insertBefore(parent: ParentNode, node: ChildNode, reference: ChildNode): void {
    // A node that was moved up because of its depth has another parent than the parser assumes.
    insert(reference.parent ?? parent, node, reference.parent === null ? null : reference);
  }

  insertText(parent: ParentNode, text: string): void {
    if (parent.last instanceof TextNode) parent.last.data += text;
    else insert(parent, this.createTextNode(text), null);
  }

  insertTextBefore(parent: ParentNode, text: string, reference: ChildNode): void {
    const { previous } = reference;
    if (previous instanceof TextNode) previous.data += text;
    else this.insertBefore(parent, this.createTextNode(text), reference);
  }

  /** HTML Standard: a control that is removed from its form's tree loses the owner that the parser has set. */
  detachNode(node: ChildNode): void {
    removeNode(node);
    if (!this.#hasOwners || !(node instanceof ElementNode)) return;
    for (
      let inside: ChildNode | ParentNode | null = node;
      inside !== null;
      inside = following(inside, node)
    ) {
      if (++this.#moves > maxMoves) throw tooLarge('moves too much of itself while it is parsed');
      if (!(inside instanceof ElementNode) || inside.parserOwner === undefined) continue;
      if (treeRoot(inside.parserOwner) !== node) inside.parserOwner = undefined;
    }
  }

  adoptAttributes(recipient: ElementNode, attributes: Attribute[]): void {
    const known = new Set(recipient.attributes.map(({ name }) => name));
    recipient.attributes.push(...attributes.filter(({ name }) => !known.has(name)));
  }

  setDocumentType(document: DocumentNode, name: string): void {
    insert(document, new CommentNode(name), document.first);
  }

  setDocumentMode(document: DocumentNode, mode: DocumentNode['mode']): void {
    document.mode = mode;
  }

  getDocumentMode(document: DocumentNode): ReturnType<TreeAdapter<PageTree>['getDocumentMode']> {
    return document.mode as ReturnType<TreeAdapter<PageTree>['getDocumentMode']>;
  }

  setTemplateContent(template: ElementNode, content: ParentNode): void {
    template.templateContent = content;
  }

  getTemplateContent(template: ElementNode): ParentNode {
    return template.templateContent ?? template;
  }

  getFirstChild(node: ParentNode): ChildNode | null {
    return node.first;
  }

  getChildNodes(node: ParentNode): ChildNode[] {
    const nodes: ChildNode[] = [];
    for (let child = node.first; child !== null; child = child.next) nodes.push(child);
    return nodes;
  }

  getParentNode(node: ChildNode | ParentNode): ParentNode | null {
    return node.parent;
  }

  getAttrList(element: ElementNode): Attribute[] {
    return element.attributes;
  }

  getTagName(element: ElementNode): string {
    return element.name;
  }

  getNamespaceURI(element: ElementNode): ReturnType<TreeAdapter<PageTree>['getNamespaceURI']> {
    return element.namespace as ReturnType<TreeAdapter<PageTree>['getNamespaceURI']>;
  }

  getTextNodeContent(node: TextNode): string {
    return node.data;
  }

  getCommentNodeContent(node: CommentNode): string {
    return node.data;
  }

  getDocumentTypeNodeName(node: CommentNode): string {
    return node.data;
  }

  getDocumentTypeNodePublicId(): string {
    return '';
  }

  getDocumentTypeNodeSystemId(): string {
    return '';
  }

  isTextNode(node: ChildNode | ParentNode): node is TextNode {
    return node instanceof TextNode;
  }

  isCommentNode(node: ChildNode | ParentNode): node is CommentNode {
    return node instanceof CommentNode;
  }

  isDocumentTypeNode(_node: ChildNode | ParentNode): _node is CommentNode {
    return false;
  }

  isElementNode(node: ChildNode | ParentNode): node is ElementNode {
    return node instanceof ElementNode;
  }

  setNodeSourceCodeLocation(): void {}

  getNodeSourceCodeLocation(): null {
    return null;
  }

  updateNodeSourceCodeLocation(): void {}

  #count(): void {
    if (++this.#nodes > maxNodes) throw tooLarge(`makes more than ${maxNodes} nodes`);
  }
}

export function tooLarge(what: string): RequestError {
  return new RequestError('ERR_PAGE_TOO_LARGE', `The page ${what}: read the response itself instead`);
}
