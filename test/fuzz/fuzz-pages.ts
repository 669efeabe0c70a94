import { isRequestError } from '../../src/index.ts';
import { type Page, parsePage } from '../../src/page/index.ts';
import { type SeededRandom, seededRandom } from '../helpers/random.ts';
import type { FuzzResult } from './fuzz.ts';
import { mutate } from './mutate.ts';

/** Pages that mutations start from. */
const pages = [
  '<table><form id=f action=/s><tr><td><input name=a value=1><td><button id=b>x</button></form><tr><td><input name=c></table>',
  '<form id=f><b><p></form><input name=c value=1><select name=s><option>1<optgroup><option selected>2</select></b><button>x',
  '<form action="?q=é" accept-charset="x koi8-r" method=post enctype=multipart/form-data><input type=range min=1 step=7 name=r>',
  '<form><fieldset disabled><legend><input name=l></legend><input type=radio name=r checked><svg><foreignObject><input name=g>',
  '<base href=/z/><meta http-equiv=refresh content="1;url=x"><meta charset=shift_jis><a href="?é" rel=next>n</a><input form=f name=z>',
  '<form><textarea name=t wrap=hard cols=3>\n\na b c</textarea><input type=week name=w value=2026-W53><input type=color name=o value=hsl(0,9%,9%)>',
  '<select><button><option><select><input></select><template><form><input></template><form><table><select><td></select><option>',
  '<ul><li><button> a </button> <b style="display:inline-block"> c <img alt=x></b><details><summary>s</summary><pre>\n p </pre></details>',
];
const selectors = [
  'form > :not(input) ~ [name]',
  ':is(td, p):nth-last-child(2n+1 of [id])',
  'form:has(> b + p)',
  'a[href^="?" i]',
  '*|*',
];
/** Longest one page may take, in milliseconds. */
const hangs = 10_000;

/**
 * Reads mutated pages. Nothing throws but errors of a kind that is known, nothing takes for ever, every control has at
 * most one owner and is listed once, and reading a page twice gives the same.
 */
export function fuzzPages(seed: number, isOver: (rounds: number) => boolean): FuzzResult {
  const random = seededRandom(seed);
  const findings: string[] = [];
  let rounds = 0;
  for (; !isOver(rounds); rounds++) {
    const html = Buffer.from(mutate(pages, random), random.below(2) === 0 ? 'utf8' : 'latin1');
    const start = performance.now();
    const finding = readTwice(html, random);
    if (finding !== null)
      findings.push(`round ${rounds}: ${finding}: ${JSON.stringify(html.toString('latin1'))}`);
    if (performance.now() - start > hangs) findings.push(`round ${rounds}: took too long`);
  }
  return { rounds, findings };
}

function readTwice(html: Uint8Array, random: SeededRandom): string | null {
  const selector =
    random.below(3) === 0 ? mutate(selectors, random) : (selectors[random.below(selectors.length)] ?? '*');
  const [first, second] = [0, 1].map(() => summaryOf(html, selector));
  if (first?.startsWith('threw') === true) return first;
  return first === second ? null : 'is not the same when it is read again';
}

function summaryOf(html: Uint8Array, selector: string): string {
  try {
    const page = parsePage(html, { url: 'https://a.test/d/p?a=1#x' });
    const owned = page.forms().flatMap((form) => form.controls().map(({ element }) => element));
    if (new Set(owned).size !== owned.length) return 'threw: a control is listed twice';
    return JSON.stringify([
      page.title,
      page.charset,
      page.refresh,
      linksOf(page),
      formsOf(page),
      countOf(page, selector),
      [page.text(), page.markdown(), page.snapshot().text],
    ]);
  } catch (error) {
    return isRequestError(error) ? error.code : `threw ${String(error)}`;
  }
}

function linksOf(page: Page): unknown {
  return page.links().map(({ url, text }) => [url?.href, text]);
}

function formsOf(page: Page): unknown {
  return page.forms().map((form) => {
    try {
      const { method, url, body } = form.request(null);
      const size = body instanceof Uint8Array ? body.length : body?.size;
      return [method, url.href, size, form.checkValidity().length, form.entries(null).map(([name]) => name)];
    } catch (error) {
      if (isRequestError(error)) return error.code;
      throw error;
    }
  });
}

function countOf(page: Page, selector: string): unknown {
  try {
    return page.queryAll(selector).length;
  } catch (error) {
    if (isRequestError(error)) return error.code;
    throw error;
  }
}
