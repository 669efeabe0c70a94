import { describe, invalidOption, RequestError } from '../../core/errors.ts';
import { isFileLike } from '../../core/request/file-like.ts';
import { isButton } from '../document/input-types.ts';
import { nearest, shown } from '../document/text.ts';
import type { ElementNode } from '../tree/nodes.ts';
import type { ControlState, FormState } from './form-state.ts';
import { optionText, optionValue } from './options.ts';
import { sanitize } from './sanitize.ts';

/** One value for a control. */
export type FillValue = string | number | boolean | Blob | null;

/**
 * Values by the names of controls. A list goes to a multiple select, to several files, or to controls of one name;
 * `null` clears; `true` and `false` are for checkboxes. `undefined` leaves the control as it is.
 */
export type FillValues = Readonly<Record<string, FillValue | readonly FillValue[] | undefined>>;

type Change = readonly [ElementNode, ControlState];

/**
 * Fills in values as a user can.
 *
 * @throws RequestError ERR_NOT_FOUND for an unknown name, ERR_CONTROL_VALUE for a value that the control refuses
 */
export function fillState(state: FormState, values: FillValues): FormState {
  const changes: Change[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) changes.push(...fillNamed(state, name, value));
  }
  return state.with(changes);
}

function fillNamed(state: FormState, name: string, value: FillValue | readonly FillValue[]): Change[] {
  const controls = named(state, name);
  const fillable = controls.filter((element) => !isOutOfReach(state, element));
  const [first] = fillable;
  if (first === undefined) throw refused(name, whyNot(state, controls));
  const kind = state.controls.kind(first);
  const same = fillable.filter((element) => state.controls.kind(element) === kind);
  const list = isList(value) ? value : [value];
  if (kind === 'radio') return fillRadio(state, name, fillable, list);
  if (kind === 'checkbox') return fillCheckboxes(state, name, same, list);
  if (list.length > 1 && !isMultiple(first, kind)) {
    if (list.length !== fillable.length) {
      const message = `it is ${fillable.length} controls and was given ${list.length} values`;
      throw refused(name, message);
    }
    return fillable.flatMap((element, at) => fillOne(state, name, element, [list[at] ?? null]));
  }
  if (fillable.length > 1) {
    throw refused(name, `it is ${fillable.length} controls: give a list with a value for each`);
  }
  return fillOne(state, name, first, list);
}

function isList(value: FillValue | readonly FillValue[]): value is readonly FillValue[] {
  return Array.isArray(value);
}

/** The controls of a name. @throws RequestError ERR_NOT_FOUND with the nearest names */
export function named(state: FormState, name: string): readonly ElementNode[] {
  if (typeof name !== 'string') throw invalidOption('name', 'a string', name);
  const controls = state.controls.named(name);
  if (controls.length > 0) return controls;
  const { names } = state.controls;
  const near = nearest(names, name).map((word) => JSON.stringify(word));
  const there = near.length === 0 ? 'it has none with a name' : `nearest are ${near.join(', ')}`;
  throw new RequestError('ERR_NOT_FOUND', `The form has no control ${shown(name)}: ${there}`);
}

function isMultiple(element: ElementNode, kind: string): boolean {
  return (kind === 'select' || kind === 'file' || kind === 'email') && element.has('multiple');
}

function isOutOfReach(state: FormState, element: ElementNode): boolean {
  const kind = state.controls.kind(element);
  if (/^(fieldset|object|output)$/.test(element.name) || kind === 'hidden' || isButton(kind)) return true;
  return state.isDisabled(element) || isReadOnly(element, kind);
}

function isReadOnly(element: ElementNode, kind: string): boolean {
  return element.has('readonly') && !/^(checkbox|radio|file|select|range|color)$/.test(kind);
}

function whyNot(state: FormState, controls: readonly ElementNode[]): string {
  const [first] = controls;
  if (first === undefined) return 'it is not there';
  const kind = state.controls.kind(first);
  if (isButton(kind)) return `it is a button: click it with submit({ name })`;
  if (kind === 'hidden') return 'it is hidden: what a script of the page would do is set(name, value)';
  if (state.isDisabled(first)) return 'it is disabled: what a script of the page would do is enable(name)';
  return isReadOnly(first, kind) ? 'it is readonly: use set(name, value)' : `it is a ${first.name}`;
}

function refused(name: string, why: string): RequestError {
  return new RequestError('ERR_CONTROL_VALUE', `The control ${shown(name)} cannot be filled: ${why}`);
}

