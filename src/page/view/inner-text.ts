import {
  isBlock,
  isPreformatted,
  isReplaced,
  nextNamed,
  ownDisplay,
  visitRendered,
} from '../document/rendered.ts';
import { type ElementNode, type ParentNode, TextNode } from '../tree/nodes.ts';
import { elementsIn } from '../tree/walk.ts';
import { LineWriter } from './line-writer.ts';

/**
 * The visible text of a page, in lines. HTML Standard, "rendered text collection steps", with only the style sheet of
 * browsers.
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
      if (element.is('select') || isReplaced(element)) {
        writer.room();
        if (element.is('select')) writeOptions(writer, element);
        return false;
      }
      writer.require(breaksAround(element));
      if (isInlineBox(element)) writer.room();
      if (isCell.test(element.name) || isInlineBox(element)) writer.startBox();
      if (isPreformatted(element)) preformatted++;
      return true;
    },
    leave: (element) => {
      if (isPreformatted(element)) preformatted--;
      writer.require(breaksAround(element));
      if (isCell.test(element.name) || isInlineBox(element)) writer.endBox();
      if (isCell.test(element.name) && nextNamed(element, isCell) !== null) writer.write('\t');
      if (element.is('tr') && hasNextRow(element)) writer.newline();
    },
  });
  return writer.toString();
}

const isCell = /^t[dh]$/;

/** An inline box with lines of its own, by the style sheet of browsers or by its style attribute. */
function isInlineBox(element: ElementNode): boolean {
  return element.is('button') || /^inline-(block|flex|grid|table)$/.test(ownDisplay(element) ?? '');
}

/** Chromium surrounds only paragraphs with empty lines. */
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
  writer.room();
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
