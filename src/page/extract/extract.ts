import { checkNumber, checkOptions, own } from '../../core/checks.ts';
import { RequestError } from '../../core/errors.ts';
import { elementOf } from '../document/element.ts';
import type { PageDocument } from '../document/page-document.ts';
import { visibleText } from '../document/text.ts';
import { Matcher } from '../select/matcher.ts';
import { selectRelative } from '../select/relative.ts';
import type { ElementNode } from '../tree/nodes.ts';
import { outerHtml } from '../tree/serialize.ts';
import { elementsIn } from '../tree/walk.ts';
import { readAttribute } from './attribute.ts';
import { type CheckedField, checkSchema } from './check-schema.ts';
import { PatternRun } from './pattern.ts';
import type { ExtractedRow } from './row.ts';
import type { ExtractedRows, ExtractOptions, ExtractSchema, Miss, Transform } from './schema.ts';

/** Most characters of all values of one extraction together, before they are transformed. */
const maxCharacters = 100_000_000;
/** Most values of one extraction. */
const maxValues = 2_000_000;
const knownOptions: ReadonlySet<string> = new Set(['limit']);

/** Marks a missing value. */
const missing = Symbol('missing');

/**
 * Extracts the rows that a schema describes. The whole schema is checked first.
 *
 * @throws RequestError ERR_INVALID_OPTION, ERR_INVALID_SELECTOR, ERR_FIELD_MISSING, ERR_PAGE_TOO_LARGE
 */
export function extractRows<const Schema extends ExtractSchema>(
  document: PageDocument,
  schema: Schema,
  options: ExtractOptions = {},
): ExtractedRows<ExtractedRow<Schema>> {
  const { base, fields } = checkSchema(schema);
  checkOptions(options, 'options', knownOptions);
  const given = own(options, 'limit');
  const limit =
    given === undefined ? Number.POSITIVE_INFINITY : checkNumber('limit', given, { least: 0, integer: true });
  const run = new Extraction(document);
  const rows: Record<string, unknown>[] = [];
  const matcher = new Matcher(document.root, null);
  for (const element of limit === 0 ? [] : elementsIn(document.root)) {
    if (!matcher.matches(element, base)) continue;
    run.row = rows.length;
    rows.push(run.read(element, fields));
    if (rows.length >= limit) break;
  }
  return Object.defineProperty(rows, 'misses', { value: run.misses }) as unknown as ExtractedRows<
    ExtractedRow<Schema>
  >;
}

/** One extraction: its limits hold for all of its rows together. */
class Extraction {
  /** The index of the current row. */
  row = 0;
  readonly #document: PageDocument;
  readonly #matcher: Matcher;
  readonly #patterns = new PatternRun();
  readonly #misses = new Map<string, { path: string; name: string; count: number; rows: number[] }>();
  #characters = 0;
  #values = 0;

  constructor(document: PageDocument) {
    this.#document = document;
    // Results of several selectors are sorted in tree order, which the index provides.
    void document.index;
    this.#matcher = new Matcher(document.root, null);
  }

  get misses(): readonly Miss[] {
    return [...this.#misses.values()];
  }

  read(element: ElementNode, fields: readonly CheckedField[]): Record<string, unknown> {
    // defineProperty instead of assignment, because the name of a field can be __proto__.
    let row: Record<string, unknown> = {};
    const entries: [string, unknown][] = [];
    for (const field of fields) {
      if (++this.#values > maxValues) throw tooMuch(`more than ${maxValues} values`);
      if (field.read !== null) row = Object.fromEntries(entries);
      const value = this.#value(element, field, row);
      entries.push([field.name, value === missing ? this.#miss(field) : value]);
    }
    return Object.fromEntries(entries);
  }

  #value(element: ElementNode, field: CheckedField, row: Readonly<Record<string, unknown>>): unknown {
    const isList = field.type === 'list' || field.type === 'nested_list';
    const limit = isList ? Number.POSITIVE_INFINITY : 1;
    const found = selectRelative(this.#matcher, element, field.selector, limit);
    if (isList) return found.length === 0 ? missing : this.#items(found, field);
    const [first] = found;
    if (first === undefined) return missing;
    if (field.read !== null) return field.read(elementOf(first), row) ?? missing;
    if (field.fields !== null) return this.read(first, field.fields);
    return this.#single(first, field);
  }

  #items(elements: readonly ElementNode[], field: CheckedField): unknown {
    const { fields } = field;
    const items: unknown[] = [];
    for (const element of elements) {
      if (++this.#values > maxValues) throw tooMuch(`more than ${maxValues} values`);
      const item = fields === null ? this.#single(element, field) : this.read(element, fields);
      if (item !== missing) items.push(item);
    }
    return items.length === 0 ? missing : items;
  }

  #single(element: ElementNode, field: CheckedField): unknown {
    const text = this.#text(element, field);
    if (text === null) return missing;
    this.#characters += text.length;
    if (this.#characters > maxCharacters) throw tooMuch(`more than ${maxCharacters} characters`);
    if (field.pattern === null) return transformed(text, field.transform);
    const match = this.#patterns.match(field.pattern, text);
    const { group } = field;
    const part = typeof group === 'number' ? match?.[group] : match?.groups?.[group];
    return part === undefined ? missing : transformed(part, field.transform);
  }

  #text(element: ElementNode, { type, attribute, isAbsolute }: CheckedField): string | null {
    if (type === 'html') return outerHtml(element);
    return attribute === null
      ? visibleText(element)
      : readAttribute(this.#document, element, attribute, isAbsolute);
  }

  #miss(field: CheckedField): unknown {
    const { path, name, isRequired, selectorText, type } = field;
    if (isRequired) {
      const where =
        selectorText === '' ? '' : ` at the selector ${JSON.stringify(selectorText.slice(0, 200))}`;
      const message = `${path} ${JSON.stringify(name)} is required, and row ${this.row} has nothing${where}`;
      throw new RequestError('ERR_FIELD_MISSING', message);
    }
    const known = this.#misses.get(path) ?? { path, name, count: 0, rows: [] };
    this.#misses.set(path, known);
    known.count++;
    if (known.rows.length < 10 && known.rows.at(-1) !== this.row) known.rows.push(this.row);
    const isList = type === 'list' || type === 'nested_list';
    return isList ? (field.default ?? []) : field.default;
  }
}

function transformed(text: string, transform: Transform | null): unknown {
  switch (transform) {
    case null:
      return text;
    case 'lowercase':
      return text.toLowerCase();
    case 'uppercase':
      return text.toUpperCase();
    case 'strip':
      return text.trim();
    default:
      return transform(text) ?? missing;
  }
}

function tooMuch(what: string): RequestError {
  const message = `The schema extracts ${what} from this page: make its selectors narrower, or give a limit`;
  return new RequestError('ERR_PAGE_TOO_LARGE', message);
}
