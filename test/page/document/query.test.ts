import { describe, expect, it } from 'vitest';
import { isRequestError } from '../../../src/index.ts';
import { type Page, parsePage } from '../../../src/page/index.ts';

const url = 'https://a.test/d/p';
const read = (html: string): Page => parsePage(html, { url });

describe('CSS selectors', () => {
  const page = read(`<!doctype html><body id=top><ul class="a B"><li>1<li class=x>2<li>3<p>in</p></ul>
    <p lang=en-GB>a</p><p>b</p><input type=CheckBox checked disabled><fieldset disabled><legend><input name=l></legend>
    <input name=m></fieldset><a href=/x rel="next nofollow">n</a><div></div><svg><linearGradient id=g /></svg>`);

  it.each([
    ['li', 3],
    ['ul > li.x', 1],
    ['ul li p', 1],
    ['li + li', 2],
    ['li.x ~ li', 1],
    ['ul:has(> li.x)', 1],
    ['ul:has(+ p)', 1],
    ['li:has(p)', 1],
    ['p:not([lang])', 2],
    ['p:is([lang], ul p)', 2],
    ['[lang|=en]', 1],
    ['[rel~=next]', 1],
    ['[class~="a B"]', 0],
    ['[href^="/"]', 1],
    ['[href$=x]', 1],
    ['[href*=""]', 0],
    ['[type=checkbox]', 1],
    ['.b', 0],
    ['.B', 1],
    ['li:first-child', 1],
    ['li:nth-child(2n+1)', 2],
    ['li:nth-child(-n + 2)', 2],
    ['li:nth-last-child(1)', 1],
    ['li:nth-child(1 of .x)', 1],
    ['p:nth-of-type(2)', 1],
    ['li:only-child', 0],
    ['div:empty', 1],
    [':root', 1],
    ['input:checked', 1],
    ['input:disabled', 2],
    ['input:enabled', 1],
    [':any-link', 1],
    ['linearGradient', 1],
    ['*|li', 3],
    ['li, p', 6],
    ['LI.x', 1],
  ])('%s finds %i', (selector, count) => {
    expect(page.queryAll(selector)).toHaveLength(count);
  });

  it.each(['', '>', 'li >', '> li', ':nope', '::before', 'li:nth-child(x)', '[', ':not()', 'a || b'])(
    '%j is refused',
    (selector) => {
      expect(() => page.queryAll(selector)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_SELECTOR' }),
      );
    },
  );

  it('are relative to an element', () => {
    const list = page.query('ul');
    expect(list?.queryAll(':scope > li')).toHaveLength(3);
    expect(list?.query('p')?.text).toBe('in');
    expect(page.query('p.none')).toBeNull();
  });

  it('compare classes case-insensitively in quirks mode', () => {
    expect(read('<p class=B>').queryAll('.b')).toHaveLength(1);
  });
});

describe('a query for a link', () => {
  const page =
    read(`<a href=/a>Orders</a><a href=/b>Open orders</a><a href=/c title=Help><img alt=Question></a>
    <a href="next?p=2" rel=NEXT>more</a><a name=x>no link</a><a href=/d>Twice</a><a href=/e>twice</a>`);

  it.each([
    [{ text: 'Orders' }, '/a'],
    [{ text: 'open' }, '/b'],
    [{ text: 'Open orders', exact: true }, '/b'],
    [{ text: 'question' }, '/c'],
    [{ label: 'help' }, '/c'],
    [{ rel: 'next' }, 'next?p=2'],
    [{ href: 'next?p=2' }, 'next?p=2'],
    [{ href: 'https://a.test/d/next?p=2' }, 'next?p=2'],
    [{ href: '/b' }, '/b'],
    [{ text: 'twice', nth: 1 }, '/e'],
    [{ text: 'twice', nth: -1 }, '/e'],
    ['a[title]', '/c'],
    ['img', '/c'],
    [{ selector: 'img' }, '/c'],
    [{ selector: 'a[href]', nth: 4 }, '/d'],
    [{ selector: 'a[href]', text: 'more' }, 'next?p=2'],
  ])('%j finds one', (query, href) => {
    expect(page.link(query).href).toBe(href);
  });

  it('names the nearest when none matches', () => {
    expect(() => page.link({ text: 'Ordres' })).toThrow(
      /No links for \{ text: "Ordres" \}: nearest are .*a "Orders"/,
    );
  });

  it('names all when several match', () => {
    expect(() => page.link({ text: 'twice' })).toThrow(/means 2 links: a "Twice", a "twice"/);
    try {
      page.link('a[href]');
    } catch (error) {
      expect(isRequestError(error, 'ERR_AMBIGUOUS')).toBe(true);
    }
  });

  it.each([
    [null, 'query must be'],
    [{ txt: 'a' }, 'unknown key: "txt"'],
    [{ text: 1 }, 'query.text must be a string'],
    [{ nth: '1' }, 'query.nth must be a number'],
    [{ selector: 1 }, 'query.selector must be a string'],
    [{ selector: '>' }, 'selector'],
  ])('%j is refused', (query, message) => {
    expect(() => page.link(query as never)).toThrow(message);
  });

  it('lists all links, and the matching ones', () => {
    expect(page.links().map(({ href }) => href)).toEqual(['/a', '/b', '/c', 'next?p=2', '/d', '/e']);
    expect(page.links({ text: 'orders' })).toHaveLength(1);
    expect(page.links({ text: 'o', exact: false }).length).toBeGreaterThan(1);
    expect(page.links({ text: 'none' })).toEqual([]);
  });
});

describe('a query for a form', () => {
  const page = read('<form id=a action=/x></form><form name=b><input></form>');

  it.each([['#a'], [{ name: 'a' }], [{ nth: 0 }], ['[action="/x"]'], [{ href: '/x' }]])(
    '%j finds it',
    (query) => {
      expect(page.form(query).element.attribute('id')).toBe('a');
    },
  );

  it('is the form around an element', () => {
    expect(page.form('input').name).toBe('b');
  });

  it('is needed when there are two forms, and fails when there is none', () => {
    expect(() => page.form()).toThrow('form() means 2 forms: form#a');
    expect(() => read('<p>').form()).toThrow('The page has no form');
    expect(() => page.form({ name: 'c' })).toThrow(expect.objectContaining({ code: 'ERR_NOT_FOUND' }));
  });
});
