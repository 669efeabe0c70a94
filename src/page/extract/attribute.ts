import { linkTarget, type PageDocument } from '../document/page-document.ts';
import type { ElementNode } from '../tree/nodes.ts';

/** HTML Standard, the attributes whose value is one URL. */
const urlAttributes: ReadonlySet<string> = new Set([
  ...['action', 'background', 'cite', 'data', 'formaction', 'href', 'itemid', 'longdesc', 'poster', 'src'],
]);

/**
 * The value of an attribute, `null` without it. A URL is resolved as the page resolves it; an invalid URL stays as
 * written.
 */
export function readAttribute(
  document: PageDocument,
  element: ElementNode,
  name: string,
  isAbsolute: boolean,
): string | null {
  const lower = name.toLowerCase();
  const value =
    element.attribute(name) ??
    element.attribute(lower) ??
    (lower === 'xlink:href' ? linkTarget(element) : null);
  if (value === null || !isAbsolute || !isUrl(element, lower)) return value;
  return document.resolve(value)?.href ?? value;
}

function isUrl(element: ElementNode, name: string): boolean {
  if (name === 'data') return element.is('object');
  return name === 'xlink:href' || urlAttributes.has(name);
}
