import { describe, expect, it } from 'vitest';
import { isRequestError } from '../../../src/index.ts';
import { type ExtractField, type ExtractSchema, type Page, parsePage } from '../../../src/page/index.ts';

const url = 'https://shop.test/list/page';
const read = (html: string): Page => parsePage(html, { url });

/** Rows of one field over one base element. */
function values(html: string, field: ExtractField, baseSelector = '.b'): unknown[] {
  return read(html)
    .extract({ baseSelector, fields: [field] })
    .map((row) => row[field.name]);
}

// The shapes of Crawl4AI's documentation, "LLM-free strategies", on pages of our own.
describe('the documented schemas', () => {
  const category = read(`<body><div class="category" data-cat-id="7"><h2 class="category-name">Tea</h2>
    <div class="product"><h3 class="product-name">Assam</h3><p class="product-price">9 EUR</p>
      <div class="product-details"><span class="brand">Hill</span><span class="model">A-1</span></div>
      <ul class="product-features"><li>strong</li><li>black</li></ul>
      <div class="review"><span class="reviewer">Ada</span><span class="rating">4.5</span><p class="review-text">Good.</p></div>
      <div class="review"><span class="reviewer">Bob</span><p class="review-text">Fine.</p></div>
      <ul class="related-products"><li><span class="related-name">Cup</span><span class="related-price">3</span></li></ul>
    </div>
    <div class="product"><h3 class="product-name">Sencha</h3></div></div></body>`);

  it('nested, list and nested_list, as in the e-commerce example', () => {
    const schema = {
      name: 'E-commerce Product Catalog',
      baseSelector: 'div.category',
      baseFields: [{ name: 'data_cat_id', type: 'attribute', attribute: 'data-cat-id' }],
      fields: [
        { name: 'category_name', selector: 'h2.category-name', type: 'text' },
        {
          name: 'products',
          selector: 'div.product',
          type: 'nested_list',
          fields: [
            { name: 'name', selector: 'h3.product-name', type: 'text' },
            { name: 'price', selector: 'p.product-price', type: 'text' },
            {
              name: 'details',
              selector: 'div.product-details',
              type: 'nested',
              fields: [
                { name: 'brand', selector: 'span.brand', type: 'text' },
                { name: 'model', selector: 'span.model', type: 'text' },
              ],
            },
            {
              name: 'features',
              selector: 'ul.product-features li',
              type: 'list',
              fields: [{ name: 'feature', type: 'text' }],
            },
            {
              name: 'reviews',
              selector: 'div.review',
              type: 'nested_list',
              fields: [
                { name: 'reviewer', selector: 'span.reviewer', type: 'text' },
                { name: 'rating', selector: 'span.rating', type: 'text' },
                { name: 'comment', selector: 'p.review-text', type: 'text' },
              ],
            },
            {
              name: 'related_products',
              selector: 'ul.related-products li',
              type: 'list',
              fields: [
                { name: 'name', selector: 'span.related-name', type: 'text' },
                { name: 'price', selector: 'span.related-price', type: 'text' },
              ],
            },
          ],
        },
      ],
    } as const;
    const rows = category.extract(schema);
    expect(rows).toEqual([
      {
        data_cat_id: '7',
        category_name: 'Tea',
        products: [
          {
            name: 'Assam',
            price: '9 EUR',
            details: { brand: 'Hill', model: 'A-1' },
            features: [{ feature: 'strong' }, { feature: 'black' }],
            reviews: [
              { reviewer: 'Ada', rating: '4.5', comment: 'Good.' },
              { reviewer: 'Bob', rating: null, comment: 'Fine.' },
            ],
            related_products: [{ name: 'Cup', price: '3' }],
          },
          { name: 'Sencha', price: null, details: null, features: [], reviews: [], related_products: [] },
        ],
      },
    ]);
    expect(rows.misses.map(({ path, name, count }) => [path, name, count])).toEqual([
      ['fields[1].fields[4].fields[1]', 'rating', 1],
      ['fields[1].fields[1]', 'price', 1],
      ['fields[1].fields[2]', 'details', 1],
      ['fields[1].fields[3]', 'features', 1],
      ['fields[1].fields[4]', 'reviews', 1],
      ['fields[1].fields[5]', 'related_products', 1],
    ]);
    expect(JSON.parse(JSON.stringify(rows))).toEqual([...rows]);
  });

  it('text, attribute, regex, transform and default, as in the table of crypto prices', () => {
    const rows =
      read(`<table><tr class=crypto-row id=btc><td class=coin-name> Bitcoin </td><td class=coin-price>$ 1,200.50</td></tr>
      <tr class=crypto-row><td class=coin-name>ether</td></tr></table>`).extract({
        name: 'Crypto Prices',
        baseSelector: 'tr.crypto-row',
        baseFields: [{ name: 'id', type: 'attribute', attribute: 'id', default: 'none' }],
        fields: [
          { name: 'coin', selector: '.coin-name', type: 'text', transform: 'uppercase' },
          { name: 'price', selector: '.coin-price', type: 'regex', pattern: '([\\d,.]+)', default: '0' },
        ],
      });
    expect(rows).toEqual([
      { id: 'btc', coin: 'BITCOIN', price: '1,200.50' },
      { id: 'none', coin: 'ETHER', price: '0' },
    ]);
  });
});

