import type { ElementNode } from '../tree/nodes.ts';
import { elementOf, type PageElement } from './element.ts';
import { linkTarget, type PageDocument } from './page-document.ts';
import { relOf } from './query.ts';
import { visibleText } from './text.ts';

/** A link of a page: `a`, `area`, or an `a` in SVG. */
export interface PageLink {
  readonly text: string;
  /** The URL as written. */
  readonly href: string;
  /** The resolved URL, `null` where it is invalid. */
  readonly url: URL | null;
  /** The words of `rel`, in lower case. */
  readonly rel: readonly string[];
  readonly target: string;
  /** The file name for the download, `null` without a download attribute. */
  readonly download: string | null;
  readonly element: PageElement;
}

const nodes = new WeakMap<PageLink, ElementNode>();

export function linkOf(document: PageDocument, node: ElementNode): PageLink {
  const href = linkTarget(node) ?? '';
  const base = document.index.bases.find((element) => element.has('target'));
  const link: PageLink = {
    text: visibleText(node) || (node.attribute('alt') ?? ''),
    href,
    url: document.resolve(href),
    rel: relOf(node),
    target: node.attribute('target') ?? base?.attribute('target') ?? '',
    download: node.attribute('download'),
    element: elementOf(node),
  };
  nodes.set(link, node);
  return link;
}

/** The node of a link that {@link linkOf} made. */
export function nodeOfLink(link: PageLink): ElementNode | undefined {
  return nodes.get(link);
}

/** One link of a Link header. RFC 8288. */
export interface HeaderLink {
  readonly url: URL;
  readonly rel: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

/** A `<` or a quote without an end reaches to the end of the text, so that the time stays linear. */
const linkValue =
  /<([^<>]*)>((?:\s*;\s*[\w!#$%&'*+.^`|~-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|[^\s",;]*))?)*)/g;
const parameter = /;\s*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)(?:"|\\?$)|([^\s",;]*)))?/g;

/** Reads a Link header. Parts that are not links are left out. */
export function parseLinkHeader(header: string | null, base: URL): HeaderLink[] {
  const links: HeaderLink[] = [];
  for (const [, target = '', rest = ''] of (header ?? '').matchAll(linkValue)) {
    const url = URL.parse(target.trim(), base.href);
    if (url === null) continue;
    const parameters: Record<string, string> = Object.create(null);
    for (const [, name = '', quoted, bare] of rest.matchAll(parameter)) {
      parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '';
    }
    links.push({
      url,
      rel: (parameters.rel ?? '').toLowerCase().split(/\s+/).filter(Boolean),
      parameters,
    });
  }
  return links;
}
