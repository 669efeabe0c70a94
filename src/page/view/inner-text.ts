import { type ElementNode, type ParentNode, TextNode } from '../tree/nodes.ts';
import { elementsIn } from '../tree/walk.ts';
import { LineWriter } from './line-writer.ts';
import { isBlock, isPreformatted, isReplaced, nextNamed, visitRendered } from './rendered.ts';

/**
 * What a person reads of a page, in lines. HTML Standard, "rendered text collection steps", with the style sheet of
 * browsers and no other.
 */
export function innerText(root: ParentNode, showsNoscript: boolean): string {
  const writer = new LineWriter();
  let preformatted = 0;
  visitRendered(root, showsNoscript, {
    text: (data) => {
      if (preformatted > 0) writer.preformatted(data);
      else writer.text(data);
    },
    enter: (element) => {
      if (element.name === 'br') writer.newline();
      if (element.is('select')) writeOptions(writer, element);
      if (element.is('select') || isReplaced(element)) {
        // It takes room: a space before it stays.
        if (!element.is('select')) writer.write('');
        return false;
      }
      writer.require(breaksAround(element));
      if (isPreformatted(element)) preformatted++;
      return true;
    },
    leave: (element) => {
      if (isPreformatted(element)) preformatted--;
      writer.require(breaksAround(element));
      if (isCell.test(element.name) && nextNamed(element, isCell) !== null) writer.write('\t');
      if (element.is('tr') && hasNextRow(element)) writer.newline();
    },
  });
  return writer.toString();
}

const isCell = /^t[dh]$/;

/** Chromium gives paragraphs alone an empty line. */
function breaksAround(element: ElementNode): number {
  if (element.is('p')) return 2;
  return isBlock(element) ? 1 : 0;
}

function writeOptions(writer: LineWriter, select: ElementNode): void {
  for (const option of elementsIn(select)) {
    if (!option.is('option')) continue;
    writer.require(1);
    for (let node = option.first; node !== null; node = node.next) {
      if (node instanceof TextNode) writer.text(node.data);
    }
    writer.require(1);
  }
}

function hasNextRow(row: ElementNode): boolean {
  if (nextNamed(row, /^tr$/) !== null) return true;
  const sections = /^(tbody|thead|tfoot)$/;
  const { parentElement } = row;
  if (parentElement === null || !sections.test(parentElement.name)) return false;
  let section = nextNamed(parentElement, sections);
  while (section !== null && section.first === null) section = nextNamed(section, sections);
  return section !== null;
}
