import { describe, expect, it } from 'vitest';
import { type Page, parsePage } from '../../../src/page/index.ts';

const url = 'https://a.test/d/p';
const read = (html: string): Page => parsePage(`<!doctype html><body>${html}`, { url });
const view = (html: string): string => read(html).snapshot().text;

const shop = `<header><h1>Shop</h1><nav><ul><li><a href=/orders>Orders</a><li><a href="https://b.test/">Other</a></ul></nav></header>
  <p>Read the <a href=terms#x>terms</a> first.</p><p hidden><a href=/no>hidden</a></p>
  <form name=login method=post action=/login><label>User <input name=user value=ada required></label>
  <label for=p>Password</label><input id=p type=password name=p value=secret><input type=hidden name=csrf value=t0k3n>
  <label>Size <select name=s><option>S<option selected>M<option>L</select></label>
  <label><input type=checkbox name=c checked> Remember <a href=/why>why</a></label>
  <textarea name=note readonly>line</textarea><button disabled>Sign <b>in</b></button></form>`;

describe('snapshot()', () => {
  it('has text, links, forms and controls in order, each with its ref', () => {
    expect(view(shop)).toBe(`# Shop
- @e1 link "Orders" → /orders
- @e2 link "Other" → https://b.test/
Read the @e3 link "terms" → /d/terms#x first.
@e4 form "login" POST → /login
  @e5 text "User" = "ada" required
  @e6 password "Password" filled
  @e7 select "Size" = "M" of "S", "M", "L"
  @e8 checkbox "Remember why" checked
  @e9 link "why" → /why
  @e10 textarea "note" = "line" readonly
  @e11 button "Sign in" disabled`);
  });

  it('shows no secret of a form', () => {
    expect(view(shop)).not.toMatch(/secret|t0k3n/);
  });

  it.each([
    ['<table><tr><td>a<td><a href=x>b</a><tr><td>c<td>d</table>', 'a | @e1 link "b" → /d/x\nc | d'],
    ['<table><tr><td>a<p>b</p><td>c<tr><td>d<td>e</table>', 'a b | c\nd | e'],
    ['<ul><li>a<ul><li>b</ul></ul>', '- a\n  - b'],
    ['<a href=x><img alt=Logo></a><img alt=Pic><img>', '@e1 link "Logo" → /d/x image "Pic"'],
    ['<input type=submit value=Go><input type=image alt=Map>', '@e1 button "Go"\n@e2 button "Map"'],
    ['<a name=x>no link</a>', 'no link'],
    ['<a href="javascript:x()">js</a>', '@e1 link "js" → javascript:x()'],
    [
      `<select aria-label=N>${'<option>x'.repeat(12)}</select>`,
      /^@e1 select "N" = "x" of ("x", ){9}"x" and 2 more$/,
    ],
    ['<label>Lonely</label>', 'Lonely'],
    ['<label>A<input type=hidden></label>', 'A'],
  ])('of %j', (html, expected) => {
    expect(view(html)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });

  it('is returned in parts that end with whole lines', () => {
    const page = read('<p>line of text</p>'.repeat(1000));
    const whole = page.snapshot({ maxLength: 1_000_000 });
    expect(whole.cursor).toBeNull();
    let text = '';
    let cursor: number | null = 0;
    for (let parts = 0; cursor !== null; parts++) {
      const part = page.snapshot({ maxLength: 100, cursor });
      expect(part.text.length).toBeLessThanOrEqual(100);
      if (part.cursor !== null) expect(part.text.endsWith('\n')).toBe(true);
      text += part.text;
      cursor = part.cursor;
      expect(parts).toBeLessThan(1000);
    }
    expect(text).toBe(whole.text);
  });

  it('cuts a line that alone is too long', () => {
    const page = read('x'.repeat(100));
    expect(page.snapshot({ maxLength: 30 })).toEqual({ text: 'x'.repeat(30), cursor: 30 });
    expect(page.snapshot({ maxLength: 30, cursor: 90 })).toEqual({ text: 'x'.repeat(10), cursor: null });
  });

  it.each([
    [{ maxLength: 0 }, 'maxLength must be'],
    [{ cursor: 5 }, 'cursor must be one of this page, which ends at 1, got 5'],
    [{ maxlength: 5 }, 'did you mean maxLength?'],
  ])('refuses %j', (options, message) => {
    expect(() => read('x').snapshot(options as never)).toThrow(message);
  });
});

describe('a ref', () => {
  const page = read(shop);

  it('finds links, forms and controls', () => {
    expect(page.link({ ref: '@e2' }).href).toBe('https://b.test/');
    expect(page.link({ ref: 'e9' }).text).toBe('why');
    expect(page.form({ ref: '@e4' }).name).toBe('login');
    expect(page.form({ ref: '@e6' }).name).toBe('login');
    expect(page.form().control({ ref: '@e7' }).name).toBe('s');
    expect(page.links({ ref: '@e1' })).toHaveLength(1);
  });

  it('finds the button of a form', () => {
    const form = read(
      '<form action=/s><button name=a value=1>A</button><button name=a value=2>B</button></form>',
    );
    expect(form.form().request({ ref: '@e3' }).url.search).toBe('?a=2');
  });

  it('of something else, or of another page, is not found', () => {
    expect(() => page.link({ ref: '@e5' })).toThrow('No links for { ref: "@e5" }');
    expect(() => page.link({ ref: '@e99' })).toThrow(expect.objectContaining({ code: 'ERR_NOT_FOUND' }));
    expect(() => page.form({ ref: 4 } as never)).toThrow('query.ref must be a string');
  });

  it('stays the same on the page with another fragment', async () => {
    const moved = await page.follow({ ref: '@e3' }).catch((error: unknown) => error);
    expect(moved).toMatchObject({ code: 'ERR_NOT_NAVIGABLE' });
    const sameplace = await read('<a href="#x">here</a><a href=/y>y</a>').follow({ ref: '@e1' });
    expect(sameplace.link({ ref: '@e2' }).href).toBe('/y');
  });
});
