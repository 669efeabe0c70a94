/** Tables and code in a line of the site, as narrow screens need them. */
import { describe, expect, it } from 'vitest';
import { markTables, type TableToken, withWholeOptions } from '../../docs/.vitepress/tables.ts';

/** The tokens of a table as markdown-it makes them, and what is set on them. */
function tableOf(names: readonly string[]): { tokens: TableToken[]; set: string[] } {
  const set: string[] = [];
  const token = (type: string, content = ''): TableToken => ({
    type,
    content,
    attrSet: (name, value) => set.push(`${type} ${name}=${value}`),
    attrJoin: (name, value) => set.push(`${type} ${name}=${value}`),
  });
  const row = (type: string, texts: readonly string[]): TableToken[] => [
    token('tr_open'),
    ...texts.flatMap((text) => [token(type), token('inline', text)]),
  ];
  return {
    tokens: [
      token('table_open'),
      ...row('th_open', names),
      token('thead_close'),
      ...row('td_open', names),
      ...row('td_open', names),
    ],
    set,
  };
}

describe('a table', () => {
  it.each([
    [['code', 'remedy'], 'rows'],
    [['code', 'cause', 'remedy'], 'rows'],
    [['parameter', 'type', 'default', 'description'], 'rows'],
    [['what', 'a', 'b', 'c', 'd'], 'matrix'],
  ])('with the columns %j is of the class %s', (names, expected) => {
    const { tokens, set } = tableOf(names);
    markTables(tokens);
    expect(set.filter((each) => each.startsWith('table_open'))).toEqual([
      'table_open tabindex=0',
      `table_open class=${expected}`,
    ]);
  });

  it('has the name of its column at each cell of three columns but the first, in each row', () => {
    const { tokens, set } = tableOf(['`code`', 'cause', '']);
    markTables(tokens);
    const row = ['td_open data-label=cause', 'td_open data-label='];
    expect(set.filter((each) => each.startsWith('td_open'))).toEqual([...row, ...row]);
  });

  it('of two columns has no names at its cells', () => {
    const { tokens, set } = tableOf(['option', 'meaning']);
    markTables(tokens);
    expect(set.filter((each) => each.startsWith('td_open'))).toEqual([]);
  });
});

describe('code in a line', () => {
  it.each([
    ['<code>jarfetch get --json -i</code>', ['--json', '-i']],
    ['<code>--max-redirects</code>', ['--max-redirects']],
    ['<code>Set-Cookie</code>', []],
    ['<code>a - b</code>', []],
    ['<code>-1</code>', []],
  ])('%s has the whole options %j', (html, expected) => {
    const marked = withWholeOptions(html);
    expect([...marked.matchAll(/<span class="option">(.*?)<\/span>/g)].map(([, option]) => option)).toEqual(
      expected,
    );
    expect(marked.replaceAll(/<\/?span[^>]*>/g, '')).toBe(html);
  });
});
