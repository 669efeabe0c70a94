import type { PseudoSelector } from 'css-what';
import { isDisabled } from '../tree/disabled.ts';
import { CommentNode, ElementNode } from '../tree/nodes.ts';
import { isNth, parseNth } from './nth.ts';
import { parseList, type SelectorList } from './selector.ts';

/** The functions of the matcher that pseudo-classes use. */
interface Run {
  readonly scope: ElementNode | null;
  matches(element: ElementNode, list: SelectorList): boolean;
  hasRelative(anchor: ElementNode, list: SelectorList): boolean;
  place(
    element: ElementNode,
    key: string,
    isCounted: (sibling: ElementNode) => string | null,
    isLast: boolean,
  ): number;
}

const ofAll = (): string => '';
const ofType = (sibling: ElementNode): string => sibling.name;
const isFirst = (run: Run, element: ElementNode): boolean => run.place(element, 'child', ofAll, false) === 1;
const isLast = (run: Run, element: ElementNode): boolean =>
  run.place(element, 'last-child', ofAll, true) === 1;
const isFirstOfType = (run: Run, element: ElementNode): boolean =>
  run.place(element, 'of-type', ofType, false) === 1;
const isLastOfType = (run: Run, element: ElementNode): boolean =>
  run.place(element, 'last-of-type', ofType, true) === 1;

const canBeRequired = /^(input|select|textarea)$/;
const canBeDisabled = /^(button|input|select|textarea|optgroup|option|fieldset)$/;

const tests: Readonly<Record<string, (run: Run, element: ElementNode) => boolean>> = {
  root: (_, { parent }) => !(parent instanceof ElementNode),
  scope: ({ scope }, element) =>
    scope === null ? !(element.parent instanceof ElementNode) : element === scope,
  empty: (_, element) => isEmpty(element),
  'first-child': isFirst,
  'last-child': isLast,
  'only-child': (run, element) => isFirst(run, element) && isLast(run, element),
  'first-of-type': isFirstOfType,
  'last-of-type': isLastOfType,
  'only-of-type': (run, element) => isFirstOfType(run, element) && isLastOfType(run, element),
  link: (_, element) => isLink(element),
  'any-link': (_, element) => isLink(element),
  checked: (_, element) => isChecked(element),
  disabled: (_, element) => isDisabled(element),
  enabled: (_, element) => canBeDisabled.test(element.name) && !isDisabled(element),
  required: (_, element) => canBeRequired.test(element.name) && element.has('required'),
  optional: (_, element) => canBeRequired.test(element.name) && !element.has('required'),
};

/** Selectors Level 4, sections 4 to 14, where neither layout nor a user is needed. */
export function matchesPseudo(run: Run, element: ElementNode, { name, data }: PseudoSelector): boolean {
  if (typeof data === 'string') return matchesNth(run, element, name, data);
  if (data === null) return tests[name]?.(run, element) ?? false;
  if (name === 'has') return run.hasRelative(element, data);
  return run.matches(element, data) !== (name === 'not');
}

function matchesNth(run: Run, element: ElementNode, name: string, data: string): boolean {
  const nth = parseNth(data);
  if (nth === null) return false;
  const isFromEnd = name.includes('-last-');
  const [, list] = data.split(/(?<!\s)\s+of\s+/i);
  const isOfType = name.endsWith('-of-type');
  if (list === undefined) {
    const key = `${isFromEnd ? 'last-' : ''}${isOfType ? 'of-type' : 'child'}`;
    return isNth(nth, run.place(element, key, isOfType ? ofType : ofAll, isFromEnd));
  }
  const of = parseList(list, data);
  if (!run.matches(element, of)) return false;
  const counted = (sibling: ElementNode): string | null => (run.matches(sibling, of) ? '' : null);
  return isNth(nth, run.place(element, `${name} of ${list}`, counted, isFromEnd));
}

function isEmpty(element: ElementNode): boolean {
  for (let child = element.first; child !== null; child = child.next) {
    if (!(child instanceof CommentNode)) return false;
  }
  return true;
}

function isLink(element: ElementNode): boolean {
  return (element.is('a') || element.is('area')) && element.has('href');
}

/** The state in the page. Values that were filled in belong to the form. */
function isChecked(element: ElementNode): boolean {
  if (element.name === 'option') return element.has('selected');
  const type = element.attribute('type')?.toLowerCase();
  return element.name === 'input' && (type === 'checkbox' || type === 'radio') && element.has('checked');
}