function fillOne(state: FormState, name: string, element: ElementNode, list: readonly FillValue[]): Change[] {
  const kind = state.controls.kind(element);
  if (kind === 'select') return [[element, { selected: chosenOptions(state, name, element, list) }]];
  if (kind === 'file') return [[element, { files: chosenFiles(name, element, list) }]];
  return [[element, { value: textFor(state, name, element, kind, list), isTyped: true }]];
}

function textFor(
  state: FormState,
  name: string,
  element: ElementNode,
  kind: string,
  list: readonly FillValue[],
): string {
  const texts = list.map((value) => {
    if (value === null) return '';
    if (typeof value === 'string') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    throw refused(name, `it takes text, got ${describe(value)}`);
  });
  const text = texts.join(',');
  const kept = sanitize(kind, element, text, state.controls.document.engine);
  const isRefused =
    text !== '' &&
    (kept === '' || (kind === 'color' && kept === '#000000' && !/^(#0{3,8}|black)$/i.test(text)));
  // The error for a value that a user could not enter.
  if (isRefused && element.name === 'input') throw refused(name, `${describe(text)} is not a valid ${kind}`);
  return text;
}

function fillRadio(
  state: FormState,
  name: string,
  controls: readonly ElementNode[],
  list: readonly FillValue[],
): Change[] {
  const [value, ...more] = list;
  if (more.length > 0 || isFileLike(value) || value === undefined)
    throw refused(name, 'only one of the radio buttons can be chosen');
  const radios = controls.filter((element) => state.controls.kind(element) === 'radio');
  const wanted = value === null ? null : String(value);
  const chosen =
    value === true && radios.length === 1 ? radios[0] : radios.find((radio) => state.value(radio) === wanted);
  if (chosen === undefined && value !== null)
    throw impossible(
      name,
      wanted ?? '',
      radios.map((radio) => state.value(radio)),
    );
  return state.controls
    .radioGroup(radios[0] as ElementNode)
    .map((radio) => [radio, { isChecked: radio === chosen }]);
}

function fillCheckboxes(
  state: FormState,
  name: string,
  boxes: readonly ElementNode[],
  list: readonly FillValue[],
): Change[] {
  const [value, ...more] = list;
  if (more.length === 0 && (typeof value === 'boolean' || value === null)) {
    if (boxes.length > 1 && value === true) {
      throw refused(name, `it is ${boxes.length} checkboxes: give the values of those to check`);
    }
    return boxes.map((box) => [box, { isChecked: value === true }]);
  }
  const wanted = new Set(list.map(String));
  const possible = boxes.map((box) => state.value(box));
  const missing = [...wanted].find((text) => !possible.includes(text));
  if (missing !== undefined) throw impossible(name, missing, possible);
  return boxes.map((box) => [box, { isChecked: wanted.has(state.value(box)) }]);
}

function impossible(name: string, wanted: string, possible: readonly string[]): RequestError {
  const shownOnes = possible.slice(0, 20).map((text) => JSON.stringify(text));
  const more = possible.length > 20 ? ` and ${possible.length - 20} more` : '';
  return refused(name, `${shown(wanted)} is not one of its values: ${shownOnes.join(', ')}${more}`);
}

function chosenOptions(
  state: FormState,
  name: string,
  select: ElementNode,
  list: readonly FillValue[],
): readonly ElementNode[] {
  const options = state.controls.options(select);
  const chosen = new Set<ElementNode>();
  for (const value of list) {
    if (value === null) continue;
    const wanted = String(value);
    const option = findOption(options, wanted);
    if (option === undefined) throw impossible(name, wanted, options.map(optionValue));
    if (state.isDisabled(option)) throw refused(name, `its option ${shown(wanted)} is disabled`);
    chosen.add(option);
  }
  if (chosen.size > 1 && !select.has('multiple')) throw refused(name, 'it takes one value');
  if (chosen.size > 0 || select.has('multiple')) return options.filter((option) => chosen.has(option));
  const empty = options.find((option) => optionValue(option) === '' && !state.isDisabled(option));
  return empty === undefined ? [] : [empty];
}

/** The value has precedence over the text. */
function findOption(options: readonly ElementNode[], wanted: string): ElementNode | undefined {
  return (
    options.find((option) => optionValue(option) === wanted) ??
    options.find((option) => optionText(option) === wanted || option.attribute('label') === wanted)
  );
}

function chosenFiles(name: string, element: ElementNode, list: readonly FillValue[]): readonly Blob[] {
  const files = list.filter((value) => value !== null);
  if (!files.every(isFileLike)) {
    throw refused(name, 'it takes a File or Blob; fileFrom(path) makes one of a path');
  }
  if (files.length > 1 && !element.has('multiple')) throw refused(name, 'it takes one file');
  return files as Blob[];
}
