import type { Session } from 'jarfetch';
import { type ExtractedRows, type ExtractSchema, type Page, paginate, paginateJson } from 'jarfetch/page';
import { expectTypeOf, it } from 'vitest';

declare const page: Page;

it('extract gives rows of the type that a schema says', () => {
  const rows = page.extract({
    baseSelector: 'article',
    baseFields: [{ name: 'id', type: 'attribute', attribute: 'id', required: true }],
    fields: [
      { name: 'title', selector: 'h2', type: 'text' },
      { name: 'price', type: 'regex', pattern: '\\d+', transform: (text) => Number(text) },
      { name: 'stock', type: 'text', default: 'none' },
      { name: 'tags', type: 'list', selector: '.tag' },
      {
        name: 'sizes',
        type: 'list',
        selector: 'li',
        transform: (text: string) => Number(text),
        default: null,
      },
      { name: 'maker', type: 'nested', fields: [{ name: 'name', type: 'text', required: true }] },
      { name: 'reviews', type: 'nested_list', fields: [{ name: 'by', type: 'text' }] },
      { name: 'links', read: (element) => element.queryAll('a').length },
      { name: 'first', read: (element) => element.query('a')?.text, default: 0 },
    ],
  });
  expectTypeOf(rows).toEqualTypeOf<
    ExtractedRows<{
      id: string;
      title: string | null;
      price: number | null;
      stock: string;
      tags: string[];
      sizes: number[] | null;
      maker: { name: string } | null;
      reviews: { by: string | null }[];
      links: number | null;
      first: string | 0;
    }>
  >();
});

it('extract gives rows of unknown values for a schema that comes while the program runs', () => {
  expectTypeOf(page.extract({} as ExtractSchema)).toEqualTypeOf<ExtractedRows<Record<string, unknown>>>();
  expectTypeOf(page.extract(JSON.parse('{}'))).toEqualTypeOf<ExtractedRows<Record<string, unknown>>>();
});

it('extract takes no schema that cannot be used', () => {
  // @ts-expect-error an attribute has a name
  page.extract({ baseSelector: 'p', fields: [{ name: 'a', type: 'attribute' }] });
  // @ts-expect-error no such type
  page.extract({ baseSelector: 'p', fields: [{ name: 'a', type: 'number' }] });
});

declare const session: Session;

it('paginate has the items that are asked for', () => {
  expectTypeOf(paginate(page).all()).resolves.toEqualTypeOf<Page[]>();
  const items = { baseSelector: 'p', fields: [{ name: 'a', type: 'text' }] } as const;
  expectTypeOf(paginate(page, { items }).all()).resolves.toEqualTypeOf<{ a: string | null }[]>();
  expectTypeOf(paginate(page, { items: (each) => [each.url] }).all()).resolves.toEqualTypeOf<string[]>();
  expectTypeOf(paginateJson<number[]>(session, '/').all()).resolves.toEqualTypeOf<number[]>();
});
