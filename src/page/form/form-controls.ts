import { kindOf } from '../document/input-types.ts';
import type { PageDocument } from '../document/page-document.ts';
import type { ElementNode } from '../tree/nodes.ts';
import { optionsOf } from './options.ts';

const none: readonly ElementNode[] = [];

/** The controls of one form in the page, by name. */
export class FormControls {
  readonly document: PageDocument;
  readonly form: ElementNode;
  /** Listed elements of this form in tree order. */
  readonly all: readonly ElementNode[];
  #byName: Map<string, ElementNode[]> | undefined;
  readonly #options = new Map<ElementNode, readonly ElementNode[]>();

  constructor(document: PageDocument, form: ElementNode) {
    this.document = document;
    this.form = form;
    this.all = document.index.controls.get(form) ?? none;
  }

  kind(element: ElementNode): string {
    return kindOf(element, this.document.engine);
  }

  named(name: string): readonly ElementNode[] {
    return this.#names().get(name) ?? none;
  }

  get names(): readonly string[] {
    return [...this.#names().keys()];
  }

  #names(): Map<string, ElementNode[]> {
    if (this.#byName !== undefined) return this.#byName;
    const byName = new Map<string, ElementNode[]>();
    for (const element of this.all) {
      const name = element.attribute('name');
      if (name === null || name === '') continue;
      const same = byName.get(name);
      if (same === undefined) byName.set(name, [element]);
      else same.push(element);
    }
    this.#byName = byName;
    return byName;
  }

  options(select: ElementNode): readonly ElementNode[] {
    let options = this.#options.get(select);
    if (options === undefined) {
      options = optionsOf(select);
      this.#options.set(select, options);
    }
    return options;
  }

  /** HTML Standard, "radio button group": the same owner and the same name, which is not empty. */
  radioGroup(radio: ElementNode): readonly ElementNode[] {
    const name = radio.attribute('name');
    if (name === null || name === '') return [radio];
    return this.named(name).filter((element) => this.kind(element) === 'radio');
  }
}
