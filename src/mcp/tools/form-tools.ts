import { parseTarget } from '../../page/document/target.ts';
import {
  type FillValue,
  type FillValues,
  type Form,
  type FormControl,
  fileFrom,
  type Submitter,
} from '../../page/index.ts';
import type { ToolArguments } from '../arguments.ts';
import { objectOf } from '../schema.ts';
import type { Tool, Workplace } from '../tool.ts';
import { ToolError } from '../tool-error.ts';
import { ServerText } from '../untrusted.ts';
import { pageFacts, showPage, viewArguments } from './page-view.ts';
import { hiddenOf, pageOfCall } from './visits.ts';

const pageId = { type: 'string', description: 'Of page_open, page_follow or form_submit' } as const;
const formTarget = {
  type: 'string',
  description:
    'Which form: a ref (@e3), name=… or a CSS selector. May be left out where the page has one form.',
} as const;

const pageForms: Tool = {
  name: 'page_forms',
  title: 'List forms',
  description:
    'Lists the forms of a kept page with their controls, labels and options. Hidden and password values are not shown.',
  annotations: { readOnlyHint: true },
  inputSchema: objectOf({ page_id: pageId, 'form?': formTarget }),
  outputSchema: objectOf({ forms: { type: 'array' } }),
  run: async (place, call) => {
    const { page, session } = await pageOfCall(place, call);
    const target = call.args.optionalText('form');
    const forms = target === undefined ? page.forms() : [page.form(parseTarget(target))];
    const data = { forms: forms.slice(0, 50).map(formFacts) };
    return { data, from: page.url, hidden: hiddenOf(session, page) };
  },
};

function formFacts(form: Form): Record<string, unknown> {
  const { element } = form;
  return {
    name: new ServerText(form.name),
    method: (element.attribute('method') ?? 'get').toLowerCase(),
    action: new ServerText(element.attribute('action') ?? ''),
    controls: form.controls().slice(0, 200).map(controlFacts),
  };
}

function controlFacts(control: FormControl): Record<string, unknown> {
  const { name, type, label, isChecked, isRequired, isDisabled, isReadOnly, options } = control;
  const value = isHidden(type) ? null : new ServerText(control.value);
  const choices = options.slice(0, 100).map((option) => ({
    value: new ServerText(option.value),
    text: new ServerText(option.text),
    selected: option.isSelected,
  }));
  return {
    ...{ name: new ServerText(name), type, label: new ServerText(label), value, checked: isChecked },
    ...{ required: isRequired, disabled: isDisabled, read_only: isReadOnly },
    ...(choices.length > 0 && { options: choices }),
  };
}

function isHidden(type: string): boolean {
  return type === 'hidden' || type === 'password';
}

const formSubmit: Tool = {
  name: 'form_submit',
  title: 'Fill in and submit a form',
  description:
    'Fills in a form of a kept page and submits it as its browser would: by a click on a button, by Enter, or as a script does. dry_run shows what would be sent and sends nothing. Write {{secret:NAME}} in place of a secret.',
  annotations: { destructiveHint: true, openWorldHint: true },
  inputSchema: objectOf({
    page_id: pageId,
    'form?': formTarget,
    'values?': {
      type: 'object',
      description:
        'By control name: text, number, true or false, null to clear, a list, or { "file": "name" } of a file in the folder of this server',
    },
    'click?': { type: 'string', description: 'The button: a ref, text=…, name=… or a CSS selector' },
    'enter?': { type: 'boolean', description: 'Submit as Enter does, which is the default' },
    'script?': { type: 'boolean', description: 'Submit as form.submit() does, without a button' },
    'dry_run?': { type: 'boolean', default: false },
    ...viewArguments,
  }),
  outputSchema: {
    ...objectOf({
      ...Object.fromEntries(
        Object.entries(pageFacts.properties ?? {}).map(([name, schema]) => [`${name}?`, schema]),
      ),
      'method?': { type: 'string' },
      'entries?': { type: 'array' },
    }),
  },
  run: async (place, call) => {
    const { page, session } = await pageOfCall(place, call);
    const { args, signal } = call;
    const target = args.optionalText('form');
    const blank = target === undefined ? page.form() : page.form(parseTarget(target));
    const submitter = submitterOf(args);
    const form = blank.fill(await valuesFor(place, blank, submitter, args.members('values')));
    if (args.flag('dry_run'))
      return { data: preview(form, submitter), from: page.url, hidden: hiddenOf(session, page) };
    const next = await form.submit(submitter, signal === undefined ? {} : { signal });
    return showPage(place, call, session, next);
  },
};

/** @throws ToolError ERR_INVALID_OPTION where more than one way is given */
function submitterOf(args: ToolArguments): Submitter | undefined {
  const click = args.optionalText('click');
  const ways = Number(click !== undefined) + Number(args.flag('enter')) + Number(args.flag('script'));
  if (ways > 1) {
    throw new ToolError(
      'ERR_INVALID_OPTION',
      'click, enter and script cannot be combined',
      'Give one of them.',
    );
  }
  if (click !== undefined) return parseTarget(click);
  return args.flag('script') ? null : undefined;
}

/** The values with their files and secrets. Secrets go only to the form's origin, and never into a URL. */
async function valuesFor(
  { secrets, files }: Workplace,
  form: Form,
  submitter: Submitter | undefined,
  given: Readonly<Record<string, unknown>>,
): Promise<FillValues> {
  const values: Record<string, FillValue | FillValue[]> = {};
  const aim = secrets.isIn(JSON.stringify(given)) ? form.request(submitter) : null;
  if (aim?.method === 'GET') {
    throw new ToolError(
      'ERR_SECRET',
      'This form would write the secret into a URL',
      'Use a form with the method post.',
    );
  }
  const read = async (value: unknown): Promise<FillValue> => {
    const { file } = Object(value) as { readonly file?: unknown };
    if (typeof file === 'string') return fileFrom(await files.path(file));
    return (aim === null ? value : secrets.expandAll(value, aim.url.origin)) as FillValue;
  };
  for (const [name, value] of Object.entries(given)) {
    values[name] = Array.isArray(value) ? await Promise.all(value.map(read)) : await read(value);
  }
  return values;
}

/** The request of a form, without the values that must not be shown. */
function preview(form: Form, submitter: Submitter | undefined): Record<string, unknown> {
  const masked = new Set(
    form
      .controls()
      .filter(({ type }) => isHidden(type))
      .map(({ name }) => name),
  );
  const entries = form.entries(submitter).map(([name, value]) => {
    if (masked.has(name)) return [new ServerText(name), '[hidden]'];
    return [
      new ServerText(name),
      typeof value === 'string' ? new ServerText(value) : `[file of ${value.size} bytes]`,
    ];
  });
  const { method, url } = form.request(submitter);
  const target = new URL(url);
  // A GET form puts its values into the URL.
  if (method === 'GET') target.search = '';
  return { method, url: target.href, entries };
}

export const formsTool = pageForms;
export const submitTool = formSubmit;
