import { invalidOption, RequestError } from '../core/errors.ts';
import { isFileLike } from '../core/request/file-like.ts';
import type { ReferrerPolicyName } from '../index.ts';
import { elementOf, type PageElement } from './document/element.ts';
import { isSubmitButton } from './document/input-types.ts';
import { controlKind } from './document/kinds.ts';
import type { PageDocument } from './document/page-document.ts';
import { findOne, type Query } from './document/query.ts';
import { shown } from './document/text.ts';
import { controlOf, type FormControl } from './form/control.ts';
import type { FormEntry, Point } from './form/entries.ts';
import { checkReadable, nameOf } from './form/files.ts';
import { type FillValues, fillState, named } from './form/fill.ts';
import { FormControls } from './form/form-controls.ts';
import { FormState } from './form/form-state.ts';
import { defaultButton } from './form/implicit.ts';
import { formEntries, notNavigable, type Submission, submissionOf } from './form/submission.ts';
import { checkedOptions, checkPoint, type SubmitOptions } from './form/submit-options.ts';
import { type InvalidReason, reasonsAgainst } from './form/validity.ts';
import type { Navigation, VisitInit } from './navigate/navigation.ts';
import type { ElementNode } from './tree/nodes.ts';

/** The request of a form. */
export interface FormRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** The headers of the form: Content-Type, where there is a body. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /**
   * `null` for GET. A Blob where there are files, which are read when it is read. With a file of another class it is
   * an object that `session.fetch` accepts, and not an instance of Blob.
   */
  readonly body: Uint8Array | Blob | null;
}

/** A control with a value that a browser would refuse. */
export interface InvalidControl {
  readonly name: string;
  readonly reasons: readonly InvalidReason[];
  readonly element: PageElement;
}

/** The functions of a page that a form needs. */
export interface FormHost<Next> {
  policy(): ReferrerPolicyName;
  go(navigation: Navigation, init: VisitInit): Promise<Next>;
}

/**
 * How the form is submitted: a query or one of `controls()` clicks that button, `null` is a script's `form.submit()`,
 * nothing is Enter.
 */
export type Submitter = Query | FormControl | null;

/** Creates a form. Not a member of the class, because the declaration of the class would then show internal types. */
export let makeForm: <Next>(
  document: PageDocument,
  node: ElementNode,
  host: FormHost<Next>,
) => PageForm<Next>;

/**
 * A form with its values. It is immutable: `fill` returns another form, and the page does not change.
 *
 * @example
 * const home = await page.form('#login').fill({ user: 'ada', password }).submit({ text: 'Sign in' });
 */
export class PageForm<Next> {
  readonly #document: PageDocument;
  readonly #node: ElementNode;
  readonly #host: FormHost<Next>;
  readonly #state: FormState;

  /** Forms come from a page: `page.form()`. */
  private constructor(
    document: PageDocument,
    node: ElementNode,
    host: FormHost<Next>,
    state: FormState | null,
  ) {
    this.#document = document;
    this.#node = node;
    this.#host = host;
    this.#state = state ?? new FormState(new FormControls(document, node));
  }

  static {
    makeForm = (document, node, host) => new PageForm(document, node, host, null);
  }

