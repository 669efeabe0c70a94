import { elementOf, type PageElement } from '../document/element.ts';
import { labelsOf } from '../document/kinds.ts';
import type { ElementNode } from '../tree/nodes.ts';
import type { FormState } from './form-state.ts';
import { optionText, optionValue } from './options.ts';

/** One choice of a select. */
export interface FormOption {
  readonly value: string;
  readonly text: string;
  readonly isSelected: boolean;
  readonly isDisabled: boolean;
}

/** A control of a form with its value. */
export interface FormControl {
  readonly name: string;
  /** The type of an input or button, or `select`, `textarea`, `output`, `fieldset`, `object`. */
  readonly type: string;
  /** The text of its label or of a replacement of a label; empty without one. */
  readonly label: string;
  /** For a checkbox or radio the value that it sends when it is checked. */
  readonly value: string;
  /** `null` for anything but a checkbox or radio. */
  readonly isChecked: boolean | null;
  /** The choices of a select, else empty. */
  readonly options: readonly FormOption[];
  readonly isDisabled: boolean;
  readonly isReadOnly: boolean;
  readonly isRequired: boolean;
  readonly element: PageElement;
}

export function controlOf(state: FormState, element: ElementNode): FormControl {
  const type = state.controls.kind(element);
  const isCheckable = type === 'checkbox' || type === 'radio';
  return {
    name: element.attribute('name') ?? '',
    type,
    label: labelsOf(state.controls.document, element)[0] ?? '',
    value: /^(fieldset|object|output)$/.test(type) ? '' : state.value(element),
    isChecked: isCheckable ? state.isChecked(element) : null,
    options: type === 'select' ? choices(state, element) : [],
    isDisabled: state.isDisabled(element),
    isReadOnly: element.has('readonly'),
    isRequired: element.has('required'),
    element: elementOf(element),
  };
}

function choices(state: FormState, select: ElementNode): FormOption[] {
  const selected = new Set(state.selected(select));
  return state.controls.options(select).map((option) => ({
    value: optionValue(option),
    text: optionText(option),
    isSelected: selected.has(option),
    isDisabled: state.isDisabled(option),
  }));
}
