import { type ChildNode, ElementNode, htmlNamespace, type ParentNode, TextNode } from '../tree/nodes.ts';

/** The visitor of the rendered part of a tree, in tree order. */
export interface RenderedVisitor {
  text(data: string): void;
  /** @returns false: its children are not visited, and `leave` is not called */
  enter(element: ElementNode): boolean;
  leave(element: ElementNode): void;
}

/** HTML Standard, "hidden elements", and elements that do not show their content. */
const neverShown: ReadonlySet<string> = new Set([
  ...['area', 'base', 'basefont', 'datalist', 'head', 'link', 'meta', 'noembed', 'noframes', 'param', 'rp'],
  ...['script', 'style', 'template', 'title', 'desc', 'metadata', 'defs', 'source', 'track'],
]);

/**
 * Visits the part of `root` that a browser would show, as far as that is known without style sheets. Never recursive.
 *
 * @param showsNoscript true for a page that was parsed without scripting
 */
export function visitRendered(root: ParentNode, showsNoscript: boolean, visitor: RenderedVisitor): void {
  let node = root.first;
  while (node !== null) {
    if (visitNode(node, showsNoscript, visitor)) {
      node = (node as ElementNode).first;
      continue;
    }
    while (node.next === null) {
      const above: ParentNode | null = node.parent;
      if (above === null || above === root || !(above instanceof ElementNode)) return;
      visitor.leave(above);
      node = above;
    }
    node = node.next;
  }
}

/** @returns whether its children are visited next */
function visitNode(node: ChildNode, showsNoscript: boolean, visitor: RenderedVisitor): boolean {
  if (node instanceof TextNode && !isClosedDetails(node.parent)) visitor.text(node.data);
  if (!(node instanceof ElementNode) || !isShown(node, showsNoscript) || !visitor.enter(node)) return false;
  if (node.first === null) visitor.leave(node);
  return node.first !== null;
}

function isShown(element: ElementNode, showsNoscript: boolean): boolean {
  const { name } = element;
  if (neverShown.has(name) || element.has('hidden')) return false;
  if (name === 'noscript' && !showsNoscript) return false;
  if (name === 'input' && element.attribute('type')?.toLowerCase() === 'hidden') return false;
  if (name === 'dialog' && !element.has('open')) return false;
  const style = element.attribute('style');
  if (style !== null && hidingStyle.test(style)) return false;
  return !isInClosedDetails(element);
}

const hidingStyle = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))\b/i;

/** A closed `details` shows only its first summary. */
function isInClosedDetails(element: ElementNode): boolean {
  if (!isClosedDetails(element.parent)) return false;
  if (!element.is('summary')) return true;
  for (let before = element.previous; before !== null; before = before.previous) {
    if (before instanceof ElementNode && before.is('summary')) return true;
  }
  return false;
}

function isClosedDetails(parent: ParentNode | null): boolean {
  return parent instanceof ElementNode && parent.is('details') && !parent.has('open');
}

const blocks: ReadonlySet<string> = new Set([
  ...[
    'address',
    'article',
    'aside',
    'blockquote',
    'body',
    'caption',
    'center',
    'dd',
    'details',
    'dialog',
    'dir',
  ],
  ...[
    'div',
    'dl',
    'dt',
    'fieldset',
    'figcaption',
    'figure',
    'footer',
    'form',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
  ],
  ...['header', 'hgroup', 'hr', 'html', 'legend', 'li', 'listing', 'main', 'menu', 'nav', 'ol', 'optgroup'],
  ...['option', 'p', 'plaintext', 'pre', 'search', 'section', 'summary', 'table', 'text', 'ul', 'xmp'],
]);

/** The `display` of an element's style attribute; `null` without one. */
export function ownDisplay(element: ElementNode): string | null {
  const style = element.attribute('style');
  if (style === null) return null;
  // CSS 2, section 9.7: these values turn an element into a block.
  if (outOfLine.test(style)) return 'block';
  return /(?:^|;)\s*display\s*:\s*([a-z-]+)/i.exec(style)?.[1]?.toLowerCase() ?? null;
}

const outOfLine = /(?:^|;)\s*(?:float\s*:\s*(?:left|right)|position\s*:\s*(?:absolute|fixed))\b/i;
const blockDisplay = /^(block|flex|grid|flow-root|list-item|table|table-caption)$/;

/**
 * Whether an element begins a new line, by the style sheet of browsers or by its style attribute. HTML Standard,
 * "Rendering".
 */
export function isBlock(element: ElementNode): boolean {
  const display = ownDisplay(element);
  if (display !== null) return blockDisplay.test(display);
  const { name, namespace } = element;
  return blocks.has(name) && (namespace === htmlNamespace) === (name !== 'text');
}

/** Whether white space is kept in an element. */
export function isPreformatted(element: ElementNode): boolean {
  if (/^(pre|listing|xmp|plaintext|textarea)$/.test(element.name)) return true;
  const style = element.attribute('style');
  return style !== null && /(?:^|;)\s*white-space\s*:\s*(?:pre|pre-wrap|break-spaces)\b/i.test(style);
}

/** Elements that occupy space in a line and are not text, whatever their content. */
export function isReplaced({ name }: ElementNode): boolean {
  return replaced.has(name);
}

const replaced: ReadonlySet<string> = new Set([
  ...[
    'audio',
    'canvas',
    'embed',
    'frame',
    'iframe',
    'img',
    'input',
    'meter',
    'object',
    'progress',
    'textarea',
  ],
  ...['video'],
]);

/** The next sibling of `element` with one of these names. */
export function nextNamed(element: ElementNode, names: RegExp): ElementNode | null {
  for (let next = element.next; next !== null; next = next.next) {
    if (next instanceof ElementNode && names.test(next.name)) return next;
  }
  return null;
}