// What is reported against Crawl4AI. The numbers are those of its issues.
describe('the reported defects', () => {
  const list = '<div class=b><img src=1.png><img src=2.png><a class=aa>x</a><a class=aa>z</a></div>';

  it('#405, #433, #900: a list returns all elements', () => {
    expect(values(list, { name: 'v', selector: 'a.aa', type: 'list' })).toEqual([['x', 'z']]);
    const fields = [{ name: 't', type: 'text' }] as const;
    expect(values(list, { name: 'v', selector: 'a.aa', type: 'list', fields })).toEqual([
      [{ t: 'x' }, { t: 'z' }],
    ]);
  });

  it('#1382: a list of one attribute', () => {
    expect(values(list, { name: 'v', selector: 'img', type: 'list', attribute: 'src' })).toEqual([
      ['https://shop.test/list/1.png', 'https://shop.test/list/2.png'],
    ]);
  });

  it('#1810, #2069: a transform on a miss does not fail the extraction', () => {
    const rows = read('<p class=b>a</p><p class=b><i>X</i></p>').extract({
      baseSelector: '.b',
      fields: [{ name: 'v', selector: 'i', type: 'text', transform: 'lowercase' }],
    });
    expect(rows).toEqual([{ v: null }, { v: 'x' }]);
  });

  it.each([
    ['+ tr span.age', 'two hours'],
    ['+ tr', 'two hours'],
    [':scope + tr .age', 'two hours'],
    ['~ tr.last', 'end'],
    ['+ tr + tr', 'end'],
    ['+ tr ~ tr.last', 'end'],
    ['> td', 'Story'],
    [':scope > td', 'Story'],
    ['table td', 'Story'],
    ['tr td', 'Story'],
    ['+ td', null],
    ['> span', null],
  ])('#1254: the selector %j is relative to the row', (selector, expected) => {
    const html = `<table><tr class=b><td>Story</td></tr><tr><td><span class=age>two hours</span></td></tr>
      <tr class=last><td>end</td></tr></table>`;
    expect(values(html, { name: 'v', selector, type: 'text' })).toEqual([expected]);
  });

  it.each([[undefined], [''], [':scope'], [' :scope ']])(
    '#1324: the selector %j is the row itself',
    (selector) => {
      const field = { name: 'v', selector, type: 'attribute', attribute: 'href' } as const;
      expect(values('<a class=b href=/x>1</a>', field)).toEqual(['https://shop.test/x']);
    },
  );

  it('#713, #921: XPath is refused with a message that names it', () => {
    const extract = (): unknown => values('', { name: 'v', selector: './/h1', type: 'text' });
    expect(extract).toThrow(/schema\.fields\[0\]\.selector: .*it looks like XPath/);
  });

  it('accepts several selectors, in the order of the page', () => {
    const html = '<div class=b><i>1</i><b>2</b></div><div>3</div>';
    expect(values(html, { name: 'v', selector: 'b, i', type: 'text' })).toEqual(['1']);
    expect(values(html, { name: 'v', selector: '+ div, b, i', type: 'list' })).toEqual([['1', '2', '3']]);
  });
});

