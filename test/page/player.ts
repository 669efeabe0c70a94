import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRequestError, type RequestErrorCode } from '../../src/index.ts';
import { type FillValue, type Form, fileFrom, type Page } from '../../src/page/index.ts';
import type { FormCase, Step } from './form-cases.ts';

/** Says that a browser sends nothing. */
const nothingSent: readonly RequestErrorCode[] = [
  'ERR_NOT_NAVIGABLE',
  'ERR_FORM_INVALID',
  'ERR_INVALID_REDIRECT',
  'ERR_CONTROL_VALUE',
];

/** Plays the steps of a case as a caller of the library would. */
export class Player {
  #page: Page;
  readonly #case: FormCase;
  /** Forms with what was done to them, by their place in the page. */
  #forms: Form[] = [];

  constructor(page: Page, played: FormCase) {
    this.#page = page;
    this.#case = played;
  }

  get page(): Page {
    return this.#page;
  }

  async play(): Promise<void> {
    for (const step of this.#case.action) {
      try {
        await this.#step(step);
      } catch (error) {
        if (!nothingSent.some((code) => isRequestError(error, code))) throw error;
      }
    }
  }

  async #step(step: Step): Promise<void> {
    if (step.none === true) return this.#wait();
    if (step.locationAssign !== undefined) return this.#go(new URL(step.locationAssign, this.#page.url));
    if (step.followLink !== undefined) return this.#follow(step.followLink, 'click');
    if (step.click !== undefined) return this.#click(step.click, step.at ?? [0, 0]);
    if (step.scriptClick !== undefined) return this.#scriptClick(step.scriptClick);
    if (step.enter !== undefined) return this.#enter(step.enter);
    if (step.submit !== undefined) return this.#arrive(this.#formAt(step.submit).submit(null));
    if (step.requestSubmit !== undefined) return this.#requestSubmit(step.requestSubmit);
    return this.#fill(step);
  }

  /** What the page does by itself: its refresh, or its one script. */
  async #wait(): Promise<void> {
    const html = this.#page.html();
    const location = /location\.href='([^']*)'/.exec(html)?.[1];
    if (location !== undefined) return this.#go(new URL(location, this.#page.url));
    if (html.includes('document.forms[0].submit()')) return this.#arrive(this.#formOf(0).submit(null));
    const { refresh } = this.#page;
    if (refresh !== null) await this.#arrive(this.#page.follow(refresh));
  }

  #go(url: URL): Promise<void> {
    return this.#arrive(this.#page.follow(url, { trigger: 'script' }));
  }

  async #arrive(next: Promise<Page>): Promise<void> {
    const page = await next;
    const { status, response } = page;
    // A browser stays where it is.
    const isDownload = response?.headers.get('content-disposition')?.startsWith('attachment') === true;
    if (status === 204 || status === 205 || isDownload) return;
    this.#page = page;
    this.#forms = [];
  }

  async #follow(selector: string, trigger: 'click' | 'script'): Promise<void> {
    if (this.#page.links().length === 0) return;
    await this.#arrive(this.#page.follow(selector, { trigger }));
  }

  async #click(selector: string, [x, y]: readonly [number, number]): Promise<void> {
    const element = this.#page.query(selector);
    if (element?.name === 'p') return this.#arrive(this.#formOf(0).submit(null, { trigger: 'click' }));
    if (element?.attribute('type') === 'reset') return this.#change(selector, (form) => form.reset());
    const control = this.#labelled(selector);
    const type = this.#page.query(control)?.attribute('type');
    if (type === 'radio') return this.#check(control, true);
    const place = this.#placeOf(control);
    if (place < 0 || type === 'button' || isCommand(this.#page, control)) return;
    await this.#arrive(this.#formOf(place).submit(control, { x, y }));
  }

  /** A click on a label is one on its control. */
  #labelled(selector: string): string {
    const element = this.#page.query(selector);
    const label = element?.name === 'span' ? element.parent : element;
    if (label?.name !== 'label') return selector;
    const id = label.attribute('for');
    return id === null ? `label:has(${selector}) :is(button,input), label${selector} :is(button,input)` : `#${id}`;
  }

  async #scriptClick(selector: string): Promise<void> {
    const place = this.#placeOf(selector);
    if (place < 0) return this.#follow(selector, 'script');
    const control = this.#formOf(place).control(selector);
    // click() of a disabled button does nothing, unlike requestSubmit().
    if (!control.isDisabled) await this.#arrive(this.#formOf(place).submit(selector, { trigger: 'script' }));
  }

  async #enter(selector: string): Promise<void> {
    const place = this.#placeOf(selector);
    if (place < 0) return this.#follow(selector, 'click');
    const { type, value } = this.#formOf(place).control(selector);
    if (type === 'textarea') return this.#change(selector, (form, name) => form.fill({ [name]: `${value}\n` }));
    // Where Enter means something else to a browser.
    if (['color', 'file', 'select', 'reset', 'button'].includes(type)) return;
    if (type === 'image' || type === 'submit') return this.#click(selector, [0, 0]);
    await this.#arrive(this.#formOf(place).submit());
  }

  async #requestSubmit(selector: string | null): Promise<void> {
    if (selector === null) {
      const form = this.#formAt(this.#case.form ?? '#f');
      await this.#arrive(form.submit(null, { validate: true }));
    } else {
      const form = this.#formOf(this.#placeOf(selector));
      await this.#arrive(form.submit(selector, { trigger: 'script' }));
    }
  }

  async #fill(step: Step): Promise<void> {
    const selector = step.fill ?? step.type ?? step.check ?? step.select ?? step.file ?? '';
    if (step.check !== undefined) return this.#check(selector, step.checked ?? true);
    if (step.file !== undefined) return this.#choose(selector, step);
    if (step.select !== undefined) {
      const values = step.values ?? [];
      return this.#change(selector, (form, name) => form.fill({ [name]: values }));
    }
    if (step.fill !== undefined) {
      return this.#change(selector, (form, name) => form.set(name, step.value ?? ''));
    }
    const { element, value } = this.#formOf(this.#placeOf(selector)).control(selector);
    // The keyboard stops at maxlength.
    const typed = `${value}${step.text ?? ''}`.slice(0, Number(element.attribute('maxlength') ?? 1e6));
    return this.#change(selector, (form, name) => form.fill({ [name]: typed }));
  }

  #check(selector: string, isChecked: boolean): void {
    const { type, value } = this.#formOf(this.#placeOf(selector)).control(selector);
    const filled: FillValue = type === 'radio' ? value : isChecked;
    this.#change(selector, (form, name) => form.fill({ [name]: filled }));
  }

  async #choose(selector: string, { files = [], byScript }: Step): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'jarfetch-files-'));
    try {
      const chosen = await Promise.all(
        files.map(async ({ name, contentBase64, type }) => {
          const content = Buffer.from(contentBase64, 'base64');
          if (byScript === true) return new File([content], name, { type: type ?? '' });
          writeFileSync(join(folder, name), content);
          return fileFrom(join(folder, name));
        }),
      );
      // Bytes of files that will be gone.
      const held = await Promise.all(chosen.map((file) => (byScript === true ? file : this.#keep(file))));
      this.#change(selector, (form, name) => form.fill({ [name]: held }));
      await this.#later(folder);
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  }

  readonly #folders: string[] = [];

  #keep(file: File): File {
    return file;
  }

  #later(folder: string): void {
    this.#folders.push(folder);
  }

  close(): void {
    for (const folder of this.#folders) rmSync(folder, { recursive: true });
  }

  #change(selector: string, change: (form: Form, name: string) => Form): void {
    const place = this.#placeOf(selector);
    const form = this.#formOf(place);
    this.#forms[place] = change(form, form.control(selector).name);
  }

  #formOf(place: number): Form {
    this.#forms[place] ??= this.#page.forms()[place] as Form;
    return this.#forms[place] as Form;
  }

  #formAt(selector: string): Form {
    return this.#formOf(this.#page.forms().findIndex((form) => form.element === this.#page.query(selector)));
  }

  /** Which form has the control, -1 for none. */
  #placeOf(selector: string): number {
    return this.#page.forms().findIndex((form) => {
      const element = this.#page.query(selector);
      return form.controls().some((control) => control.element === element);
    });
  }
}

/** A button without a type whose click is a command to another element. */
function isCommand(page: Page, selector: string): boolean {
  const element = page.query(selector);
  if (element === null || element.attribute('type') !== null) return false;
  return element.attribute('command') !== null || element.attribute('commandfor') !== null;
}
