import { checkNumber, checkOptions, own } from '../../core/checks.ts';
import { RequestError } from '../../core/errors.ts';
import type { PageDocument } from '../document/page-document.ts';
import { visitRendered } from '../document/rendered.ts';
import type { ParentNode } from '../tree/nodes.ts';
import { SnapshotWriter } from './snapshot-writer.ts';

/** Selects a part of a snapshot. */
export interface SnapshotOptions {
  /**
   * Most characters. The part ends at the end of a line, unless one line is longer.
   * @default 20000
   */
  readonly maxLength?: number | undefined;
  /** The start of the part: `cursor` of the part before. @default 0 */
  readonly cursor?: number | undefined;
}

/** A page as text in reading order, or a part of it. */
export interface PageSnapshot {
  readonly text: string;
  /** The start of the next part, `null` at the end. */
  readonly cursor: number | null;
}

const knownOptions: ReadonlySet<string> = new Set(['maxLength', 'cursor']);
const texts = new WeakMap<ParentNode, string>();

/** @throws RequestError ERR_INVALID_OPTION */
export function snapshotOf(
  document: PageDocument,
  showsNoscript: boolean,
  options: SnapshotOptions = {},
): PageSnapshot {
  checkOptions(options, 'options', knownOptions);
  const maxLength = checkNumber('maxLength', own(options, 'maxLength') ?? 20_000, {
    least: 1,
    integer: true,
  });
  const cursor = checkNumber('cursor', own(options, 'cursor') ?? 0, { least: 0, integer: true });
  const text = wholeSnapshot(document, showsNoscript);
  if (cursor > text.length) {
    const message = `cursor must be one of this page, which ends at ${text.length}, got ${cursor}`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  const rest = text.length - cursor;
  if (rest <= maxLength) return { text: text.slice(cursor), cursor: null };
  const lineEnd = text.lastIndexOf('\n', cursor + maxLength - 1);
  const end = lineEnd > cursor ? lineEnd + 1 : cursor + maxLength;
  return { text: text.slice(cursor, end), cursor: end };
}

/** Cached with the tree, so that reading a page part by part does not create the text again. */
function wholeSnapshot(document: PageDocument, showsNoscript: boolean): string {
  let text = texts.get(document.root);
  if (text === undefined) {
    const writer = new SnapshotWriter(document);
    visitRendered(document.root, showsNoscript, writer);
    text = writer.toString();
    texts.set(document.root, text);
  }
  return text;
}
