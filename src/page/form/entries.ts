import { isButton } from '../document/input-types.ts';
import type { ElementNode } from '../tree/nodes.ts';
import { directionOf } from './direction.ts';
import type { FormState } from './form-state.ts';
import { optionValue } from './options.ts';
import { wrapHard } from './wrap.ts';

/** One entry of a form: a name and a value. */
export type FormEntry = readonly [name: string, value: string | Blob];

/** Where an image button was clicked, in pixels from its upper left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const withDirection: ReadonlySet<string> = new Set([
  ...['hidden', 'text', 'search', 'tel', 'url', 'email', 'password', 'submit', 'textarea'],
]);

/**
 * HTML Standard, "constructing the entry list". Controls in a datalist are included, as in both browsers.
 *
 * @param submitter the button that submits, `null` for none
 * @param encoding the value of `_charset_`
 */
export function entriesOf(
  state: FormState,
  submitter: ElementNode | null,
  encoding: string,
  point: Point = { x: 0, y: 0 },
): FormEntry[] {
  const entries: FormEntry[] = [];
  for (const element of state.controls.all) {
    if (state.isDisabled(element) || state.isRemoved(element)) continue;
    if (/^(fieldset|object|output)$/.test(element.name)) continue;
    const kind = state.controls.kind(element);
    if (isButton(kind) && element !== submitter) continue;
    appendControl(entries, state, element, kind, encoding, point);
  }
  entries.push(...state.appended);
  return entries;
}

function appendControl(
  entries: FormEntry[],
  state: FormState,
  element: ElementNode,
  kind: string,
  encoding: string,
  point: Point,
): void {
  const name = element.attribute('name') ?? '';
  if (kind === 'image') {
    entries.push(...pointEntries(state, element, name, point));
    return;
  }
  if (name === '') return;
  switch (kind) {
    case 'select':
      entries.push(...optionEntries(state, element, name));
      break;
    case 'checkbox':
    case 'radio':
      if (state.isChecked(element)) entries.push([name, state.value(element)]);
      break;
    case 'file': {
      const files = state.files(element);
      for (const file of files.length === 0 ? [emptyFile] : files) entries.push([name, file]);
      break;
    }
    default:
      appendText(entries, state, element, kind, name, encoding);
  }
}

function optionEntries(state: FormState, select: ElementNode, name: string): FormEntry[] {
  const options = state.selected(select).filter((option) => !state.isDisabled(option));
  return options.map((option) => [name, optionValue(option)]);
}

function pointEntries(state: FormState, image: ElementNode, name: string, point: Point): FormEntry[] {
  const prefix = name === '' ? '' : `${name}.`;
  // Firefox sends no coordinates for an image that it could not load.
  const isShown = state.controls.document.engine === 'chromium' || image.has('src');
  const { x, y } = isShown ? point : { x: 0, y: 0 };
  return [
    [`${prefix}x`, String(x)],
    [`${prefix}y`, String(y)],
  ];
}

/** The value of a file field without a file. */
const emptyFile = new File([], '', { type: 'application/octet-stream' });

function appendText(
  entries: FormEntry[],
  state: FormState,
  element: ElementNode,
  kind: string,
  name: string,
  encoding: string,
): void {
  const { engine } = state.controls.document;
  const isCharset = kind === 'hidden' && name.toLowerCase() === '_charset_';
  const raw = isCharset ? encoding : state.value(element);
  const value = kind === 'textarea' ? wrapHard(element, raw, engine) : raw;
  const entry: FormEntry = [name, value];
  const dirname = element.attribute('dirname');
  // Chromium also sends an empty name, and the direction entry of a button before the button.
  const isSent = dirname !== null && withDirection.has(kind) && (dirname !== '' || engine === 'chromium');
  const direction: FormEntry[] = isSent ? [[dirname, directionOf(element, kind, value)]] : [];
  if (kind === 'submit' && engine === 'chromium') entries.push(...direction, entry);
  else entries.push(entry, ...direction);
}
