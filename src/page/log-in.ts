import { checkOptions, ownCopy } from '../core/checks.ts';
import { invalidOption, isRequestError, RequestError } from '../core/errors.ts';
import type { Session } from '../index.ts';
import type { Query } from './document/query.ts';
import { oneLine } from './document/text.ts';
import type { FormControl } from './form/control.ts';
import type { FillValues } from './form/fill.ts';
import { hasLoginForm, isHidden, type LoginForm, loginFormOf } from './login-form.ts';
import { openPage } from './open-page.ts';
import type { Form, Page } from './page.ts';

/** The credentials of a login, and details that cannot be found in the page. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /**
   * The form, where several are possible.
   * @default the form with one password field; of several, the one whose button or action names a login
   */
  readonly form?: Query | undefined;
  /**
   * Names of the controls.
   * @default found by autocomplete, name, type and label
   */
  readonly fields?:
    | { readonly username?: string | undefined; readonly password?: string | undefined }
    | undefined;
  /** Other values to fill in, such as `{ remember: true }`. */
  readonly extra?: FillValues | undefined;
  /**
   * Whether the page after the login shows a logged-in user.
   * @default its status is below 400 and it has no login form
   */
  readonly check?: ((page: Page) => boolean | Promise<boolean>) | undefined;
  /**
   * Where the password may be sent, such as `['https://shop.example']`: a form that leads elsewhere is not submitted.
   * @default wherever the form leads
   */
  readonly origins?: readonly string[] | undefined;
  /** Ends the login at any stage; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Most self-submitting forms during a login, as SAML and OIDC form_post use them. */
const maxPosts = 10;

/**
 * Logs in with a page's login form: finds it, fills it in, clicks its button, and submits the self-submitting forms
 * of single sign-on. The password is sent at most once.
 *
 * @returns the page after the login
 * @throws RequestError ERR_LOGIN_FAILED with the page's own message, never the password; ERR_NOT_FOUND and
 *   ERR_AMBIGUOUS for the form and its fields; whatever `session.fetch` throws
 * @example
 * const home = await logIn(session, 'https://shop.example/login', { username: 'ada', password });
 */
export async function logIn(session: Session, url: string | URL, credentials: Credentials): Promise<Page> {
  const given = checked(credentials);
  const { signal, username, password } = given;
  const start = await passPosts(await openPage(session, url, { signal }), signal);
  const login = loginFormOf(start, given.form, given.fields ?? {});
  const values = { [login.username]: username, [login.password]: password, ...given.extra };
  const filled = login.form.fill(values);
  checkAim(filled, login.button, given.origins);
  const answer = await click({ ...login, form: filled }, signal);
  const page = await passPosts(answer, signal);
  const isIn = given.check === undefined ? isLoggedIn(page) : await given.check(page);
  if (isIn) return page;
  throw loginFailed(page, start, password);
}

/**
 * Creates the option `login` of a registry from a page's form.
 *
 * @example
 * const login = formLogin('https://shop.example/login', { username: 'ada', password });
 * const session = await registry.getOrCreate('ada', { login });
 */
export function formLogin(
  url: string | URL,
  credentials: Credentials | ((session: Session) => Credentials | Promise<Credentials>),
): (session: Session) => Promise<void> {
  if (typeof credentials !== 'function') checked(credentials);
  return async (session) => {
    await logIn(session, url, typeof credentials === 'function' ? await credentials(session) : credentials);
  };
}

const keys: ReadonlySet<string> = new Set([
  ...['username', 'password', 'form', 'fields', 'extra', 'check', 'origins', 'signal'],
]);

