import { describe, invalidOption, RequestError } from '../../core/errors.ts';
import { selectAll } from '../select/select.ts';
import type { ElementNode } from '../tree/nodes.ts';
import type { PageDocument } from './page-document.ts';
import { elementByRef } from './refs.ts';
import { nearest, oneLine, shown } from './text.ts';

/** Describes an element by its visible text or its attributes. All given properties must match. */
export interface QueryBy {
  /** A CSS selector that matches it or an element inside it. */
  readonly selector?: string | undefined;
  /** A part of its text, case-insensitive; an element whose whole text matches comes before the others. */
  readonly text?: string | undefined;
  /**
   * True: the whole text, case-sensitive.
   * @default false
   */
  readonly exact?: boolean | undefined;
  /** Its `name` or, for a form, its `id`. */
  readonly name?: string | undefined;
  /** The text of its label, its `aria-label`, placeholder or title. */
  readonly label?: string | undefined;
  /** The URL of a link: as written, as resolved, or its path. */
  readonly href?: string | undefined;
  /** One of the words in `rel`. */
  readonly rel?: string | undefined;
  /** Its value, for buttons that share a name. */
  readonly value?: string | undefined;
  /** A ref from `snapshot()`, such as `@e3`. */
  readonly ref?: string | undefined;
  /** The index among the matches, from 0; negative from the end. */
  readonly nth?: number | undefined;
}

/** A CSS selector, or {@link QueryBy}. */
export type Query = string | QueryBy;

/** How a query finds elements of one kind. */
export interface Kind {
  /** In the plural, for messages. */
  readonly what: string;
  readonly document: PageDocument;
  readonly candidates: readonly ElementNode[];
  texts(element: ElementNode): readonly string[];
  labels(element: ElementNode): readonly string[];
  names(element: ElementNode): readonly (string | null)[];
  hrefs(element: ElementNode): readonly (string | null)[];
  /** The candidate for an element inside it. */
  around(element: ElementNode): ElementNode;
}

const keys: ReadonlySet<string> = new Set([
  ...['selector', 'text', 'exact', 'name', 'label', 'href', 'rel', 'value', 'ref', 'nth'],
]);

/** @throws RequestError ERR_INVALID_OPTION for a value that is not a query */
function checkQuery(query: unknown): asserts query is Query {
  if (typeof query === 'string') return;
  if (typeof query !== 'object' || query === null)
    throw invalidOption('query', 'a CSS selector or an object', query);
  for (const [key, value] of Object.entries(query)) {
    if (!keys.has(key)) {
      throw new RequestError('ERR_INVALID_OPTION', `query has an unknown key: ${JSON.stringify(key)}`);
    }
    const type = key === 'nth' ? 'number' : key === 'exact' ? 'boolean' : 'string';
    if (value !== undefined && typeof value !== type) throw invalidOption(`query.${key}`, `a ${type}`, value);
  }
}

/** All elements that a query matches, in tree order. */
export function findAll(kind: Kind, query: Query): ElementNode[] {
  checkQuery(query);
  if (typeof query === 'string') return byCss(kind, query);
  const { selector } = query;
  const candidates = selector === undefined ? kind.candidates : byCss(kind, selector);
  const found = candidates.filter((element) => holds(kind, element, query));
  const whole = query.text !== undefined && query.exact !== true ? wholeMatches(kind, found, query.text) : [];
  const chosen = whole.length > 0 ? whole : found;
  if (query.nth === undefined) return chosen;
  const one = chosen.at(query.nth);
  return one === undefined ? [] : [one];
}

/**
 * The one element that a query matches.
 *
 * @throws RequestError ERR_NOT_FOUND with the nearest elements, ERR_AMBIGUOUS with all matches
 */
export function findOne(kind: Kind, query: Query): ElementNode {
  const found = findAll(kind, query);
  const [first, ...others] = found;
  if (first === undefined) throw notFound(kind, query);
  if (others.length > 0) throw ambiguous(kind, found, showQuery(query));
  return first;
}

export function ambiguous(kind: Kind, found: readonly ElementNode[], query: string): RequestError {
  const list = found.slice(0, 10).map((element) => nameOf(kind, element));
  const more = found.length > list.length ? ` and ${found.length - list.length} more` : '';
  const message = `${query} means ${found.length} ${kind.what}: ${list.join(', ')}${more}. Make the query more specific, or choose with nth`;
  return new RequestError('ERR_AMBIGUOUS', message);
}

function notFound(kind: Kind, query: Query): RequestError {
  const wanted =
    typeof query === 'string'
      ? query
      : (query.text ?? query.ref ?? query.label ?? query.name ?? query.href ?? query.selector ?? '');
  const names = kind.candidates.slice(0, 1000).map((element) => nameOf(kind, element));
  const near = nearest(names, wanted);
  const there = near.length === 0 ? `the page has no ${kind.what}` : `nearest are ${near.join(', ')}`;
  return new RequestError('ERR_NOT_FOUND', `No ${kind.what} for ${showQuery(query)}: ${there}`);
}

function showQuery(query: Query): string {
  if (typeof query === 'string') return `the selector ${describe(query)}`;
  return `{ ${Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${describe(value)}`)
    .join(', ')} }`;
}

function byCss(kind: Kind, selector: string): ElementNode[] {
  const candidates = new Set(kind.candidates);
  const found = new Set<ElementNode>();
  for (const element of selectAll(kind.document.root, selector)) {
    const meant = kind.around(element);
    if (candidates.has(meant)) found.add(meant);
  }
  return [...found];
}

function holds(kind: Kind, element: ElementNode, query: QueryBy): boolean {
  const { text, exact, name, label, href, rel, value, ref } = query;
  if (ref !== undefined && !isMeant(kind, element, ref)) return false;
  if (name !== undefined && !kind.names(element).includes(name)) return false;
  if (value !== undefined && element.attribute('value') !== value) return false;
  if (rel !== undefined && !relOf(element).includes(rel.toLowerCase())) return false;
  if (href !== undefined && !kind.hrefs(element).includes(href)) return false;
  if (text !== undefined && !kind.texts(element).some((own) => hasText(own, text, exact === true)))
    return false;
  return label === undefined || kind.labels(element).some((own) => hasText(own, label, exact === true));
}

/** A ref can belong to an element inside, such as an image in a link. */
function isMeant(kind: Kind, element: ElementNode, ref: string): boolean {
  const meant = elementByRef(kind.document, ref);
  return meant !== null && kind.around(meant) === element;
}

function wholeMatches(kind: Kind, found: readonly ElementNode[], text: string): ElementNode[] {
  const wanted = oneLine(text).toLowerCase();
  return found.filter((element) => kind.texts(element).some((own) => own.toLowerCase() === wanted));
}

function hasText(own: string, wanted: string, exact: boolean): boolean {
  const line = oneLine(wanted);
  return exact ? own === line : own.toLowerCase().includes(line.toLowerCase());
}

export function relOf(element: ElementNode): string[] {
  return (element.attribute('rel') ?? '')
    .toLowerCase()
    .split(/[\t\n\f\r ]+/)
    .filter((word) => word !== '');
}

function nameOf(kind: Kind, element: ElementNode): string {
  const label =
    kind.texts(element)[0] || kind.labels(element)[0] || kind.names(element)[0] || kind.hrefs(element)[0];
  const id = element.attribute('id');
  return `${element.name}${id === null || id === '' ? '' : `#${id}`} ${shown(label ?? '')}`;
}
