import { isTraversal, parse, type Selector, SelectorType } from 'css-what';
import { invalidOption, RequestError } from '../../core/errors.ts';
import { parseNth } from './nth.ts';

/** One complex selector: compound selectors with combinators between them, as css-what writes them. */
export type Complex = readonly Selector[];
/** A selector list. */
export type SelectorList = readonly Complex[];

const plain: ReadonlySet<string> = new Set([
  ...['root', 'scope', 'empty', 'first-child', 'last-child', 'only-child'],
  ...['first-of-type', 'last-of-type', 'only-of-type', 'link', 'any-link'],
  ...['checked', 'disabled', 'enabled', 'required', 'optional'],
]);
const withList: ReadonlySet<string> = new Set(['is', 'where', 'matches', 'any', '-webkit-any', 'not', 'has']);
const withNth: ReadonlySet<string> = new Set([
  ...['nth-child', 'nth-last-child', 'nth-of-type', 'nth-last-of-type'],
]);

const known = new Map<string, SelectorList>();

/**
 * Parses a selector.
 *
 * @throws RequestError ERR_INVALID_SELECTOR
 */
export function parseSelector(text: string): SelectorList {
  if (typeof text !== 'string') throw invalidOption('selector', 'a string', text);
  const seen = known.get(text);
  if (seen !== undefined) return seen;
  const list = parseList(text, text);
  if (known.size >= 256) known.clear();
  known.set(text, list);
  return list;
}

/** A list whose selectors may start with a combinator. @throws RequestError ERR_INVALID_SELECTOR */
export function parseRelativeList(text: string): SelectorList {
  return parseList(text, text, true);
}

/** The selector list in the argument of a pseudo-class in `text`. */
export function parseList(part: string, text: string, isRelative = false): SelectorList {
  let list: SelectorList;
  try {
    list = parse(part);
  } catch (cause) {
    throw invalid(text, cause instanceof Error ? cause.message : 'it is not CSS');
  }
  if (list.length === 0) throw invalid(text, 'it is empty');
  check(list, text, isRelative);
  return list;
}

function check(list: SelectorList, text: string, isRelative: boolean): void {
  for (const complex of list) {
    const [first] = complex;
    const last = complex.at(-1);
    if (last === undefined || isTraversal(last)) throw invalid(text, 'it ends with a combinator');
    if (first !== undefined && isTraversal(first) && !isRelative) {
      throw invalid(text, 'it starts with a combinator');
    }
    for (const part of complex) checkPart(part, text);
  }
}

function checkPart(part: Selector, text: string): void {
  switch (part.type) {
    case SelectorType.PseudoElement:
      throw invalid(text, `::${part.name} is no element`);
    case SelectorType.Parent:
    case SelectorType.ColumnCombinator:
      throw invalid(text, 'it has an unknown combinator');
    case SelectorType.Pseudo:
      checkPseudo(part.name, part.data, text);
      break;
    default:
  }
}

function checkPseudo(name: string, data: Selector[][] | string | null, text: string): void {
  if (plain.has(name)) {
    if (data !== null) throw invalid(text, `:${name} takes no argument`);
  } else if (withList.has(name)) {
    if (!Array.isArray(data)) throw invalid(text, `:${name}() needs a selector`);
    check(data, text, name === 'has');
  } else if (withNth.has(name)) {
    if (typeof data !== 'string' || parseNth(data) === null) {
      throw invalid(text, `:${name}() needs a formula such as 2n+1`);
    }
    const [, list] = data.split(/(?<!\s)\s+of\s+/i);
    if (list !== undefined) parseList(list, text);
  } else {
    throw invalid(text, `:${name} is not supported`);
  }
}

function invalid(text: string, why: string): RequestError {
  const shown = text.length <= 200 ? text : `${text.slice(0, 200)}…`;
  return new RequestError(
    'ERR_INVALID_SELECTOR',
    `The selector ${JSON.stringify(shown)} cannot be used: ${why}`,
  );
}
