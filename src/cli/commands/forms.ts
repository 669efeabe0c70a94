import type { Invocation, Outcome } from '../command.ts';
import { withPage } from '../pages.ts';
import { showForm } from '../shown-page.ts';

/** `forms`: lists the forms and their controls, without the values of passwords and tokens. */
export async function listForms(invocation: Invocation): Promise<Outcome> {
  const { output } = invocation;
  return withPage(invocation, async ({ page, client }) => {
    const forms = page.forms().map((form) => showForm(form, output.showsSecrets));
    const text = forms.map(textOf).join('\n\n');
    return { text, data: { forms }, session: client.name };
  });
}

function textOf({ name, id, method, action, controls }: ReturnType<typeof showForm>): string {
  const names = [id === null ? '' : ` #${id}`, name === '' ? '' : ` name=${name}`].join('');
  const lines = controls.map((control) => {
    const { name: own, type, label, value, isDisabled, isReadOnly, isRequired } = control;
    const flags = [
      isRequired ? ' required' : '',
      isDisabled ? ' disabled' : '',
      isReadOnly ? ' readonly' : '',
      'isChecked' in control && control.isChecked ? ' checked' : '',
    ].join('');
    const shown = value === '' ? '' : ` = ${JSON.stringify(value)}`;
    return `  ${own || '(no name)'}: ${type}${label === '' ? '' : ` ${JSON.stringify(label)}`}${shown}${flags}`;
  });
  return [`form${names} ${method} ${action}`.trimEnd(), ...lines].join('\n');
}
