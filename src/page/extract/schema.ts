import type { PageElement } from '../document/element.ts';

/** The keys that all fields have. */
export interface FieldBase {
  readonly name: string;
  /**
   * A CSS selector, matched within the row's element; the first match counts. It can start with a combinator: `+ tr
   * .age` is in the next sibling, `> a` is a child. Absent, empty and `:scope` mean the element itself.
   */
  readonly selector?: string | undefined;
  /** The value when nothing matches. @default null, an empty list for lists */
  readonly default?: unknown;
  /**
   * True: no match is ERR_FIELD_MISSING.
   * @default false
   */
  readonly required?: boolean | undefined;
  /** A note for people. It has no effect. */
  readonly description?: string | undefined;
}

/** How the text of a field is changed; in code also a function, where `null` and `undefined` count as no match. */
export type Transform = 'lowercase' | 'uppercase' | 'strip' | ((value: string) => unknown);

/** A field whose text can be changed. */
export interface TransformedField {
  readonly transform?: Transform | undefined;
}

/** The visible text, on one line. */
export interface TextField extends FieldBase, TransformedField {
  readonly type: 'text';
}

/** An attribute. A URL is made absolute, as the page resolves it. */
export interface AttributeField extends FieldBase, TransformedField {
  readonly type: 'attribute';
  readonly attribute: string;
  /**
   * False: URLs stay as written.
   * @default true
   */
  readonly absolute?: boolean | undefined;
}

/** The element as HTML, with its own tag. */
export interface HtmlField extends FieldBase, TransformedField {
  readonly type: 'html';
}

/** The match of a regular expression in the text, or in an attribute. */
export interface RegexField extends FieldBase, TransformedField {
  readonly type: 'regex';
  /** JavaScript's syntax; Python's `(?P<name>` and a leading `(?i)` are also supported. */
  readonly pattern: string | RegExp;
  /** Number or name of the group. @default 1, the whole match where there is no group */
  readonly group?: number | string | undefined;
  readonly attribute?: string | undefined;
}

/** One object with fields of its own. */
export interface NestedField extends FieldBase {
  readonly type: 'nested';
  readonly fields: readonly ExtractField[];
}

/** All elements that the selector matches: with `fields` as objects, else as texts, or as `attribute` of each. */
export interface ListField extends FieldBase, TransformedField {
  readonly type: 'list';
  readonly fields?: readonly ExtractField[] | undefined;
  readonly attribute?: string | undefined;
}

/** A list of objects. */
export interface NestedListField extends FieldBase {
  readonly type: 'nested_list';
  readonly fields: readonly ExtractField[];
}

/** In code: a function of the element and of the row so far. `null` and `undefined` count as no match. */
export interface ReadField extends FieldBase {
  readonly type?: undefined;
  readonly read: (element: PageElement, row: Readonly<Record<string, unknown>>) => unknown;
}

/** One field of a row. */
export type ExtractField =
  | TextField
  | AttributeField
  | HtmlField
  | RegexField
  | NestedField
  | ListField
  | NestedListField
  | ReadField;

/** The rows of a page and their fields: the JSON schema of Crawl4AI. */
export interface ExtractSchema {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** CSS: each matching element is a row. */
  readonly baseSelector: string;
  /** Fields of the row's element itself; they can also have selectors. */
  readonly baseFields?: readonly ExtractField[] | undefined;
  readonly fields: readonly ExtractField[];
}

/** Options of an extraction. */
export interface ExtractOptions {
  /** Most rows. @default all */
  readonly limit?: number | undefined;
}

/** A field without a match in some rows. */
export interface Miss {
  /** The place of the field in the schema, such as `fields[2].fields[0]`. */
  readonly path: string;
  readonly name: string;
  /** The number of rows without a match. */
  readonly count: number;
  /** The indexes of the first ten such rows. */
  readonly rows: readonly number[];
}

/** The rows of a page, and the fields without a match. */
export type ExtractedRows<Row> = Row[] & {
  /** Not enumerable, so that `JSON.stringify` and a copy contain only the rows. */
  readonly misses: readonly Miss[];
};
