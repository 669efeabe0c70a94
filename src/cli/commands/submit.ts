import type { FormEntry, Submitter } from '../../page/index.ts';
import { type Form, fileFrom, type Page } from '../../page/index.ts';
import { restorePage } from '../../page/restore-page.ts';
import { withClient } from '../client.ts';
import type { Arguments, Invocation, Outcome } from '../command.ts';
import { type FieldItem, fieldItems, fieldValue } from '../fields.ts';
import type { KeptPage } from '../kept-page.ts';
import { hidden, isSecretName, maskUrl } from '../mask.ts';
import { arriveAt, keptPage, noteRequest, visitInit } from '../pages.ts';
import { isFormTarget, targetOn } from '../targets.ts';
import { UsageError } from '../usage-error.ts';

/** `submit`: fills a form of the kept page and submits it with a button, or as the Enter key does. */
export async function submitForm(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  return withClient(invocation, async (client) => {
    const kept = await keptPage(invocation, client);
    const page = restorePage(client.session, kept.page);
    const form = await filledForm(page, kept, args);
    const submitter = submitterOf(args, kept);
    if (args.flag('dry-run')) {
      const request = showRequest(form, submitter, output.showsSecrets);
      return { text: request.text, data: request.data, session: client.name };
    }
    const { method } =
      form.element.attribute('method')?.toLowerCase() === 'post' ? { method: 'POST' } : { method: 'GET' };
    noteRequest(invocation, method, form.element.attribute('action') ?? page.url);
    const next = await form.submit(submitter, {
      ...visitInit(invocation),
      ...(args.flag('no-validate') ? { validate: false } : {}),
    });
    return arriveAt(invocation, client, next, kept);
  });
}

async function filledForm(page: Page, kept: KeptPage, args: Arguments): Promise<Form> {
  const [first = '', ...rest] = args.positionals;
  const isNamed = isFormTarget(first);
  const items = fieldItems(isNamed ? rest : args.positionals);
  let form = isNamed ? page.form(targetOn(kept, first)) : formOf(page, kept, args, items);
  for (const name of args.texts('enable')) form = form.enable(name);
  for (const { name, value } of fieldItems(args.texts('set'))) form = form.set(name, String(value));
  return form.fill(await valuesOf(items));
}

/** Without a target: the only form, the form of the button, or the only form that has all the fields. */
function formOf(page: Page, kept: KeptPage, args: Arguments, items: readonly FieldItem[]): Form {
  const forms = page.forms();
  const button = args.text('click');
  if (button !== undefined && forms.length > 1) {
    const query = targetOn(kept, button);
    const having = forms.filter((form) => hasControl(form, query));
    if (having.length === 1 && having[0] !== undefined) return having[0];
  }
  const names = items.map(({ name }) => name);
  const having = forms.filter((form) => {
    const own = new Set(form.controls().map(({ name }) => name));
    return names.length > 0 && names.every((name) => own.has(name));
  });
  return having.length === 1 && having[0] !== undefined ? having[0] : page.form();
}

function hasControl(form: Form, query: Parameters<Form['control']>[0]): boolean {
  try {
    form.control(query);
    return true;
  } catch {
    return false;
  }
}

async function valuesOf(items: readonly FieldItem[]): Promise<Parameters<Form['fill']>[0]> {
  const values = new Map<string, unknown>();
  for (const item of items) {
    const value = item.kind === 'file' ? await fileFrom(item.value) : await fieldValue(item);
    const before = values.get(item.name);
    values.set(item.name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(values) as Parameters<Form['fill']>[0];
}

function submitterOf(args: Arguments, kept: KeptPage): Submitter | undefined {
  const button = args.text('click');
  if (!args.flag('script')) return button === undefined ? undefined : targetOn(kept, button);
  if (button !== undefined) throw new UsageError('--script and --click cannot be combined');
  return null;
}

/** The request that would be sent, with the values of secret fields hidden. */
function showRequest(form: Form, submitter: Submitter | undefined, showsSecrets: boolean) {
  const request = form.request(submitter);
  const passwords = new Set(form.controls().flatMap(({ type, name }) => (type === 'password' ? [name] : [])));
  const mask = ([name, value]: FormEntry) => {
    if (typeof value !== 'string')
      return { name, file: value instanceof File ? value.name : '', size: value.size };
    const isSecret = !showsSecrets && (passwords.has(name) || isSecretName(name));
    return { name, value: isSecret && value !== '' ? hidden : value };
  };
  const fields = form.entries(submitter).map(mask);
  // The fields of a GET form are in the URL, which is shown below.
  const target =
    request.method === 'GET' && !showsSecrets ? request.url.origin + request.url.pathname : request.url.href;
  const url = showsSecrets ? target : maskUrl(target);
  const lines = [
    `${request.method} ${url}`,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
    '',
    ...fields.map((field) =>
      'value' in field ? `${field.name}=${field.value}` : `${field.name}@${field.file} (${field.size} bytes)`,
    ),
  ];
  return { text: lines.join('\n'), data: { method: request.method, url, headers: request.headers, fields } };
}
