import type { PageElement } from './document/element.ts';
import type { PageForm } from './form.ts';

/**
 * The self-submitting form of a page, as SAML and OIDC form_post use it: the only form, without fields to fill in,
 * and a script that submits it.
 */
export function selfSubmitting<Next>(
  forms: readonly PageForm<Next>[],
  queryAll: (selector: string) => readonly PageElement[],
): PageForm<Next> | null {
  const [form, ...others] = forms;
  if (form === undefined || others.length > 0) return null;
  const isPost = form.element.attribute('method')?.toLowerCase() === 'post';
  const controls = form.controls();
  const isPlain = controls.every(({ type }) => /^(hidden|submit|button|image|fieldset|output)$/.test(type));
  if (!isPost || !isPlain || !controls.some(({ type }) => type === 'hidden')) return null;
  const scripts = queryAll('script').map(({ textContent }) => textContent);
  const handlers = queryAll('[onload]').map((element) => element.attribute('onload') ?? '');
  return [...scripts, ...handlers].some((code) => /\bsubmit\s*\(|\.click\s*\(/.test(code)) ? form : null;
}
