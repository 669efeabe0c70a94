import type { RequestInit } from '../index.ts';
import type { Arguments, Io } from './command.ts';
import { type FieldItem, fieldValue, isField } from './fields.ts';
import { readAll, readInput, readLine } from './input.ts';
import { type Item, parseItem } from './items.ts';
import { isMethod } from './parse.ts';
import { UsageError } from './usage-error.ts';

/** A request for `session.fetch`. */
export interface CommandRequest {
  readonly url: string;
  readonly init: RequestInit & { readonly method: string };
}

/**
 * Splits the method off `[METHOD] URL [item…]`, if there is one.
 *
 * @param command the command of the arguments
 * @throws UsageError for a method without a URL
 */
export function takeMethod(
  words: readonly string[],
  command: string,
): { readonly method: string | undefined; readonly rest: readonly string[] } {
  const [first = '', ...rest] = words;
  if (!isMethod(first)) return { method: undefined, rest: words };
  if (rest.length > 0) return { method: first, rest };
  throw new UsageError(`${first} needs a URL: jarfetch ${command}${first} URL`);
}

/**
 * Reads the request of a command line.
 *
 * @param method the method of the command; `undefined` means POST with a body and GET without
 * @param words the URL, then items
 * @throws UsageError
 */
export async function requestOf(
  method: string | undefined,
  words: readonly string[],
  args: Arguments,
  io: Io,
): Promise<CommandRequest> {
  const [url = '', ...rest] = words;
  const items = rest.map(parseItem);
  const body = await bodyOf(items, args, io);
  const { headers, query } = await headersAndQuery(items);
  const { headers: ofBody = [], ...init } = body ?? {};
  return {
    url: completeUrl(url),
    init: {
      method: method ?? (body === null ? 'GET' : 'POST'),
      headers: [...ofBody, ...headers],
      ...(query.length === 0 ? {} : { searchParams: query }),
      ...init,
    },
  };
}

/** The items that are no part of the body, in their order; the values of some are in files. */
async function headersAndQuery(items: readonly Item[]) {
  const headers: [name: string, value: string | null][] = [];
  const query: [name: string, value: string][] = [];
  for (const item of items) {
    if (item.kind === 'header') headers.push([item.name, item.value]);
    else if (item.kind === 'header-file') headers.push([item.name, await readLine(item.value)]);
    else if (item.kind === 'query') query.push([item.name, item.value]);
    else if (item.kind === 'query-file') query.push([item.name, await readLine(item.value)]);
  }
  return { headers, query };
}

/**
 * Completes a URL: without a scheme, http for this machine and https for others; `:3000/x` is on localhost. A path
 * belongs to the session's base URL.
 */
export function completeUrl(word: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(word) || word.startsWith('/')) return word;
  if (/^:\d*(\/|$)/.test(word))
    return `http://localhost${word === ':' ? '' : word.replace(/^:(?=\/|$)/, '')}`;
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])(?=[:/?#]|$)/i.test(word);
  return `${isLocal ? 'http' : 'https'}://${word}`;
}

type Body = Pick<RequestInit, 'body' | 'json' | 'form'> & {
  readonly headers?: readonly (readonly [string, string])[];
};

async function bodyOf(items: readonly Item[], args: Arguments, io: Io): Promise<Body | null> {
  const fields = items.filter(isField);
  const data = args.text('data');
  const isMultipart = args.flag('multipart') || fields.some(({ kind }) => kind === 'file');
  const isForm = args.flag('form') && !isMultipart;
  if (data !== undefined) {
    if (fields.length > 0)
      throw new UsageError('--data is the whole body: leave out the items that are body, too');
    return dataBody(data, io);
  }
  if (isMultipart) return { body: await multipartOf(fields) };
  if (isForm) return { form: await formOf(fields) };
  return fields.length === 0 ? null : { json: await jsonOf(fields) };
}

/** Text that is valid JSON gets the JSON type; the session chooses the type of other text. */
async function dataBody(data: string, io: Io): Promise<Body> {
  if (!data.startsWith('@')) return textBody(data);
  const bytes = data === '@-' ? await readAll(io) : await readInput(data.slice(1));
  const text = bytes.toString('utf8');
  return isJsonText(text) ? textBody(text) : { body: new Uint8Array(bytes) };
}

function textBody(text: string): Body {
  return { body: text, ...(isJsonText(text) ? { headers: [['Content-Type', 'application/json']] } : {}) };
}

function isJsonText(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function jsonOf(fields: readonly FieldItem[]): Promise<Record<string, unknown>> {
  const entries: [string, unknown][] = [];
  for (const field of fields) {
    entries.push([field.name, field.kind === 'json' ? field.value : await fieldValue(field)]);
  }
  // fromEntries defines own properties, also for the name `__proto__`.
  return Object.fromEntries(entries);
}

async function formOf(fields: readonly FieldItem[]): Promise<[string, string][]> {
  const entries: [string, string][] = [];
  for (const field of fields) {
    const value = await fieldValue(field);
    entries.push([field.name, typeof value === 'string' ? value : JSON.stringify(value)]);
  }
  return entries;
}

async function multipartOf(fields: readonly FieldItem[]): Promise<FormData> {
  const form = new FormData();
  // Files are streamed. The table of media types is loaded with the first file.
  const { fileFrom } = await import('../page/form/files.ts');
  for (const field of fields) {
    if (field.kind === 'file') {
      const [path = '', type] = field.value.split(';type=');
      form.append(field.name, await fileFrom(path, { type }));
    } else {
      const value = await fieldValue(field);
      form.append(field.name, typeof value === 'string' ? value : JSON.stringify(value));
    }
  }
  return form;
}
