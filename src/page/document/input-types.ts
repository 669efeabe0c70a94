import type { Engine } from '../encoding/engine.ts';
import type { ElementNode } from '../tree/nodes.ts';

const types: ReadonlySet<string> = new Set([
  ...['hidden', 'text', 'search', 'tel', 'url', 'email', 'password', 'date', 'month', 'week', 'time'],
  ...[
    'datetime-local',
    'number',
    'range',
    'color',
    'checkbox',
    'radio',
    'file',
    'submit',
    'image',
    'reset',
    'button',
  ],
]);

/**
 * What kind of control an element is: `textarea`, `select`, the type of an input or of a button, else the element's
 * name. Firefox has no month and week: they are text.
 */
export function kindOf(element: ElementNode, engine: Engine): string {
  if (element.name === 'button') return buttonType(element);
  if (element.name !== 'input') return element.name;
  const type = element.attribute('type')?.toLowerCase() ?? 'text';
  if (!types.has(type)) return 'text';
  return engine === 'firefox' && (type === 'month' || type === 'week') ? 'text' : type;
}

/** HTML Standard, the type attribute of button: without one a button with a command does not submit. */
function buttonType(element: ElementNode): string {
  const type = element.attribute('type')?.toLowerCase();
  if (type === 'reset' || type === 'button' || type === 'submit') return type;
  return element.has('command') || element.has('commandfor') ? 'button' : 'submit';
}

/** HTML Standard, "submit button". */
export function isSubmitButton(element: ElementNode, engine: Engine): boolean {
  const kind = kindOf(element, engine);
  return kind === 'submit' || kind === 'image';
}

/** HTML Standard, "button": a control without a value in the entry list unless it is the submitter. */
export function isButton(kind: string): boolean {
  return kind === 'submit' || kind === 'image' || kind === 'reset' || kind === 'button';
}

const blocking: ReadonlySet<string> = new Set([
  'text',
  'search',
  'tel',
  'url',
  'email',
  'password',
  'number',
]);

/**
 * HTML Standard, "field that blocks implicit submission", without the date and time types, which block it in no
 * browser.
 */
export function blocksImplicitSubmission(element: ElementNode, engine: Engine): boolean {
  return element.name === 'input' && blocking.has(kindOf(element, engine));
}
