import { type ChildNode, CommentNode, ElementNode, htmlNamespace, TextNode } from './nodes.ts';

const voidElements: ReadonlySet<string> = new Set([
  ...['area', 'base', 'basefont', 'bgsound', 'br', 'col', 'embed', 'frame', 'hr', 'img', 'input', 'keygen'],
  ...['link', 'meta', 'param', 'source', 'track', 'wbr'],
]);
const rawText: ReadonlySet<string> = new Set([
  ...['style', 'script', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext', 'noscript'],
]);

/** An element as HTML, with its own tag. HTML Standard, "HTML fragment serialization algorithm". */
export function outerHtml(element: ElementNode): string {
  const parts = [startTag(element)];
  const open: ElementNode[] = [element];
  let node = contentOf(element);
  for (let inside = open.at(-1); inside !== undefined; inside = open.at(-1)) {
    if (node === null) {
      parts.push(endTag(inside));
      open.pop();
      node = inside.next;
      continue;
    }
    if (node instanceof ElementNode) {
      parts.push(startTag(node));
      open.push(node);
      node = contentOf(node);
      continue;
    }
    if (node instanceof TextNode) parts.push(rawText.has(inside.name) ? node.data : escapeText(node.data));
    else if (node instanceof CommentNode) parts.push(`<!--${node.data}-->`);
    node = node.next;
  }
  return parts.join('');
}

function contentOf(element: ElementNode): ChildNode | null {
  return (element.templateContent ?? element).first;
}

function startTag({ name, attributes }: ElementNode): string {
  const written = attributes.map((attribute) => {
    const prefix = attribute.prefix ? `${attribute.prefix}:` : '';
    return ` ${prefix}${attribute.name}="${escapeText(attribute.value).replaceAll('"', '&quot;')}"`;
  });
  return `<${name}${written.join('')}>`;
}

function endTag({ name, namespace }: ElementNode): string {
  return namespace === htmlNamespace && voidElements.has(name) ? '' : `</${name}>`;
}

/** Since 2025 the Standard and Chromium also escape `<` and `>` in attributes. */
function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('\u00a0', '&nbsp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
