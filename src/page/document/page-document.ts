import type { Engine } from '../encoding/engine.ts';
import { resolvePageUrl } from '../encoding/resolve-url.ts';
import { type DocumentNode, type ElementNode, htmlNamespace } from '../tree/nodes.ts';
import { listedElements } from '../tree/tree-builder.ts';
import { closest, elementsIn, textOf } from '../tree/walk.ts';
import { type ContentSecurity, contentSecurityOf } from './content-security.ts';

/** The headers of a response that a page uses. */
export interface HeaderSource {
  get(name: string): string | null;
}

/** The parts of a parsed page. */
export interface DocumentInit {
  readonly root: DocumentNode;
  /** With its fragment. */
  readonly url: URL;
  readonly encoding: string;
  readonly engine: Engine;
  readonly headers: HeaderSource;
}

/** The tree of a page, with values that are read often. It never changes. */
export class PageDocument {
  readonly root: DocumentNode;
  readonly url: URL;
  readonly encoding: string;
  readonly engine: Engine;
  readonly headers: HeaderSource;
  #index: DocumentIndex | undefined;
  #security: ContentSecurity | undefined;
  #baseUrl: URL | null | undefined;

  constructor(init: DocumentInit) {
    this.root = init.root;
    this.url = init.url;
    this.encoding = init.encoding;
    this.engine = init.engine;
    this.headers = init.headers;
  }

  get index(): DocumentIndex {
    this.#index ??= indexDocument(this.root);
    return this.#index;
  }

  get security(): ContentSecurity {
    this.#security ??= contentSecurityOf(this.headers, this.index.metas, this.url);
    return this.#security;
  }

  /** The base of relative URLs; `null` where there is none. */
  get baseUrl(): URL | null {
    if (this.#baseUrl === undefined) this.#baseUrl = this.baseUrlAt(Number.POSITIVE_INFINITY);
    return this.#baseUrl;
  }

  /** The same for an element at a place in tree order, which only earlier base elements concern. */
  baseUrlAt(order: number): URL | null {
    const base = this.index.bases.find((element) => element.order < order && element.has('href'));
    if (base === undefined) return this.url;
    const url = resolvePageUrl(base.attribute('href') ?? '', this.url, this.encoding, this.engine);
    // Chromium uses about:blank where the base is not a valid URL.
    if (url === null) return this.engine === 'chromium' ? null : this.url;
    if (url.protocol === 'data:' || url.protocol === 'javascript:') return this.url;
    return this.security.allowsBase(url) ? url : this.url;
  }

  /** Resolves a URL as a link or a form of the page does. */
  resolve(text: string): URL | null {
    const base = this.baseUrl;
    if (base === null)
      return URL.canParse(text) ? resolvePageUrl(text, this.url, this.encoding, this.engine) : null;
    return resolvePageUrl(text, base, this.encoding, this.engine);
  }

  get title(): string {
    const { title } = this.index;
    return title === null
      ? ''
      : textOf(title)
          .replace(/[\t\n\f\r ]+/g, ' ')
          .trim();
  }

  withUrl(url: URL): PageDocument {
    const copy = new PageDocument({ ...this, url });
    copy.#index = this.#index;
    return copy;
  }
}

/** The results of one walk over a page. */
export interface DocumentIndex {
  /** The first element of each id. */
  readonly ids: ReadonlyMap<string, ElementNode>;
  readonly forms: readonly ElementNode[];
  /** Listed elements in tree order by their form owner; `null` for those that have none. */
  readonly controls: ReadonlyMap<ElementNode | null, readonly ElementNode[]>;
  readonly links: readonly ElementNode[];
  readonly bases: readonly ElementNode[];
  readonly metas: readonly ElementNode[];
  readonly labels: readonly ElementNode[];
  /** Names of the frames, which can be the target of a link or form. */
  readonly frames: ReadonlySet<string>;
  readonly title: ElementNode | null;
}

interface Found {
  readonly ids: Map<string, ElementNode>;
  readonly forms: ElementNode[];
  readonly listed: ElementNode[];
  readonly links: ElementNode[];
  readonly bases: ElementNode[];
  readonly metas: ElementNode[];
  readonly labels: ElementNode[];
  readonly frames: Set<string>;
  title: ElementNode | null;
}

function indexDocument(root: DocumentNode): DocumentIndex {
  const found: Found = {
    ...{ ids: new Map(), forms: [], listed: [], links: [], bases: [], metas: [], labels: [] },
    ...{ frames: new Set<string>(), title: null },
  };
  let order = 0;
  for (const element of elementsIn(root)) {
    element.order = ++order;
    const id = element.attribute('id');
    if (id !== null && id !== '' && !found.ids.has(id)) found.ids.set(id, element);
    if (element.namespace === htmlNamespace) note(found, element);
    else if (element.name === 'a' && linkTarget(element) !== null) found.links.push(element);
  }
  const controls = new Map<ElementNode | null, ElementNode[]>();
  for (const element of found.listed) {
    const owner = ownerOf(element, found.ids);
    const own = controls.get(owner);
    if (own === undefined) controls.set(owner, [element]);
    else own.push(element);
  }
  return { ...found, controls };
}

function note(found: Found, element: ElementNode): void {
  switch (element.name) {
    case 'form':
      found.forms.push(element);
      break;
    case 'a':
    case 'area':
      if (element.has('href')) found.links.push(element);
      break;
    case 'base':
      found.bases.push(element);
      break;
    case 'meta':
      found.metas.push(element);
      break;
    case 'label':
      found.labels.push(element);
      break;
    case 'title':
      found.title ??= element;
      break;
    case 'iframe':
    case 'frame':
      found.frames.add(element.attribute('name') ?? '');
      break;
    default:
      if (listedElements.has(element.name)) found.listed.push(element);
  }
}

/** HTML Standard, "reset the form owner", after the associations of the parser. */
function ownerOf(element: ElementNode, ids: ReadonlyMap<string, ElementNode>): ElementNode | null {
  const id = element.attribute('form');
  if (id === null) return element.parserOwner ?? closest(element, 'form');
  const owner = ids.get(id);
  return owner?.is('form') === true ? owner : null;
}

/** The URL of a link as written. SVG has two attributes for it. */
export function linkTarget(element: ElementNode): string | null {
  const href = element.attribute('href');
  if (href !== null || element.namespace === htmlNamespace) return href;
  // parse5 splits xlink:href into a prefix and a name.
  return element.attributes.find(({ name }) => name === 'href' || name === 'xlink:href')?.value ?? null;
}
