/** Expressions that a page is asked with. */
import type { FormCase, Step } from '../page/form-cases.ts';

/** The encoding, the base, and of the form that the case is about the elements and what would be sent. */
export function formView({ form, action }: FormCase, step: Step): string {
  const submitted = form ?? action.find(({ submit }) => submit !== undefined)?.submit ?? null;
  const button = step.click ?? step.scriptClick ?? step.requestSubmit ?? null;
  return `(() => {
    const find = (selector) => (selector === null ? null : document.querySelector(selector));
    const button = find(${JSON.stringify(button)});
    const form = find(${JSON.stringify(submitted)}) ?? button?.form ?? document.querySelector('form');
    const { characterSet, baseURI, URL: documentURL } = document;
    const view = { characterSet, baseURI, documentURL };
    if (form === null) return JSON.stringify(view);
    const elements = Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, 'elements').get.call(form);
    view.elements = [...elements].map((each) => [each.localName, each.type ?? '', each.getAttribute('name') ?? '']);
    const isSubmitter = button?.form === form && ['submit', 'image'].includes(button.type) && button.localName !== 'object';
    const entries = new FormData(form, isSubmitter ? button : undefined);
    view.entries = [...entries].map(([name, value]) =>
      [name, typeof value === 'string' ? value : { name: value.name, type: value.type, size: value.size }]);
    return JSON.stringify(view);
  })()`;
}

/** A place within the element's first box, from its border or in its middle. */
export function insideOf(selector: string, at: readonly [x: number, y: number] | undefined): string {
  const place =
    at === undefined
      ? 'Math.floor(left + width / 2), Math.floor(top + height / 2)'
      : `left + ${at[0]}, top + ${at[1]}`;
  return `(() => {
    const element = document.querySelector(${JSON.stringify(selector)});
    element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const { left, top, width, height } = element.getClientRects()[0] ?? element.getBoundingClientRect();
    if (width === 0 || height === 0) throw new Error('there is no box to click');
    return JSON.stringify([${place}]);
  })()`;
}
