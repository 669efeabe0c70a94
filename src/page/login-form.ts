import { RequestError } from '../core/errors.ts';
import type { PageElement } from './document/element.ts';
import type { Query } from './document/query.ts';
import { nearest } from './document/text.ts';
import type { FormControl } from './form/control.ts';
import type { Form, Page } from './page.ts';

/** A login form, with the names of its fields. */
export interface LoginForm {
  readonly form: Form;
  readonly username: string;
  readonly password: string;
  /** The button, `null` for Enter. */
  readonly button: FormControl | null;
}

const says =
  /log.?[io]n|sign.?in|anmeld|einlogg|connexion|connecter|entrar|acceder|iniciar|acced[ie]|logga|inlog|auth|session/i;
const saysOther = /sign.?up|regist|create|join|new.?account|forgot|reset|konto erstellen|subscribe/i;
const userWords = /user|login|e-?mail|account|benutzer|uid|identifi|handle|^log$|nick|konto|usr|name/i;

/**
 * Finds the login form.
 *
 * @throws RequestError ERR_NOT_FOUND, ERR_AMBIGUOUS
 */
export function loginFormOf(
  page: Page,
  query: Query | undefined,
  fields: { readonly username?: string | undefined; readonly password?: string | undefined },
): LoginForm {
  const form = query === undefined ? chosen(page) : page.form(query);
  const controls = form.controls().filter(isVisible);
  const password = fields.password ?? controls.find(({ type }) => type === 'password')?.name;
  if (password === undefined || password === '') {
    throw new RequestError(
      'ERR_NOT_FOUND',
      'The login form has no password field with a name: give fields.password',
    );
  }
  return { form, password, username: fields.username ?? userField(controls), button: buttonOf(controls) };
}

/** Whether a page still has a form for a user and a password. A form for only a password can have another purpose. */
export function hasLoginForm(page: Page): boolean {
  return candidates(page).some((form) => textFields(form.controls().filter(isVisible)).length > 0);
}

function textFields(controls: readonly FormControl[]): FormControl[] {
  return controls.filter(({ type, name }) => /^(text|email|tel|search|url)$/.test(type) && name !== '');
}

function candidates(page: Page): Form[] {
  return page.forms().filter((form) => {
    const secrets = form.controls().filter((control) => control.type === 'password' && isVisible(control));
    return secrets.length === 1;
  });
}

function chosen(page: Page): Form {
  const forms = candidates(page);
  const [first] = forms;
  if (first === undefined) {
    const message = `The page (${page.status}) has no form with one password field: is it the login page?`;
    throw new RequestError('ERR_NOT_FOUND', message);
  }
  if (forms.length === 1) return first;
  const clear = forms.filter((form) => {
    const words = wordsOf(form);
    return says.test(words) && !saysOther.test(words);
  });
  const [one] = clear;
  if (one !== undefined && clear.length === 1) return one;
  const names = forms.map((form) => JSON.stringify(form.name)).join(', ');
  throw new RequestError(
    'ERR_AMBIGUOUS',
    `The page has ${forms.length} forms with a password field: ${names}. Say which by form`,
  );
}

function wordsOf(form: Form): string {
  const buttons = form.controls().filter(({ type }) => type === 'submit' || type === 'image');
  const texts = buttons.flatMap(({ element, value }) => [element.text, value]);
  return [form.name, form.element.attribute('action') ?? '', ...texts].join(' ');
}

/** The field for the user: by autocomplete, then by its name and label, then the last field before the password. */
function userField(controls: readonly FormControl[]): string {
  const texts = controls.filter(
    ({ type, name }) => /^(text|email|tel|search|url)$/.test(type) && name !== '',
  );
  const byAutocomplete = texts.find(({ element }) =>
    /\b(username|email)\b/i.test(element.attribute('autocomplete') ?? ''),
  );
  const byWords = texts.find(({ name, type, label, element }) =>
    [name, label, element.attribute('id') ?? '', type].some((words) => userWords.test(words)),
  );
  const at = controls.findIndex(({ type }) => type === 'password');
  const before = texts.findLast((control) => controls.indexOf(control) < at);
  const found = byAutocomplete ?? byWords ?? before;
  if (found !== undefined) return found.name;
  const near = nearest(
    controls.map(({ name }) => name).filter((name) => name !== ''),
    'username',
  );
  throw new RequestError(
    'ERR_NOT_FOUND',
    `The login form has no field for the user: give fields.username; it has ${near.join(', ')}`,
  );
}

function buttonOf(controls: readonly FormControl[]): FormControl | null {
  const buttons = controls.filter(({ type, isDisabled }) => /^(submit|image)$/.test(type) && !isDisabled);
  const words = (control: FormControl): string => `${control.element.text} ${control.value} ${control.name}`;
  const named = buttons.find((control) => says.test(words(control)) && !saysOther.test(words(control)));
  return named ?? buttons[0] ?? null;
}

/** Whether a control is visible, as far as its attributes tell. */
function isVisible({ type, element }: FormControl): boolean {
  return type !== 'hidden' && !isHidden(element);
}

/** Whether the attributes of an element or of an ancestor hide it. */
export function isHidden(element: PageElement): boolean {
  for (let at: PageElement | null = element; at !== null; at = at.parent) {
    if (at.attribute('hidden') !== null) return true;
    if (/display\s*:\s*none|visibility\s*:\s*hidden/i.test(at.attribute('style') ?? '')) return true;
  }
  return false;
}
