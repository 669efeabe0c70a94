import { describe } from '../core/errors.ts';
import { nearName } from '../core/near-names.ts';
import { ToolError } from './tool-error.ts';

/** The part of JSON Schema that describes the tools. */
export type Schema =
  | {
      readonly type: 'string';
      readonly description?: string;
      readonly enum?: readonly string[];
      readonly default?: string;
    }
  | {
      readonly type: 'integer' | 'number';
      readonly description?: string;
      readonly minimum?: number;
      readonly maximum?: number;
      readonly default?: number;
    }
  | { readonly type: 'boolean'; readonly description?: string; readonly default?: boolean }
  | { readonly type: 'array'; readonly description?: string; readonly items?: Schema }
  | ObjectSchema
  /** Any value. */
  | { readonly type?: undefined; readonly description?: string };

export interface ObjectSchema {
  readonly type: 'object';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

/** An object with these properties and no others; a name that ends in `?` is optional. */
export function objectOf(properties: Readonly<Record<string, Schema>>): ObjectSchema {
  const entries = Object.entries(properties);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ''), schema])),
    required: entries.flatMap(([name]) => (name.endsWith('?') ? [] : [name])),
    additionalProperties: false,
  };
}

/** Refuses arguments that do not match the schema. @throws ToolError ERR_INVALID_OPTION */
export function checkArguments(schema: ObjectSchema, args: unknown): Readonly<Record<string, unknown>> {
  check(schema, args, 'arguments');
  return args as Readonly<Record<string, unknown>>;
}

function check(schema: Schema, value: unknown, path: string): void {
  if (schema.type === undefined) return;
  if (!isOfType(schema.type, value)) throw refused(path, `${article(schema.type)}`, value);
  if (schema.type === 'object') checkObject(schema, value as Readonly<Record<string, unknown>>, path);
  if (schema.type === 'array') {
    for (const [index, item] of (value as readonly unknown[]).entries()) {
      if (schema.items !== undefined) check(schema.items, item, `${path}[${index}]`);
    }
  }
  if (schema.type === 'string' && schema.enum !== undefined && !schema.enum.includes(value as string)) {
    throw refused(path, `one of ${schema.enum.join(', ')}`, value);
  }
  if (schema.type === 'integer' || schema.type === 'number') checkRange(schema, value as number, path);
}

function checkRange(
  { minimum = -Infinity, maximum = Infinity }: { readonly minimum?: number; readonly maximum?: number },
  value: number,
  path: string,
): void {
  if (value < minimum || value > maximum) throw refused(path, `from ${minimum} to ${maximum}`, value);
}

function checkObject(
  { properties = {}, required = [], additionalProperties }: ObjectSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
): void {
  const place = (name: string): string => (path === 'arguments' ? name : `${path}.${name}`);
  for (const name of required) {
    if (value[name] === undefined) {
      throw new ToolError('ERR_INVALID_OPTION', `${place(name)} is missing`, 'Call the tool again with it.');
    }
  }
  for (const [name, each] of Object.entries(value)) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (schema === undefined && additionalProperties === false) throw unknown(place(name), name, properties);
    if (schema !== undefined && each !== undefined) check(schema, each, place(name));
  }
}

function unknown(place: string, name: string, properties: Readonly<Record<string, Schema>>): ToolError {
  const names = Object.keys(properties);
  const near = nearName(name, names, () => 2);
  const hint = near === undefined ? `There are: ${names.join(', ') || 'none'}.` : `Did you mean ${near}?`;
  return new ToolError('ERR_INVALID_OPTION', `${place} is not an argument of this tool`, hint);
}

function isOfType(type: NonNullable<Schema['type']>, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function article(type: string): string {
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function refused(path: string, expected: string, got: unknown): ToolError {
  const came = typeof got === 'string' ? 'another text' : describe(got);
  return new ToolError(
    'ERR_INVALID_OPTION',
    `${path} must be ${expected}, got ${came}`,
    'Call the tool again with it.',
  );
}
