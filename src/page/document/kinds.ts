import type { ElementNode } from '../tree/nodes.ts';
import { closest, elementsIn } from '../tree/walk.ts';
import { isButton, kindOf } from './input-types.ts';
import { type DocumentIndex, linkTarget, type PageDocument } from './page-document.ts';
import type { Kind } from './query.ts';
import { oneLine, visibleText } from './text.ts';

/** The links of a page, for a query. */
export function linkKind(document: PageDocument): Kind {
  const { links } = document.index;
  return {
    what: 'links',
    document,
    candidates: links,
    texts: (link) =>
      present(
        visibleText(link),
        link.attribute('aria-label'),
        link.attribute('alt'),
        link.attribute('title'),
      ),
    labels: (link) => present(link.attribute('aria-label'), link.attribute('title')),
    names: (link) => [link.attribute('name'), link.attribute('id')],
    hrefs: (link) => {
      const written = linkTarget(link) ?? '';
      const url = document.resolve(written);
      return [
        written,
        url?.href ?? null,
        url === null ? null : url.pathname + url.search,
        url?.pathname ?? null,
      ];
    },
    around: (element) => {
      let link: ElementNode | null = element;
      while (link !== null && !(/^(a|area)$/.test(link.name) && linkTarget(link) !== null))
        link = link.parentElement;
      return link ?? element;
    },
  };
}

/** The forms of a page. */
export function formKind(document: PageDocument): Kind {
  return {
    what: 'forms',
    document,
    candidates: document.index.forms,
    texts: (form) => present(form.attribute('aria-label'), form.attribute('name'), form.attribute('action')),
    labels: (form) => present(form.attribute('aria-label'), form.attribute('title')),
    names: (form) => [form.attribute('name'), form.attribute('id')],
    hrefs: (form) => [
      form.attribute('action'),
      document.resolve(form.attribute('action') ?? '')?.href ?? null,
    ],
    around: (element) => (element.is('form') ? element : (closest(element, 'form') ?? element)),
  };
}

/** Controls of a form: its buttons, or all of them. */
export function controlKind(document: PageDocument, candidates: readonly ElementNode[], what: string): Kind {
  return {
    what,
    document,
    candidates,
    texts: (control) => present(buttonText(document, control), ...labelsOf(document, control)),
    labels: (control) => labelsOf(document, control),
    names: (control) => [control.attribute('name'), control.attribute('id')],
    hrefs: () => [],
    around: (element) => (candidates.includes(element) ? element : (closest(element, 'button') ?? element)),
  };
}

function buttonText(document: PageDocument, control: ElementNode): string | null {
  if (control.name === 'button') return visibleText(control);
  const kind = kindOf(control, document.engine);
  if (!isButton(kind)) return null;
  return control.attribute(kind === 'image' ? 'alt' : 'value') ?? defaultLabel(kind, document);
}

/** The text that browsers show on a button without a value, in English. */
function defaultLabel(kind: string, document: PageDocument): string {
  if (kind === 'reset') return 'Reset';
  return document.engine === 'firefox' ? 'Submit Query' : 'Submit';
}

function present(...texts: readonly (string | null)[]): string[] {
  return texts.filter((text) => text !== null && text !== '').map((text) => oneLine(text ?? ''));
}

/**
 * The approximate limit of the characters of one label: labels can be nested, and any number of controls can name
 * one.
 */
const maxLabel = 1000;
/** Elements whose text is not part of a label. */
const besideLabel = /^(script|style|template|noscript|select|textarea|datalist)$/;

const labelTexts = new WeakMap<DocumentIndex, Map<ElementNode, string[]>>();

/** The texts that name a control: its labels and their replacements. */
export function labelsOf(document: PageDocument, control: ElementNode): string[] {
  const { index } = document;
  let texts = labelTexts.get(index);
  if (texts === undefined) {
    texts = readLabels(document);
    labelTexts.set(index, texts);
  }
  const labelledBy = (control.attribute('aria-labelledby') ?? '').split(/[\t\n\f\r ]+/);
  const others = labelledBy.map((id) => index.ids.get(id)).filter((element) => element !== undefined);
  return present(
    ...(texts.get(control) ?? []),
    control.attribute('aria-label'),
    ...others.map((element) => visibleText(element, maxLabel)),
    control.attribute('placeholder'),
    control.attribute('title'),
  );
}

const labelable = /^(button|input|meter|output|progress|select|textarea)$/;

const controlsOfLabels = new WeakMap<DocumentIndex, ReadonlyMap<ElementNode, ElementNode>>();

/** The control of each label that has one. HTML Standard, "labeled control". */
export function labeledControls(document: PageDocument): ReadonlyMap<ElementNode, ElementNode> {
  const { index } = document;
  let controls = controlsOfLabels.get(index);
  if (controls === undefined) {
    controls = readControls(document);
    controlsOfLabels.set(index, controls);
  }
  return controls;
}

function readControls(document: PageDocument): Map<ElementNode, ElementNode> {
  const controls = new Map<ElementNode, ElementNode>();
  const { index } = document;
  for (const label of index.labels) {
    const control = index.ids.get(label.attribute('for') ?? '');
    if (control !== undefined && labelable.test(control.name)) controls.set(label, control);
  }
  noteEnclosed(document, controls);
  return controls;
}

/** Adds the first control in each label that has no `for`. */
function noteEnclosed({ root, index }: PageDocument, controls: Map<ElementNode, ElementNode>): void {
  // Each ancestor is visited once: the ancestors of a visited element already have their first control.
  const seen = new Set<ElementNode>();
  for (const control of index.labels.length === 0 ? [] : elementsIn(root)) {
    if (!labelable.test(control.name) || control.attribute('type')?.toLowerCase() === 'hidden') continue;
    let above = control.parentElement;
    for (; above !== null && !seen.has(above); above = above.parentElement) {
      seen.add(above);
      if (above.is('label') && !above.has('for')) controls.set(above, control);
    }
  }
}

function readLabels(document: PageDocument): Map<ElementNode, string[]> {
  const texts = new Map<ElementNode, string[]>();
  const controls = labeledControls(document);
  for (const label of document.index.labels) {
    const control = controls.get(label);
    if (control === undefined) continue;
    const own = texts.get(control);
    const text = visibleText(label, maxLabel, besideLabel);
    if (own === undefined) texts.set(control, [text]);
    else own.push(text);
  }
  return texts;
}
