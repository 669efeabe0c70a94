import { ElementNode } from './nodes.ts';

const disableable: ReadonlySet<string> = new Set([
  ...['button', 'fieldset', 'input', 'optgroup', 'option', 'select', 'textarea'],
]);

/** HTML Standard, "actually disabled". */
export function isDisabled(element: ElementNode): boolean {
  if (!disableable.has(element.name)) return false;
  if (element.has('disabled')) return true;
  if (element.name === 'option') return optgroupOf(element)?.has('disabled') === true;
  return element.name !== 'optgroup' && isInDisabledFieldset(element);
}

/** The optgroup of an option. Other elements can be between them, because a select can contain any element. */
function optgroupOf(option: ElementNode): ElementNode | null {
  let above = option.parentElement;
  while (above !== null && !above.is('optgroup')) above = above.is('select') ? null : above.parentElement;
  return above;
}

/** A disabled fieldset disables all controls in it, except those in its first legend child. */
function isInDisabledFieldset(element: ElementNode): boolean {
  let child: ElementNode = element;
  for (let above = element.parentElement; above !== null; above = above.parentElement) {
    if (above.is('fieldset') && above.has('disabled') && child !== firstLegend(above)) return true;
    child = above;
  }
  return false;
}

function firstLegend(fieldset: ElementNode): ElementNode | null {
  for (let child = fieldset.first; child !== null; child = child.next) {
    if (child instanceof ElementNode && child.is('legend')) return child;
  }
  return null;
}
