import { blocksImplicitSubmission, isSubmitButton } from '../document/input-types.ts';
import type { ElementNode } from '../tree/nodes.ts';
import type { FormState } from './form-state.ts';
import { notNavigable } from './submission.ts';

/**
 * The effect of Enter in a text field. HTML Standard, "implicit submission".
 *
 * @returns the default button, or `null` where the form is submitted without one
 * @throws RequestError ERR_NOT_NAVIGABLE where nothing happens
 */
export function defaultButton(state: FormState): ElementNode | null {
  const { all, document } = state.controls;
  const button = all.find((element) => isSubmitButton(element, document.engine));
  if (button !== undefined) {
    if (!state.isDisabled(button)) return button;
    throw notNavigable(
      'Enter does nothing, because its first button is disabled; click another or enable it',
    );
  }
  const fields = all.filter((element) => blocksImplicitSubmission(element, document.engine));
  if (fields.length <= 1) return null;
  throw notNavigable('Enter does nothing in a form with several fields and no button; use submit(null)');
}
