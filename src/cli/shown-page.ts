import type { Form, Page, PageLink } from '../page/index.ts';
import type { Outcome } from './command.ts';
import { hidden, isSecretName, maskUrl, maskUrlsIn } from './mask.ts';

/** Describes an opened page for the output: its URL, its title and its parts. */
export function showPage(page: Page, showsSecrets: boolean, isSnapshot: boolean): Outcome {
  const url = showsSecrets ? page.url : maskUrl(page.url);
  const type = page.response?.headers.get('content-type') ?? null;
  const response = { status: page.status, url, type };
  if (!page.isHtml) {
    return {
      text: `${page.status} ${type ?? 'no type'}\n${url}`,
      response,
      data: { url, status: page.status, type },
    };
  }
  const counts = { links: page.links().length, forms: page.forms().length };
  const snapshot = isSnapshot ? showText(page.snapshot().text, showsSecrets) : null;
  const lines = [
    `${page.status} ${page.title}`.trimEnd(),
    url,
    `${plural(counts.links, 'link')}, ${plural(counts.forms, 'form')}`,
    ...(snapshot === null ? [] : ['', snapshot]),
  ];
  const data = {
    url,
    status: page.status,
    title: page.title,
    ...counts,
    ...(snapshot === null ? {} : { snapshot }),
  };
  return { text: lines.join('\n'), response, data };
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A text that can contain URLs. */
export function showText(text: string, showsSecrets: boolean): string {
  return showsSecrets ? text : maskUrlsIn(text);
}

/** A link for the output. */
export function showLink({ text, url, href, rel, target }: PageLink, showsSecrets: boolean) {
  const shown = url?.href ?? href;
  return {
    text,
    url: showsSecrets ? shown : maskUrl(shown),
    ...(rel.length === 0 ? {} : { rel }),
    ...(target === '' ? {} : { target }),
  };
}

/** A form and its controls for the output, without the values of password fields and hidden tokens. */
export function showForm(form: Form, showsSecrets: boolean) {
  const { element } = form;
  const action = element.attribute('action') ?? '';
  return {
    name: form.name,
    id: element.attribute('id'),
    method: (element.attribute('method') ?? 'get').toUpperCase(),
    action: showsSecrets ? action : maskUrl(action),
    controls: form.controls().map((control) => {
      const { name, type, label, value, isChecked, isDisabled, isReadOnly, isRequired } = control;
      const isSecret = !showsSecrets && value !== '' && (type === 'password' || isSecretName(name));
      return {
        ...{ name, type, label, value: isSecret ? hidden : value },
        ...(isChecked === null ? {} : { isChecked }),
        ...(control.options.length === 0
          ? {}
          : { options: control.options.map(({ value: own, text }) => ({ value: own, text })) }),
        ...{ isDisabled, isReadOnly, isRequired },
      };
    }),
  };
}
