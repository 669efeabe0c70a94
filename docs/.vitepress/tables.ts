/** What the style needs to know of tables and of code in a line, for readers with narrow screens. */

/** The part of a token of markdown-it that is used here. */
export interface TableToken {
  readonly type: string;
  readonly content: string;
  attrSet(name: string, value: string): void;
  attrJoin(name: string, value: string): void;
}

/** A table of more columns is a matrix: it is read along its columns, too, and cannot become a list of its rows. */
const mostColumnsOfRows = 4;

/** Gives each table the class `rows` or `matrix`, and each cell but the first of its row the name of its column. */
export function markTables(tokens: readonly TableToken[]): void {
  let table: TableToken | undefined;
  let names: string[] = [];
  let column = 0;
  for (const [index, token] of tokens.entries()) {
    switch (token.type) {
      case 'table_open':
        [table, names] = [token, []];
        break;
      case 'th_open':
        names.push(tokens[index + 1]?.content.replaceAll('`', '') ?? '');
        break;
      case 'thead_close':
        // By the keyboard, too, a wide table can be moved sideways.
        table?.attrSet('tabindex', '0');
        table?.attrJoin('class', names.length > mostColumnsOfRows ? 'matrix' : 'rows');
        break;
      case 'tr_open':
        column = 0;
        break;
      case 'td_open':
        // Of two columns, the second explains the first: its name says nothing that is not seen.
        if (column > 0 && names.length > 2) token.attrSet('data-label', names[column] ?? '');
        column += 1;
        break;
    }
  }
}

/** Marks the options of a command line in the HTML of code, so that no line is broken after their hyphens. */
export function withWholeOptions(html: string): string {
  return html.replace(/(?<=[\s>]|^)--?[a-z][\w-]*/g, '<span class="option">$&</span>');
}
