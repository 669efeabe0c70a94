import { isDisabled } from '../tree/disabled.ts';
import type { ElementNode } from '../tree/nodes.ts';
import { childTextOf } from '../tree/walk.ts';
import type { FormControls } from './form-controls.ts';
import { optionValue, selectedOf } from './options.ts';
import { sanitize } from './sanitize.ts';

/** The value of a control that replaces the value in the page. */
export interface ControlState {
  readonly value?: string;
  /** True for a value that a user would have typed: its length is validated. */
  readonly isTyped?: boolean;
  readonly isChecked?: boolean;
  readonly selected?: readonly ElementNode[];
  readonly files?: readonly Blob[];
}

/** The changes to a form that do not belong to a control. */
interface Changes {
  readonly states: ReadonlyMap<ElementNode, ControlState>;
  readonly enabled: ReadonlySet<ElementNode>;
  readonly removed: ReadonlySet<ElementNode>;
  readonly appended: readonly (readonly [name: string, value: string | Blob])[];
}

const untouched: Changes = { states: new Map(), enabled: new Set(), removed: new Set(), appended: [] };

const checkable: ReadonlySet<string> = new Set(['checkbox', 'radio']);
/** Types whose value comes from the page or a script and is not typed. */
const untyped: ReadonlySet<string> = new Set(['hidden', 'submit', 'image', 'reset', 'button']);

/** A form with its values at one moment. Every change creates another one. */
export class FormState {
  readonly controls: FormControls;
  readonly #changes: Changes;
  readonly #radios = new Map<string, ElementNode | null>();

  constructor(controls: FormControls, changes: Changes = untouched) {
    this.controls = controls;
    this.#changes = changes;
  }

  get appended(): Changes['appended'] {
    return this.#changes.appended;
  }

  isRemoved(element: ElementNode): boolean {
    return this.#changes.removed.has(element);
  }

  isDisabled(element: ElementNode): boolean {
    return !this.#changes.enabled.has(element) && isDisabled(element);
  }

  isTyped(element: ElementNode): boolean {
    return this.#changes.states.get(element)?.isTyped === true;
  }

  /** The value of a control after sanitization; for a checkbox or radio the value that it sends. */
  value(element: ElementNode): string {
    const given = this.#changes.states.get(element)?.value;
    const kind = this.controls.kind(element);
    if (element.name === 'button') return given ?? element.attribute('value') ?? '';
    if (kind === 'select') return this.selected(element).map(optionValue)[0] ?? '';
    if (kind === 'textarea') {
      return sanitize(kind, element, given ?? childTextOf(element), this.controls.document.engine);
    }
    if (checkable.has(kind)) return given ?? element.attribute('value') ?? 'on';
    const raw = given ?? element.attribute('value') ?? '';
    return untyped.has(kind) ? raw : sanitize(kind, element, raw, this.controls.document.engine);
  }

  isChecked(element: ElementNode): boolean {
    const changed = this.#changes.states.get(element)?.isChecked;
    if (changed !== undefined) return changed;
    if (this.controls.kind(element) !== 'radio') return element.has('checked');
    const name = element.attribute('name') ?? '';
    if (name === '') return element.has('checked');
    let checked = this.#radios.get(name);
    if (checked === undefined) {
      // The last one in the page replaces those before it.
      checked = this.controls.radioGroup(element).findLast((radio) => radio.has('checked')) ?? null;
      this.#radios.set(name, checked);
    }
    return checked === element;
  }

  /** The selected options, disabled ones included. */
  selected(select: ElementNode): readonly ElementNode[] {
    const changed = this.#changes.states.get(select)?.selected;
    if (changed !== undefined) return changed;
    const options = this.controls.options(select);
    const chosen = options.filter((option) => option.has('selected'));
    return selectedOf(select, options, chosen);
  }

  files(element: ElementNode): readonly Blob[] {
    return this.#changes.states.get(element)?.files ?? [];
  }

  with(states: Iterable<readonly [ElementNode, ControlState]>): FormState {
    return this.#changed({ states: new Map([...this.#changes.states, ...states]) });
  }

  withEnabled(elements: readonly ElementNode[]): FormState {
    return this.#changed({ enabled: new Set([...this.#changes.enabled, ...elements]) });
  }

  withRemoved(elements: readonly ElementNode[]): FormState {
    return this.#changed({ removed: new Set([...this.#changes.removed, ...elements]) });
  }

  withAppended(name: string, value: string | Blob): FormState {
    return this.#changed({ appended: [...this.#changes.appended, [name, value]] });
  }

  #changed(changes: Partial<Changes>): FormState {
    return new FormState(this.controls, { ...this.#changes, ...changes });
  }
}