function checked(credentials: Credentials): Credentials {
  const given = ownCopy('credentials', credentials);
  checkOptions(given, 'credentials', keys);
  // The value can be a secret in the wrong place, so it is not shown.
  for (const key of ['username', 'password'] as const) {
    if (typeof given[key] !== 'string') {
      throw new RequestError('ERR_INVALID_OPTION', `credentials.${key} must be a string`);
    }
  }
  const { check, fields, extra, origins } = given;
  if (origins !== undefined) checkOrigins(origins);
  if (fields !== undefined) {
    checkOptions(fields, 'fields', new Set(['username', 'password']));
    for (const [key, name] of Object.entries(fields)) {
      if (name !== undefined && typeof name !== 'string')
        throw invalidOption(`fields.${key}`, 'a string', name);
    }
  }
  if (extra !== undefined) ownCopy('extra', extra);
  if (check !== undefined && typeof check !== 'function')
    throw invalidOption('check', 'a function of a page', check);
  return given;
}

function checkOrigins(origins: unknown): void {
  const isRight =
    Array.isArray(origins) &&
    origins.every((origin) => typeof origin === 'string' && URL.parse(origin)?.origin === origin);
  if (!isRight) throw invalidOption('origins', "a list of origins such as 'https://shop.example'", origins);
}

/** @throws RequestError ERR_LOGIN_FAILED for a form that would send the password to another origin */
function checkAim(form: Form, button: FormControl | null, origins: readonly string[] | undefined): void {
  if (origins === undefined) return;
  const { origin } = form.request(button).url;
  if (origins.includes(origin)) return;
  throw new RequestError(
    'ERR_LOGIN_FAILED',
    `The login form leads to ${origin}, which is not among origins: nothing was sent`,
  );
}

/** Clicks the login button, or submits as the page's script would where there is none. */
async function click({ form, button }: LoginForm, signal: AbortSignal | undefined): Promise<Page> {
  const init = { signal, retry: false };
  if (button !== null) return form.submit(button, init);
  try {
    return await form.submit(undefined, init);
  } catch (error) {
    if (!isRequestError(error, 'ERR_NOT_NAVIGABLE') || error.request !== undefined) throw error;
    return form.submit(null, { ...init, trigger: 'click' });
  }
}

/** Submits the self-submitting forms. */
async function passPosts(page: Page, signal: AbortSignal | undefined): Promise<Page> {
  let current = page;
  for (let count = 0; count < maxPosts; count++) {
    const form = current.isHtml ? current.selfSubmitting : null;
    if (form === null) return current;
    current = await form.submit(null, { signal, retry: false });
  }
  throw new RequestError(
    'ERR_LOGIN_FAILED',
    `The login leads through more than ${maxPosts} forms that submit themselves`,
  );
}

function isLoggedIn(page: Page): boolean {
  return (page.status ?? 200) < 400 && !(page.isHtml && hasLoginForm(page));
}

const messages = [
  ...['[role=alert]', '.alert-danger', '.alert-error', '.error', '.errors', '.errorlist', '.error-message'],
  ...[
    '#login_error',
    '.login-error',
    '.mw-message-box-error',
    '.invalid-feedback',
    '.notification-error',
    '.message',
  ],
];

/** The visible messages of a page. */
function messagesOf(page: Page): string[] {
  const said = page.isHtml ? messages.flatMap((selector) => page.queryAll(selector)) : [];
  return said.filter((element) => !isHidden(element)).map((element) => oneLine(element.text));
}

/** The new messages of the page. A message of the login page is not about this login. */
function loginFailed(page: Page, start: Page, password: string): RequestError {
  const before = new Set(messagesOf(start));
  const text = messagesOf(page).find((line) => line !== '' && !before.has(line)) ?? '';
  const shown = withoutSecret(text, password).slice(0, 200);
  const why = shown === '' ? `the answer (${page.status}) still has the login form, or is an error` : shown;
  return new RequestError('ERR_LOGIN_FAILED', `The login failed: ${why}`, {
    status: page.status ?? undefined,
  });
}

function withoutSecret(text: string, secret: string): string {
  return secret === '' ? text : text.replaceAll(secret, '…');
}
