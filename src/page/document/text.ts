import { ElementNode, TextNode } from '../tree/nodes.ts';
import { following, followingSkippingChildren } from '../tree/walk.ts';

const scripts = /^(script|style|template|noscript)$/;

/**
 * The visible text of an element without layout: its text and the alternatives of its images, on one line.
 *
 * @param limit about how many characters are wanted
 * @param leftOut names of elements whose text is not wanted
 */
export function visibleText(
  element: ElementNode,
  limit = Number.POSITIVE_INFINITY,
  leftOut = scripts,
): string {
  let text = '';
  for (let node = following(element, element); node !== null && text.length <= limit; ) {
    if (node instanceof ElementNode && leftOut.test(node.name)) {
      node = followingSkippingChildren(node, element);
      continue;
    }
    if (node instanceof TextNode) text += node.data;
    else if (node instanceof ElementNode) text += textOfTag(node);
    node = following(node, element);
  }
  return oneLine(text.length > limit ? text.slice(0, limit) : text);
}

function textOfTag(element: ElementNode): string {
  if (element.is('img')) return ` ${element.attribute('alt') ?? ''} `;
  return /^(br|p|div|li|td|th|tr|option)$/.test(element.name) ? ' ' : '';
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Text of the page for a message, shortened and quoted. */
export function shown(text: string): string {
  const line = oneLine(text);
  return JSON.stringify(line.length <= 60 ? line : `${line.slice(0, 60)}…`);
}

/** The three of `words` that are most similar to `wanted`. */
export function nearest(words: readonly string[], wanted: string): string[] {
  const pairs = (text: string): string[] => {
    const lower = ` ${text.toLowerCase()} `;
    return Array.from({ length: lower.length - 1 }, (_, at) => lower.slice(at, at + 2));
  };
  const target = new Set(pairs(wanted.slice(0, 200)));
  const likeness = (word: string): number => {
    const own = pairs(word.slice(0, 200));
    return (2 * own.filter((pair) => target.has(pair)).length) / (own.length + target.size);
  };
  return [...new Set(words)]
    .slice(0, 1000)
    .map((word) => ({ word, score: likeness(word) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({ word }) => word);
}