  get element(): PageElement {
    return elementOf(this.#node);
  }

  /** Its `name`, else its `id`, else empty. */
  get name(): string {
    return this.#node.attribute('name') ?? this.#node.attribute('id') ?? '';
  }

  /**
   * Fills in values by the names of controls, as a user can.
   *
   * @throws RequestError ERR_NOT_FOUND for an unknown name, ERR_CONTROL_VALUE for a control that is disabled, hidden
   * or readonly, and for a value that it cannot have
   */
  fill(values: FillValues): PageForm<Next> {
    if (typeof values !== 'object' || values === null)
      throw invalidOption('values', 'an object of values by name', values);
    return this.#with(fillState(this.#state, values));
  }

  /** Enables the disabled controls of a name, as a script of the page would. */
  enable(name: string): PageForm<Next> {
    return this.#with(this.#state.withEnabled(named(this.#state, name)));
  }

  /** Sets the value of a control, also of a hidden or readonly one, as a script of the page would. */
  set(name: string, value: string | number): PageForm<Next> {
    const [first, ...others] = named(this.#state, name);
    if (first === undefined || others.length > 0 || first.name === 'select') {
      const message = `The control ${shown(name)} cannot be set: set() is for one control with a value of its own`;
      throw new RequestError('ERR_CONTROL_VALUE', message);
    }
    const isValue = typeof value === 'string' || Number.isFinite(value);
    if (!isValue) throw invalidOption('value', 'a string or a number', value);
    return this.#with(this.#state.with([[first, { value: String(value) }]]));
  }

  /** Adds an entry at the end, as a script of the page would. */
  append(name: string, value: string | Blob): PageForm<Next> {
    if (typeof name !== 'string') throw invalidOption('name', 'a string', name);
    const isValue = typeof value === 'string' || isFileLike(value);
    if (!isValue) throw invalidOption('value', 'a string, File or Blob', value);
    return this.#with(this.#state.withAppended(name, value));
  }

  /** Leaves the controls of a name out of the request. */
  remove(name: string): PageForm<Next> {
    return this.#with(this.#state.withRemoved(named(this.#state, name)));
  }

  /** The same form with the values of the page. */
  reset(): PageForm<Next> {
    return new PageForm(this.#document, this.#node, this.#host, null);
  }

  /** All controls and buttons, in the order of the page. */
  controls(): FormControl[] {
    return this.#state.controls.all.map((element) => controlOf(this.#state, element));
  }

  /**
   * The control that a query matches.
   *
   * @throws RequestError ERR_NOT_FOUND, ERR_AMBIGUOUS
   */
  control(query: Query): FormControl {
    const kind = controlKind(this.#document, this.#state.controls.all, 'controls');
    return controlOf(this.#state, findOne(kind, query));
  }

  /** The entry list: the names and values of the request, in order. */
  entries(submitter?: Submitter, point?: Point): FormEntry[] {
    checkPoint(point);
    return formEntries(this.#state, this.#button(submitter), point);
  }

  /** The request of the form, without sending it and without validation. */
  request(submitter?: Submitter, point?: Point): FormRequest {
    checkPoint(point);
    const { method, url, body, contentType } = submissionOf(this.#state, this.#button(submitter), point);
    return { method, url, body, headers: contentType === null ? [] : [['Content-Type', contentType]] };
  }

  /** @throws RequestError ERR_INVALID_BODY for a file of another class, which a FormData cannot hold */
  toFormData(submitter?: Submitter): FormData {
    const data = new FormData();
    for (const [name, value] of this.entries(submitter)) {
      if (typeof value === 'string') data.append(name, value);
      else data.append(name, ownFile(name, value), nameOf(value));
    }
    return data;
  }

  /** The controls with values that a browser would refuse; `pattern` is never checked. */
  checkValidity(): InvalidControl[] {
    const invalid: InvalidControl[] = [];
    for (const element of this.#state.controls.all) {
      const reasons = reasonsAgainst(this.#state, element);
      if (reasons.length === 0) continue;
      invalid.push({ name: element.attribute('name') ?? '', reasons, element: elementOf(element) });
    }
    return invalid;
  }

  /**
   * Submits the form as a browser does: nothing is Enter in a field, a query is a click on that button, `null` is a
   * script's `form.submit()`.
   *
   * @returns the next page
   * @throws RequestError ERR_FORM_INVALID with the controls and the reasons; ERR_NOT_NAVIGABLE where a browser sends
   * nothing; ERR_NOT_FOUND and ERR_AMBIGUOUS for the button; ERR_INVALID_BODY for a file that does not exist any more
   */
  async submit(submitter?: Submitter, options: SubmitOptions = {}): Promise<Next> {
    const { x = 0, y = 0, validate, trigger, allowHttp, ...init } = checkedOptions(options);
    const isByScript = submitter === null;
    const button = this.#button(submitter);
    if (button !== null && this.#state.isDisabled(button) && trigger !== 'script') {
      throw notNavigable('its button is disabled; what a script of the page would do is enable(name)');
    }
    if (validate ?? !isByScript) this.#check(button);
    const submission = submissionOf(this.#state, button, { x, y });
    if (isFileLike(submission.body)) await checkReadable(this.entries(submitter));
    const isActivated = (trigger ?? (isByScript ? 'script' : 'click')) === 'click';
    return this.#host.go(this.#navigation(submission, isActivated, allowHttp === true), init);
  }

  #navigation(submission: Submission, isActivated: boolean, allowsInsecure: boolean): Navigation {
    return { ...submission, policy: this.#host.policy(), isActivated, allowsInsecure, isForm: true };
  }

  #check(button: ElementNode | null): void {
    if (this.#node.has('novalidate') || button?.has('formnovalidate') === true) return;
    const invalid = this.checkValidity();
    if (invalid.length === 0) return;
    const list = invalid.slice(0, 20).map(({ name, reasons }) => `${shown(name)} (${reasons.join(', ')})`);
    const message = `The form is not submitted: a browser refuses ${list.join(', ')}; validate: false skips this`;
    throw new RequestError('ERR_FORM_INVALID', message);
  }

  #button(submitter: Submitter | undefined): ElementNode | null {
    if (submitter === null) return null;
    if (submitter === undefined) return defaultButton(this.#state);
    const { all, document } = this.#state.controls;
    const buttons = all.filter((element) => isSubmitButton(element, document.engine));
    const isControl = typeof submitter === 'object' && 'element' in submitter;
    if (!isControl) return findOne(controlKind(this.#document, buttons, 'submit buttons'), submitter);
    const button = buttons.find((element) => elementOf(element) === submitter.element);
    if (button === undefined) throw invalidOption('submitter', 'a submit button of this form', submitter);
    return button;
  }

  #with(state: FormState): PageForm<Next> {
    return new PageForm(this.#document, this.#node, this.#host, state);
  }
}

function ownFile(name: string, file: Blob): Blob {
  if (file instanceof Blob) return file;
  const message = `The file for the control ${shown(name)} is of another class, which a FormData cannot hold: use request() or submit()`;
  throw new RequestError('ERR_INVALID_BODY', message);
}

// The build renames a class that refers to itself, and `inspect` would show that name.
Object.defineProperty(PageForm, 'name', { value: 'PageForm' });
