import type { PageElement } from '../document/element.ts';

/** The keys that all fields have. */
export interface FieldBase {
  readonly name: string;
  /**
   * CSS, looked for in the row's element; the first match counts. It may start with a combinator: `+ tr .age` is in the
   * next sibling, `> a` is a child. Absent, empty and `:scope` mean the element itself.
   */
  readonly selector?: string | undefined;
  /** The value for a miss. @default null, an empty list for lists */
  readonly default?: unknown;
  /**
   * True: a miss is ERR_FIELD_MISSING.
   * @default false
   */
  readonly required?: boolean | undefined;
  /** A name for people. It has no effect. */
  readonly description?: string | undefined;
}

/** What is made of the text of a field; in code it may be a function, whose `null` and `undefined` are a miss. */
export type Transform = 'lowercase' | 'uppercase' | 'strip' | ((value: string) => unknown);

/** A field whose text may be changed. */
export interface TransformedField {
  readonly transform?: Transform | undefined;
}

/** The text that a person reads, on one line. */
export interface TextField extends FieldBase, TransformedField {
  readonly type: 'text';
}

/** An attribute. What is a URL comes absolute, resolved as the page resolves it. */
export interface AttributeField extends FieldBase, TransformedField {
  readonly type: 'attribute';
  readonly attribute: string;
  /**
   * False: URLs as they are written.
   * @default true
   */
  readonly absolute?: boolean | undefined;
}

/** The element as HTML, with its own tag. */
export interface HtmlField extends FieldBase, TransformedField {
  readonly type: 'html';
}

/** What a regular expression finds in the text, or in an attribute. */
export interface RegexField extends FieldBase, TransformedField {
  readonly type: 'regex';
  /** JavaScript's syntax; Python's `(?P<name>` and a leading `(?i)` are read too. */
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

/** All elements that the selector finds: with `fields` as objects, else as texts, or as `attribute` of each. */
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

/** In code: a function of the element and of what the row has so far. `null` and `undefined` are a miss. */
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

/** Which rows a page has, and what is in them: the JSON schema of Crawl4AI. */
export interface ExtractSchema {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** CSS: each element that it finds is a row. */
  readonly baseSelector: string;
  /** Fields of the row's element itself; they may have selectors, too. */
  readonly baseFields?: readonly ExtractField[] | undefined;
  readonly fields: readonly ExtractField[];
}

/** Options of an extraction. */
export interface ExtractOptions {
  /** Most rows. @default all */
  readonly limit?: number | undefined;
}

/** A field that found nothing in some rows. */
export interface Miss {
  /** Where the field stands in the schema, such as `fields[2].fields[0]`. */
  readonly path: string;
  readonly name: string;
  /** How often. */
  readonly count: number;
  /** The rows, counted from 0: the first ten. */
  readonly rows: readonly number[];
}

/** The rows of a page, and what was not found. */
export type ExtractedRows<Row> = Row[] & {
  /** Not enumerable, so that `JSON.stringify` and a copy have the rows alone. */
  readonly misses: readonly Miss[];
};
