import { isDisabled } from '../tree/disabled.ts';
import { ElementNode, TextNode } from '../tree/nodes.ts';
import { elementsIn, following, followingSkippingChildren } from '../tree/walk.ts';

/** HTML Standard, "list of options": those whose nearest select this is. */
export function optionsOf(select: ElementNode): ElementNode[] {
  const options: ElementNode[] = [];
  for (const element of elementsIn(select)) {
    if (element.is('option') && selectOf(element) === select) options.push(element);
  }
  return options;
}

/** HTML Standard, "option element nearest ancestor select". */
function selectOf(option: ElementNode): ElementNode | null {
  let groups = 0;
  for (let above = option.parentElement; above !== null; above = above.parentElement) {
    if (above.is('select')) return above;
    if (above.is('datalist') || above.is('hr') || above.is('option')) return null;
    if (above.is('optgroup') && ++groups > 1) return null;
  }
  return null;
}

/** The value that an option sends. */
export function optionValue(option: ElementNode): string {
  return option.attribute('value') ?? optionText(option);
}

/** HTML Standard, the text of an option: without scripts, white space stripped and collapsed. */
export function optionText(option: ElementNode): string {
  let text = '';
  for (let node = following(option, option); node !== null; ) {
    if (node instanceof ElementNode && node.name === 'script') {
      node = followingSkippingChildren(node, option);
      continue;
    }
    if (node instanceof TextNode) text += node.data;
    node = following(node, option);
  }
  return text.replace(/[\t\n\f\r ]+/g, ' ').replace(/^ | $/g, '');
}

/** The display size of a select: with 1, an option is always selected. */
function displaySize(select: ElementNode): number {
  const size = /^[\t\n\f\r ]*\+?(\d+)/.exec(select.attribute('size') ?? '')?.[1];
  const given = size === undefined ? 0 : Number(size);
  if (given > 0) return given;
  return select.has('multiple') ? 4 : 1;
}

/**
 * HTML Standard, "selectedness setting algorithm".
 *
 * @param chosen the options with selectedness true, in tree order
 */
export function selectedOf(
  select: ElementNode,
  options: readonly ElementNode[],
  chosen: readonly ElementNode[],
): readonly ElementNode[] {
  if (select.has('multiple')) return chosen;
  const last = chosen.at(-1);
  if (last !== undefined) return [last];
  if (displaySize(select) !== 1) return [];
  const first = options.find((option) => !isDisabled(option));
  return first === undefined ? [] : [first];
}

/** HTML Standard, "placeholder label option": the option that a required select must not keep. */
export function placeholderOf(select: ElementNode, options: readonly ElementNode[]): ElementNode | null {
  const [first] = options;
  if (!select.has('required') || select.has('multiple') || displaySize(select) !== 1) return null;
  return first !== undefined && optionValue(first) === '' && first.parent === select ? first : null;
}
