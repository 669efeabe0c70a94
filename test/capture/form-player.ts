/** Plays one case of form-cases.json in a browser, by a person's clicks and keys. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AnyHost, HostRequest } from '../helpers/any-host.ts';
import type { FormCase, Step } from '../page/form-cases.ts';
import type { Tab } from './driven.ts';
import { formView, insideOf } from './form-view.ts';

/** What the browser has done. */
export interface Played {
  /** Without the page's own load. */
  readonly requests: readonly HostRequest[];
  /** Before the first action. */
  readonly dom: unknown;
  readonly finalUrl: string;
}

/** Milliseconds to wait for what comes late. */
export interface Patience {
  /** Without a further request after those that are expected. */
  readonly quiet: number;
  /** For a request where none is expected, or fewer have come. */
  readonly silence: number;
}

const loadLimit = 10_000;
/** Steps that prepare. What follows the first other one is noted. */
const preparing: readonly (keyof Step)[] = ['fill', 'type', 'check', 'select', 'file'];

/** @param expected how many requests the file has of it */
export async function playForm(
  tab: Tab,
  hosts: AnyHost,
  one: FormCase,
  expected: number,
  patience: Patience,
): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-files-'));
  try {
    hosts.seen.length = 0;
    await load(tab, one.page.url);
    let dom: unknown;
    let isNoted = false;
    for (const [at, step] of one.action.entries()) {
      if (!isNoted && !preparing.some((name) => step[name] !== undefined)) {
        dom = JSON.parse(await tab.evaluate(formView(one, step)));
        isNoted = true;
      }
      const before = step.none === true ? 1 : requestsOf(hosts).length;
      await act(tab, one, step, join(folder, String(at)));
      const isLast = at === one.action.length - 1;
      if (isLast) await settle(hosts, expected + 1, step.waitMs ?? patience.silence, patience.quiet);
      else if (isNoted) await settle(hosts, before + 1, patience.silence, patience.quiet);
    }
    return { requests: requestsOf(hosts).slice(1), dom, finalUrl: await restingUrl(tab) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function requestsOf({ seen }: AnyHost): HostRequest[] {
  return seen.filter(({ url }) => url !== '/favicon.ico');
}

async function load(tab: Tab, url: string): Promise<void> {
  const before = await tab.evaluate('String(performance.timeOrigin)');
  await tab.navigate(url);
  const state = `String(performance.timeOrigin) === '${before}' ? '' : document.readyState`;
  const until = Date.now() + loadLimit;
  // Between two pages there is nothing to ask.
  while ((await tab.evaluate(state).catch(() => '')) !== 'complete') {
    if (Date.now() > until) throw new Error(`${url} does not load`);
    await delay(20);
  }
  // A page answers clicks when it has been painted.
  await delay(60);
}

/** Until all have come and no more follow, or none came for a time. */
async function settle(hosts: AnyHost, count: number, silence: number, quiet: number): Promise<void> {
  let last = Date.now();
  let seen = requestsOf(hosts).length;
  // Nothing more is expected: what would come against it needs the same time.
  const isSilent = seen >= count;
  for (;;) {
    await delay(20);
    const now = requestsOf(hosts).length;
    if (now > seen) last = Date.now();
    seen = now;
    const limit = seen >= count && !isSilent ? quiet : silence;
    if (Date.now() - last >= limit) return;
  }
}

/** Where the tab is when it has loaded. */
async function restingUrl(tab: Tab): Promise<string> {
  let url = '';
  for (let turn = 0; turn < 50; turn++) {
    const [shown, state] = await tab
      .evaluate('JSON.stringify([location.href, document.readyState])')
      .then((text): string[] => JSON.parse(text))
      .catch((): string[] => []);
    if (shown !== undefined) url = shown;
    if (state === 'complete' && shown !== 'about:blank') break;
    await delay(40);
  }
  return url;
}

async function act(tab: Tab, one: FormCase, step: Step, folder: string): Promise<void> {
  if (step.none === true) return;
  const clicked = step.click ?? step.followLink;
  if (clicked !== undefined) {
    const [x = 0, y = 0] = JSON.parse(await tab.evaluate(insideOf(clicked, step.at)));
    return tab.click(x, y);
  }
  if (step.enter !== undefined) {
    await focus(tab, step.enter);
    return tab.pressEnter();
  }
  if (step.type !== undefined) {
    await focus(tab, step.type);
    return tab.type(step.text ?? '');
  }
  if (step.file !== undefined && step.byScript !== true) {
    return tab.chooseFiles(step.file, writeFiles(step, folder));
  }
  await tab.evaluate(`${scriptOf(one, step)}; ''`);
}

async function focus(tab: Tab, selector: string): Promise<void> {
  await tab.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus(); ''`);
}

function writeFiles({ files = [] }: Step, folder: string): string[] {
  return files.map(({ name, contentBase64 }, at) => {
    mkdirSync(join(folder, String(at)), { recursive: true });
    const path = join(folder, String(at), name);
    writeFileSync(path, Buffer.from(contentBase64, 'base64'));
    return path;
  });
}

/** Navigations go by a timer, so that they have no user activation and do not cut off the answer. */
function scriptOf(one: FormCase, step: Step): string {
  const text = JSON.stringify;
  const find = (selector: string): string => `document.querySelector(${text(selector)})`;
  const later = (script: string): string => `setTimeout(() => { ${script} }, 0)`;
  if (step.fill !== undefined) {
    return `{ const control = ${find(step.fill)}; control.value = ${text(step.value)};
      for (const name of ['input', 'change']) control.dispatchEvent(new Event(name, { bubbles: true })); }`;
  }
  if (step.check !== undefined) return `${find(step.check)}.checked = ${step.checked ?? true}`;
  if (step.select !== undefined) {
    return `for (const option of ${find(step.select)}.options) option.selected = ${text(step.values)}.includes(option.value)`;
  }
  if (step.file !== undefined) {
    return `{ const chosen = new DataTransfer();
      for (const { name, type = '', contentBase64 } of ${text(step.files)}) {
        const bytes = Uint8Array.from(atob(contentBase64), (letter) => letter.charCodeAt(0));
        chosen.items.add(new File([bytes], name, { type }));
      }
      ${find(step.file)}.files = chosen.files; }`;
  }
  if (step.scriptClick !== undefined) return later(`${find(step.scriptClick)}.click()`);
  if (step.locationAssign !== undefined) return later(`location.href = ${text(step.locationAssign)}`);
  // A control may be named as the method is.
  const method = (name: string): string => `HTMLFormElement.prototype.${name}.call`;
  if (step.submit !== undefined) return later(`${method('submit')}(${find(step.submit)})`);
  if (step.requestSubmit === null) {
    return later(`${method('requestSubmit')}(${find(one.form ?? 'form')}, null)`);
  }
  if (step.requestSubmit !== undefined) {
    const button = find(step.requestSubmit);
    return later(`${method('requestSubmit')}(${button}.form, ${button})`);
  }
  throw new Error(`the case has a step that is not known: ${text(step)}`);
}
