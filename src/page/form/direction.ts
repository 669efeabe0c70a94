import { ElementNode, TextNode } from '../tree/nodes.ts';
import { following, followingSkippingChildren } from '../tree/walk.ts';

type Direction = 'ltr' | 'rtl';

const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u;
const strong = /\p{L}/u;

/** HTML Standard, "the directionality of an element", of a control whose value is `value`. */
export function directionOf(control: ElementNode, kind: string, value: string): Direction {
  const own = control.attribute('dir')?.toLowerCase();
  if (own === 'ltr' || own === 'rtl') return own;
  if (own === 'auto') return firstStrong(value) ?? 'ltr';
  return kind === 'tel' ? 'ltr' : inherited(control);
}

function inherited(control: ElementNode): Direction {
  for (let above = control.parentElement; above !== null; above = above.parentElement) {
    const dir = above.attribute('dir')?.toLowerCase() ?? '';
    if (dir === 'ltr' || dir === 'rtl') return dir;
    if (dir === 'auto' || above.is('bdi')) return strongInside(above) ?? 'ltr';
  }
  return 'ltr';
}

/** HTML Standard, "contained text auto directionality". */
function strongInside(element: ElementNode): Direction | null {
  for (let node = following(element, element); node !== null; ) {
    if (node instanceof ElementNode && isApart(node)) {
      node = followingSkippingChildren(node, element);
      continue;
    }
    const found = node instanceof TextNode ? firstStrong(node.data) : null;
    if (found !== null) return found;
    node = following(node, element);
  }
  return null;
}

function isApart(element: ElementNode): boolean {
  const isOther = /^(bdi|script|style|textarea|input)$/.test(element.name);
  return isOther || /^(ltr|rtl|auto)$/i.test(element.attribute('dir') ?? '');
}

function firstStrong(text: string): Direction | null {
  for (const character of text) {
    if (rightToLeft.test(character)) return 'rtl';
    if (strong.test(character)) return 'ltr';
  }
  return null;
}
