import { readInput } from './input.ts';
import { type Item, parseItem, parseJson } from './items.ts';
import { UsageError } from './usage-error.ts';

/** An item that sets the value of a control. */
export type FieldItem = Exclude<Item, { readonly kind: 'header' | 'query' | 'header-file' | 'query-file' }>;

/** @throws UsageError for header and query items, which a form does not have */
export function fieldItems(words: readonly string[]): FieldItem[] {
  return words.map((word) => {
    const item = parseItem(word);
    if (isField(item)) return item;
    throw new UsageError(
      `${JSON.stringify(item.name)} does not set a form field: write name=value, name:=json or name@file`,
    );
  });
}

export function isField(item: Item): item is FieldItem {
  return !/^(header|query)/.test(item.kind);
}

/** The value of a field that is not a file. */
export async function fieldValue(item: FieldItem): Promise<unknown> {
  if (item.kind === 'field-file') return (await readInput(item.value)).toString('utf8');
  if (item.kind === 'json-file') return parseJson(item.name, (await readInput(item.value)).toString('utf8'));
  return item.value;
}
