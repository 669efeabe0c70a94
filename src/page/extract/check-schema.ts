import { checkBoolean, checkOptions, own } from '../../core/checks.ts';
import { describe, invalidOption, isRequestError, RequestError } from '../../core/errors.ts';
import { nearName } from '../../core/near-names.ts';
import { parseRelative } from '../select/relative.ts';
import { parseSelector, type SelectorList } from '../select/selector.ts';
import { groupsOf, type Pattern, readPattern } from './pattern.ts';
import type { ReadField, Transform } from './schema.ts';

/** A checked schema. */
export interface CheckedSchema {
  readonly base: SelectorList;
  readonly fields: readonly CheckedField[];
}

/** A checked field. */
export interface CheckedField {
  /** Place in the schema, for error messages. */
  readonly path: string;
  readonly name: string;
  readonly type: FieldType;
  /** The parsed selector, empty for the element itself. */
  readonly selector: SelectorList;
  /** The selector as written, for error messages. */
  readonly selectorText: string;
  readonly default: unknown;
  readonly isRequired: boolean;
  readonly transform: Transform | null;
  readonly attribute: string | null;
  readonly isAbsolute: boolean;
  readonly pattern: Pattern | null;
  readonly group: number | string;
  readonly fields: readonly CheckedField[] | null;
  readonly read: ReadField['read'] | null;
}

const types = ['text', 'attribute', 'html', 'regex', 'nested', 'list', 'nested_list'] as const;
type FieldType = (typeof types)[number] | 'read';

const common = ['name', 'type', 'selector', 'default', 'required', 'description'];
/** The other allowed keys of a field, by its type. */
const keysByType: Readonly<Record<FieldType, ReadonlySet<string>>> = {
  text: new Set([...common, 'transform']),
  attribute: new Set([...common, 'transform', 'attribute', 'absolute']),
  html: new Set([...common, 'transform']),
  regex: new Set([...common, 'transform', 'pattern', 'group', 'attribute']),
  nested: new Set([...common, 'fields']),
  list: new Set([...common, 'transform', 'fields', 'attribute']),
  nested_list: new Set([...common, 'fields']),
  read: new Set([...common, 'read']),
};
const schemaKeys: ReadonlySet<string> = new Set([
  ...['name', 'description', 'baseSelector', 'baseFields', 'fields'],
]);
const transforms = ['lowercase', 'uppercase', 'strip'];

/** The greatest depth of nested fields. */
const maxDepth = 16;

/**
 * Checks a whole schema before the page is read.
 *
 * @throws RequestError ERR_INVALID_OPTION and ERR_INVALID_SELECTOR with the place in the schema
 */
export function checkSchema(schema: unknown): CheckedSchema {
  checkOptions(schema, 'schema', schemaKeys);
  const given = schema as Record<string, unknown>;
  const selector = own(given, 'baseSelector');
  if (typeof selector !== 'string' || selector.trim() === '') {
    throw invalidOption('schema.baseSelector', 'a CSS selector', selector);
  }
  const base = withPath('schema.baseSelector', selector, () => parseSelector(selector));
  const baseFields = own(given, 'baseFields');
  const fields = own(given, 'fields');
  const all = [
    ...(baseFields === undefined ? [] : checkFields(baseFields, 'schema.baseFields', 0)),
    ...checkFields(fields, 'schema.fields', 0),
  ];
  checkNames(all);
  return { base, fields: all };
}

function checkFields(fields: unknown, path: string, depth: number): CheckedField[] {
  if (!Array.isArray(fields)) throw invalidOption(path, 'an array of fields', fields);
  if (depth >= maxDepth) throw new RequestError('ERR_INVALID_OPTION', `${path} is nested too deep`);
  const checked = Array.from(fields, (field, at) => checkField(field, `${path}[${at}]`, depth));
  if (depth > 0) checkNames(checked);
  return checked;
}

function checkNames(fields: readonly CheckedField[]): void {
  const paths = new Map<string, string>();
  for (const { name, path } of fields) {
    const other = paths.get(name);
    if (other !== undefined) {
      const message = `schema.${path}.name must differ from that of ${other}, got ${describe(name)} twice`;
      throw new RequestError('ERR_INVALID_OPTION', message);
    }
    paths.set(name, path);
  }
}