describe('values', () => {
  it.each([
    ['<a class=b href="../x?q=1">', 'href', 'https://shop.test/x?q=1'],
    ['<a class=b href="http://[">', 'href', 'http://['],
    ['<a class=b href="javascript:void 0">', 'href', 'javascript:void 0'],
    ['<form class=b action=go>', 'action', 'https://shop.test/list/go'],
    ['<object class=b data=o.pdf>', 'data', 'https://shop.test/list/o.pdf'],
    ['<p class=b data=o.pdf>', 'data', 'o.pdf'],
    ['<p class="b c" title=T>', 'class', 'b c'],
    ['<p class=b title=T>', 'TITLE', 'T'],
    ['<p class=b>', 'title', null],
    ['<base href="https://cdn.test/"><img class=b src=i.png>', 'src', 'https://cdn.test/i.png'],
  ])('%s: %s is %j', (html, attribute, expected) => {
    expect(values(html, { name: 'v', type: 'attribute', attribute })).toEqual([expected]);
  });

  it('are unchanged when that is requested', () => {
    const field = { name: 'v', type: 'attribute', attribute: 'href', absolute: false } as const;
    expect(values('<a class=b href=x>', field)).toEqual(['x']);
  });

  it.each([
    ['(\\d+) EUR', undefined, '42'],
    ['\\d+', undefined, '42'],
    ['(?P<n>\\d+) (?P<c>\\w+)', 'c', 'EUR'],
    ['(?i)(eur)', undefined, 'EUR'],
    [/(eur)/gi, 1, 'EUR'],
    ['(\\d+) EUR', 0, '42 EUR'],
    ['(USD)?', 1, null],
    ['USD', undefined, null],
  ])('the pattern %s, group %s, finds %j', (pattern, group, expected) => {
    const field = { name: 'v', type: 'regex', pattern, group } as const;
    expect(values('<p class=b>costs <b>42</b> EUR</p>', field)).toEqual([expected]);
  });

  it('are found by a pattern in an attribute', () => {
    const field = { name: 'v', type: 'regex', attribute: 'href', pattern: 'id=(\\d+)' } as const;
    expect(values('<a class=b href="?id=7">', field)).toEqual(['7']);
  });

  it("are HTML with the element's own tag", () => {
    const html = '<p class=b title="a&quot;&lt;">1 &lt; 2 &amp; <br><i>x</i><!--c--><script>a<b</script></p>';
    expect(values(html, { name: 'v', type: 'html' })).toEqual([
      '<p class="b" title="a&quot;&lt;">1 &lt; 2 &amp; <br><i>x</i><!--c--><script>a<b</script></p>',
    ]);
  });

  it('are the results of functions', () => {
    const rows = read('<p class=b data-n=4><i>3</i></p><p class=b>').extract({
      baseSelector: '.b',
      fields: [
        { name: 'n', selector: 'i', type: 'text', transform: (text) => Number(text) },
        { name: 'twice', read: (_, row) => (typeof row.n === 'number' ? row.n * 2 : null), default: -1 },
        { name: 'data', read: (element) => element.attribute('data-n') },
      ],
    });
    expect(rows).toEqual([
      { n: 3, twice: 6, data: '4' },
      { n: null, twice: -1, data: null },
    ]);
    expect(rows.misses).toEqual([
      { path: 'fields[0]', name: 'n', count: 1, rows: [1] },
      { path: 'fields[1]', name: 'twice', count: 1, rows: [1] },
      { path: 'fields[2]', name: 'data', count: 1, rows: [1] },
    ]);
  });

  it('may have the name __proto__', () => {
    const [row] = read('<p class=b>x').extract({
      baseSelector: '.b',
      fields: [{ name: '__proto__', type: 'text' }],
    });
    expect(Object.entries(row ?? {})).toEqual([['__proto__', 'x']]);
  });

  it('are as many rows as the limit allows', () => {
    const page = read('<i></i>'.repeat(5));
    const schema = { baseSelector: 'i', fields: [] } as const;
    expect(page.extract(schema, { limit: 2 })).toHaveLength(2);
    expect(page.extract(schema, { limit: 0 })).toHaveLength(0);
    expect(page.extract(schema)).toHaveLength(5);
    expect(() => page.extract(schema, { limit: -1 })).toThrow('limit must be');
  });

  it('are all present when the field is required', () => {
    const page = read('<p class=b><i>1</i></p><p class=b></p>');
    const field = { name: 'v', selector: 'i', type: 'text', required: true } as const;
    expect(() => page.extract({ baseSelector: '.b', fields: [field] })).toThrow(
      'fields[0] "v" is required, and row 1 has nothing at the selector "i"',
    );
    const list = { name: 'v', selector: 'u', type: 'list', required: true } as const;
    try {
      page.extract({ baseSelector: '.b', fields: [list] });
      expect.unreachable();
    } catch (error) {
      expect(isRequestError(error, 'ERR_FIELD_MISSING')).toBe(true);
    }
  });
});

