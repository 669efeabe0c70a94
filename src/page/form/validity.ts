import { isButton } from '../document/input-types.ts';
import type { ElementNode } from '../tree/nodes.ts';
import { closest } from '../tree/walk.ts';
import { dateKinds } from './dates.ts';
import type { FormState } from './form-state.ts';
import { isNumberOnStep, isOnStep, parseNumber, stepOf } from './numbers.ts';
import { placeholderOf } from './options.ts';
import { inDns, trim } from './sanitize.ts';

/** Why the value of a control is refused. HTML Standard, "validity states"; `pattern` is never checked. */
export type InvalidReason =
  | 'valueMissing'
  | 'typeMismatch'
  | 'tooShort'
  | 'tooLong'
  | 'rangeUnderflow'
  | 'rangeOverflow'
  | 'stepMismatch';

const withReadOnly: ReadonlySet<string> = new Set([
  ...['text', 'search', 'tel', 'url', 'email', 'password', 'number', 'textarea'],
  ...['date', 'month', 'week', 'time', 'datetime-local'],
]);
const withLength: ReadonlySet<string> = new Set([
  ...['text', 'search', 'tel', 'url', 'email', 'password', 'textarea'],
]);

/** HTML Standard, "barred from constraint validation". */
function isBarred(state: FormState, element: ElementNode, kind: string): boolean {
  if (state.isDisabled(element) || state.isRemoved(element)) return true;
  if (/^(fieldset|object|output)$/.test(element.name)) return true;
  if (kind === 'hidden' || isButton(kind)) return true;
  if (withReadOnly.has(kind) && element.has('readonly')) return true;
  return closest(element, 'datalist') !== null;
}

/** The reasons against the value of one control; none where it is valid or not validated. */
export function reasonsAgainst(state: FormState, element: ElementNode): InvalidReason[] {
  const kind = state.controls.kind(element);
  if (isBarred(state, element, kind)) return [];
  if (isMissing(state, element, kind)) return ['valueMissing'];
  const value = state.value(element);
  if (value === '' || kind === 'select' || kind === 'checkbox' || kind === 'radio' || kind === 'file')
    return [];
  const reasons: InvalidReason[] = [];
  if (!hasType(element, kind, value)) reasons.push('typeMismatch');
  if (withLength.has(kind) && state.isTyped(element)) reasons.push(...againstLength(element, value));
  if (kind === 'number') reasons.push(...againstNumber(element, value));
  if (kind in dateKinds) reasons.push(...againstDate(element, kind, value));
  return reasons;
}

function isMissing(state: FormState, element: ElementNode, kind: string): boolean {
  if (kind === 'radio') {
    const group = state.controls.radioGroup(element);
    return group.some((radio) => radio.has('required')) && !group.some((radio) => state.isChecked(radio));
  }
  if (!element.has('required') || kind === 'range' || kind === 'color') return false;
  if (kind === 'checkbox') return !state.isChecked(element);
  if (kind === 'file') return state.files(element).length === 0;
  if (kind !== 'select') return state.value(element) === '';
  const placeholder = placeholderOf(element, state.controls.options(element));
  return state.selected(element).every((option) => option === placeholder);
}

/** HTML Standard, "valid email address". */
const email =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

function hasType(element: ElementNode, kind: string, value: string): boolean {
  if (kind === 'url') return URL.canParse(value);
  if (kind !== 'email') return true;
  const addresses = element.has('multiple') ? value.split(',').map(trim) : [value];
  // Both browsers validate the ASCII form of the domain.
  return addresses.every((address) => email.test(inDns(address)));
}

function againstLength(element: ElementNode, value: string): InvalidReason[] {
  const least = lengthOf(element, 'minlength');
  const most = lengthOf(element, 'maxlength');
  if (least !== null && value.length < least) return ['tooShort'];
  return most !== null && value.length > most ? ['tooLong'] : [];
}

function lengthOf(element: ElementNode, name: string): number | null {
  const length = /^[\t\n\f\r ]*\+?(\d+)/.exec(element.attribute(name) ?? '')?.[1];
  return length === undefined ? null : Number(length);
}

function againstNumber(element: ElementNode, text: string): InvalidReason[] {
  const value = Number(text);
  const reasons = againstRange(
    value,
    parseNumber(element.attribute('min')),
    parseNumber(element.attribute('max')),
  );
  return isNumberOnStep(element, value) ? reasons : [...reasons, 'stepMismatch'];
}

function againstRange(value: number, least: number | null, most: number | null): InvalidReason[] {
  const reasons: InvalidReason[] = [];
  if (least !== null && value < least) reasons.push('rangeUnderflow');
  if (most !== null && value > most) reasons.push('rangeOverflow');
  return reasons;
}

function againstDate(element: ElementNode, kind: string, text: string): InvalidReason[] {
  const dates = dateKinds[kind];
  const value = dates?.parse(text) ?? null;
  if (dates === undefined || value === null) return [];
  const bound = (name: string): number | null => dates.parse(element.attribute(name) ?? '');
  const least = bound('min');
  const most = bound('max');
  // A range of times can go over midnight.
  const isReversed = kind === 'time' && least !== null && most !== null && least > most;
  const isOutside = isReversed && value > most && value < least;
  const reasons: InvalidReason[] = isReversed
    ? isOutside
      ? ['rangeUnderflow', 'rangeOverflow']
      : []
    : againstRange(value, least, most);
  const scale = kind === 'time' || kind === 'datetime-local' ? 1000 : 1;
  const step = stepOf(element, dates.step / scale);
  const base = least ?? dates.parse(element.attribute('value') ?? '') ?? 0;
  return step === null || isOnStep(value, base, step * scale) ? reasons : [...reasons, 'stepMismatch'];
}
