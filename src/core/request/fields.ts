import { describe, RequestError } from '../errors.ts';
import { isFileLike } from './file-like.ts';

/** The value of one field of a form or a query. `undefined` leaves it out, an array gives one field for each item. */
export type FieldValue =
  | string
  | number
  | boolean
  | undefined
  | readonly (string | number | boolean | undefined)[];

/**
 * Fields of a form or a query: what URLSearchParams takes, and objects and pairs whose values are numbers, booleans,
 * arrays (`{ a: ['x', 'y'] }` is `a=x&a=y`) or undefined, which is left out. Any object type fits, an interface too;
 * its values are checked when it is sent.
 */
export type FieldsInput =
  | string
  | URLSearchParams
  | Iterable<readonly [string, FieldValue]>
  | Readonly<Record<string, FieldValue>>
  | object;

/**
 * Reads fields of any shape.
 *
 * @throws RequestError ERR_INVALID_OPTION that names the option
 */
export function toSearchParams(name: string, fields: unknown): URLSearchParams {
  if (typeof fields === 'string') return new URLSearchParams(fields);
  if (isUrlSearchParams(fields)) return new URLSearchParams(String(fields));
  if (isFormData(fields)) {
    const message = `${name} must be an object, pairs or URLSearchParams, got a FormData: give it as body`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  if (typeof fields === 'object' && fields !== null && !ArrayBuffer.isView(fields) && !isFileLike(fields)) {
    const pairs = Symbol.iterator in fields ? [...(fields as Iterable<unknown>)] : Object.entries(fields);
    const params = new URLSearchParams();
    for (const pair of pairs) appendField(params, name, pair);
    return params;
  }
  throw new RequestError(
    'ERR_INVALID_OPTION',
    `${name} must be an object, pairs or URLSearchParams, got ${describe(fields)}`,
  );
}

function appendField(params: URLSearchParams, name: string, pair: unknown): void {
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new RequestError('ERR_INVALID_OPTION', `${name} given as a list must be pairs of name and value`);
  }
  const [key, value] = pair;
  for (const item of Array.isArray(value) ? value : [value]) {
    if (item === undefined) continue;
    if (isFileLike(item)) throw noFiles(`${name}.${String(key)}`, item);
    if (typeof key !== 'string' || !['string', 'number', 'boolean'].includes(typeof item)) {
      const hint = item === null ? ': write undefined to leave it out' : '';
      throw new RequestError(
        'ERR_INVALID_OPTION',
        `${name}.${String(key)} must be a string, number or boolean, got ${describe(item)}${hint}`,
      );
    }
    params.append(key, String(item));
  }
}

function noFiles(name: string, got: unknown): RequestError {
  const message = `${name} must be a string, number or boolean, got ${describe(got)}: send files by a FormData as body`;
  return new RequestError('ERR_INVALID_OPTION', message);
}

/**
 * Writes a form as a browser does: line breaks of names and values are CR LF. HTML Standard, "constructing the entry
 * list" and "application/x-www-form-urlencoded encoding algorithm".
 */
export function urlencodedForm(fields: unknown): string {
  const params = toSearchParams('form', fields);
  const text = params.toString();
  // Line breaks in their encoded form; most forms have none.
  if (!/%0[AD]/.test(text)) return text;
  const pairs = [...params].map(([name, value]): [string, string] => [withCrlf(name), withCrlf(value)]);
  return new URLSearchParams(pairs).toString();
}

/** Text with CR LF for every line break. A CR alone and an LF alone are line breaks too. */
export function withCrlf(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

/**
 * Recognised by its tag: a URLSearchParams of another realm or of a package counts too, though it may have no
 * iterator.
 */
export function isUrlSearchParams(input: unknown): boolean {
  if (input instanceof URLSearchParams) return true;
  return Object.prototype.toString.call(input) === '[object URLSearchParams]';
}

/** Recognised by its tag: a FormData of another realm or of a package counts too. */
export function isFormData(input: unknown): input is FormData {
  return (
    Object.prototype.toString.call(input) === '[object FormData]' &&
    typeof Object(input).entries === 'function'
  );
}