describe('a schema that cannot be used', () => {
  const fields = (field: unknown): unknown => ({ baseSelector: 'p', fields: [field] });

  it.each([
    [null, 'schema must be an object'],
    [{ fields: [] }, 'schema.baseSelector must be a CSS selector'],
    [{ baseSelector: 'p' }, 'schema.fields must be an array of fields'],
    [{ baseSelecter: 'p', fields: [] }, 'did you mean baseSelector?'],
    [{ baseSelector: 'p:nope', fields: [] }, 'schema.baseSelector: The selector "p:nope"'],
    [{ baseSelector: '+ p', fields: [] }, 'schema.baseSelector: '],
    [{ baseSelector: 'p', baseFields: {}, fields: [] }, 'schema.baseFields must be an array'],
    [fields(7), 'schema.fields[0] must be an object, got 7'],
    [fields({ type: 'text' }), 'schema.fields[0].name must be a name'],
    [fields({ name: 'a' }), 'schema.fields[0].type must be one of text'],
    [fields({ name: 'a', type: 'txt' }), '(did you mean text?)'],
    [
      fields({ name: 'a', type: 'text', selecter: 'i' }),
      'schema.fields[0] has an unknown option: "selecter"',
    ],
    [fields({ name: 'a', type: 'text', pattern: 'x' }), 'it belongs to a field of type regex'],
    [fields({ name: 'a', type: 'text', selector: 5 }), 'schema.fields[0].selector must be'],
    [fields({ name: 'a', type: 'attribute' }), 'schema.fields[0].attribute must be'],
    [
      fields({ name: 'a', type: 'regex', pattern: '(' }),
      'schema.fields[0].pattern must be a regular expression',
    ],
    [fields({ name: 'a', type: 'regex' }), 'schema.fields[0].pattern must be'],
    [fields({ name: 'a', type: 'regex', pattern: '(x)', group: 2 }), 'a group of the pattern, 0 to 1'],
    [fields({ name: 'a', type: 'text', transform: 'title' }), 'schema.fields[0].transform must be'],
    [fields({ name: 'a', type: 'text', required: 1 }), 'schema.fields[0].required must be'],
    [fields({ name: 'a', type: 'nested' }), 'schema.fields[0].fields must be an array'],
    [fields({ name: 'a', type: 'computed', expression: 'price * 2' }), 'no expression of a schema is run'],
    [fields({ name: 'a', read: 'row.a' }), 'schema.fields[0].read must be a function'],
    [
      fields({ name: 'a', type: 'nested', fields: [{ name: 'b', type: 'list', selector: '[' }] }),
      'schema.fields[0].fields[0].selector: ',
    ],
    [
      { baseSelector: 'p', baseFields: [{ name: 'a', type: 'text' }], fields: [{ name: 'a', type: 'html' }] },
      'schema.fields[0].name must differ from that of baseFields[0]',
    ],
  ])('%j is refused', (schema, message) => {
    // No row is there: the schema is checked before the page is looked at.
    expect(() => read('').extract(schema as ExtractSchema)).toThrow(message);
  });

  it('is refused when its fields are nested too deep', () => {
    let field: ExtractField = { name: 'a', type: 'text' };
    for (let depth = 0; depth < 20; depth++) field = { name: 'a', type: 'nested', fields: [field] };
    expect(() => read('').extract({ baseSelector: 'p', fields: [field] })).toThrow('nested too deep');
  });

  it('takes nothing from its prototype', () => {
    const schema = Object.create({ baseSelector: 'p', fields: [] });
    expect(() => read('').extract(schema)).toThrow('schema.baseSelector must be');
  });
});

describe('a hostile page', () => {
  it('has 100,000 rows with sibling selectors', () => {
    const page = read(`<table>${'<tr class=b><td>1</td></tr><tr><td>2</td></tr>'.repeat(50_000)}</table>`);
    const rows = page.extract({
      baseSelector: '.b',
      fields: [
        { name: 'a', selector: '+ tr > td', type: 'text' },
        { name: 'b', selector: '+ p', type: 'text' },
      ],
    });
    expect(rows).toHaveLength(50_000);
    expect(rows.at(-1)).toEqual({ a: '2', b: null });
    expect(rows.misses[0]).toMatchObject({ count: 50_000, rows: { length: 10 } });
  });

  it.each([
    [{ name: 'v', type: 'html' }, 'more than 100000000 characters'],
    [
      { name: 'v', type: 'list', selector: 'div', attribute: 'id' },
      /too many steps|more than 2000000 values/,
    ],
  ] as const)('of nested elements ends with an error for %j', (field, message) => {
    const page = read(`${'<div id=x>'.repeat(500)}${'<div id=y>lorem ipsum</div>'.repeat(20_000)}`);
    expect(() => page.extract({ baseSelector: 'div', fields: [field] })).toThrow(message);
  });

  it('ends a pattern that does not end itself', () => {
    const field = { name: 'v', type: 'regex', pattern: '(a+)+$' } as const;
    expect(() => values(`<p class=b>${'a'.repeat(60)}b`, field)).toThrow(
      'schema.fields[0].pattern takes too long on this page',
    );
  });
});