function checkField(field: unknown, path: string, depth: number): CheckedField {
  if (typeof field !== 'object' || field === null || Array.isArray(field)) {
    throw invalidOption(path, 'an object', field);
  }
  const given = field as Record<string, unknown>;
  const type = checkType(given, path);
  checkOptions(field, path, keysByType[type], (key) => adviceFor(key, type));
  const name = own(given, 'name');
  if (typeof name !== 'string' || name === '') throw invalidOption(`${path}.name`, 'a name', name);
  const attribute = checkAttribute(own(given, 'attribute'), type, path);
  const pattern = type === 'regex' ? readPattern(own(given, 'pattern'), `${path}.pattern`) : null;
  return {
    ...{ path: path.slice('schema.'.length), name, type, attribute, pattern },
    ...checkSelector(own(given, 'selector'), `${path}.selector`),
    default: own(given, 'default') ?? null,
    isRequired: checkFlag(own(given, 'required'), `${path}.required`, false),
    isAbsolute: checkFlag(own(given, 'absolute'), `${path}.absolute`, true),
    transform: checkTransform(own(given, 'transform'), `${path}.transform`),
    group: pattern === null ? 0 : checkGroup(own(given, 'group'), pattern, `${path}.group`),
    fields: checkInner(own(given, 'fields'), type, path, depth),
    read: type === 'read' ? (own(given, 'read') as ReadField['read']) : null,
  };
}

function checkType(field: Record<string, unknown>, path: string): FieldType {
  const type = own(field, 'type');
  const read = own(field, 'read');
  if (type === undefined && read !== undefined) {
    if (typeof read !== 'function') throw invalidOption(`${path}.read`, 'a function of an element', read);
    return 'read';
  }
  const found = types.find((known) => known === type);
  if (found !== undefined) return found;
  if (type === 'computed') {
    const message = `${path}.type must not be "computed": no expression of a schema is run; in code, write read: (element, row) => …`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  const near = typeof type === 'string' ? nearName(type, new Set(types), () => 3) : undefined;
  const expected = `one of ${types.join(', ')}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
  throw invalidOption(`${path}.type`, expected, type);
}

function adviceFor(key: string, type: FieldType): string | undefined {
  const owners = types.filter((other) => other !== type && keysByType[other].has(key));
  return owners.length === 0 ? undefined : `it belongs to a field of type ${owners.join(' or ')}`;
}

function checkSelector(
  selector: unknown,
  path: string,
): { readonly selector: SelectorList; readonly selectorText: string } {
  if (selector === undefined) return { selector: [], selectorText: '' };
  if (typeof selector !== 'string') throw invalidOption(path, 'a CSS selector', selector);
  return { selector: withPath(path, selector, () => parseRelative(selector)), selectorText: selector };
}

/** Adds the place in the schema to the error of a selector. */
function withPath(path: string, selector: string, parse: () => SelectorList): SelectorList {
  try {
    return parse();
  } catch (cause) {
    if (!isRequestError(cause)) throw cause;
    const isXPath = /^\s*(\.?\/|\/\/)/.test(selector);
    const advice = isXPath ? '; it looks like XPath, and CSS is needed' : '';
    throw new RequestError('ERR_INVALID_SELECTOR', `${path}: ${cause.message}${advice}`, { cause });
  }
}

function checkFlag(value: unknown, path: string, otherwise: boolean): boolean {
  return value === undefined ? otherwise : checkBoolean(path, value);
}

function checkAttribute(attribute: unknown, type: FieldType, path: string): string | null {
  if (attribute === undefined && type !== 'attribute') return null;
  if (typeof attribute === 'string' && attribute.trim() !== '') return attribute.trim();
  throw invalidOption(`${path}.attribute`, 'the name of an attribute', attribute);
}

function checkTransform(transform: unknown, path: string): Transform | null {
  if (transform === undefined || transform === null) return null;
  if (typeof transform === 'function' || transforms.some((known) => known === transform)) {
    return transform as Transform;
  }
  throw invalidOption(path, `one of ${transforms.join(', ')}, or a function`, transform);
}

function checkGroup(group: unknown, pattern: Pattern, path: string): number | string {
  const { count, names } = groupsOf(pattern);
  if (group === undefined) return Math.min(1, count);
  if (typeof group === 'number' && Number.isInteger(group) && group >= 0 && group <= count) return group;
  if (typeof group === 'string' && names.includes(group)) return group;
  const known = names.length === 0 ? '' : ` or one of ${names.join(', ')}`;
  throw invalidOption(path, `a group of the pattern, 0 to ${count}${known}`, group);
}

function checkInner(
  fields: unknown,
  type: FieldType,
  path: string,
  depth: number,
): readonly CheckedField[] | null {
  const needsFields = type === 'nested' || type === 'nested_list';
  if (fields === undefined && !needsFields) return null;
  return checkFields(fields, `${path}.fields`, depth + 1);
}
