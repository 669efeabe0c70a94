import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { checkOptions } from '../../core/checks.ts';
import { invalidOption, RequestError } from '../../core/errors.ts';
import { shown } from '../document/text.ts';
import type { Engine } from '../encoding/engine.ts';
import type { FormEntry } from './entries.ts';
import { typeOfFile } from './file-types.ts';

/** Files that are read while they are sent. */
const onDisk = new WeakSet<Blob>();
/** Files whose type comes from their name, as in a browser. */
const chosen = new WeakSet<Blob>();

/**
 * A local file for a form, as if a user had chosen it. It is read while it is sent, chunk by chunk.
 *
 * @param path of the file; its last part is the file name in the request
 * @param options `name` and `type` instead of those from the path
 * @throws RequestError ERR_INVALID_BODY for a file that cannot be read, ERR_INVALID_OPTION
 * @example
 * await form.fill({ photo: await fileFrom('./photo.jpg') }).submit();
 */
export async function fileFrom(
  path: string | URL,
  options: { readonly name?: string | undefined; readonly type?: string | undefined } = {},
): Promise<File> {
  checkOptions(options, 'options', new Set(['name', 'type']));
  if (typeof path !== 'string' && !(path instanceof URL)) {
    throw invalidOption('path', 'a string or a file: URL', path);
  }
  for (const key of ['name', 'type'] as const) {
    const value = options[key];
    if (value !== undefined && typeof value !== 'string')
      throw invalidOption(`options.${key}`, 'a string', value);
  }
  const name = options.name ?? basename(path instanceof URL ? decodeURIComponent(path.pathname) : path);
  let blob: Blob;
  try {
    blob = await openAsBlob(path);
  } catch (cause) {
    throw new RequestError('ERR_INVALID_BODY', `The file ${JSON.stringify(name)} cannot be read`, { cause });
  }
  const file = new File([blob], name, { type: options.type ?? typeOfFile(name, 'chromium') });
  if (options.type === undefined) chosen.add(file);
  onDisk.add(file);
  return file;
}

/**
 * Checks that the files of a form have not changed since they were chosen.
 *
 * @throws RequestError ERR_INVALID_BODY, before anything is sent
 */
export async function checkReadable(entries: readonly FormEntry[]): Promise<void> {
  for (const [name, value] of entries) {
    if (typeof value === 'string' || !onDisk.has(value)) continue;
    try {
      await value.slice(0, 1).arrayBuffer();
    } catch (cause) {
      const file = JSON.stringify(nameOf(value));
      const message = `The file ${file} for the control ${shown(name)} cannot be read: it was removed or changed since it was chosen`;
      throw new RequestError('ERR_INVALID_BODY', message, { cause });
    }
  }
}

/** The file name in the request. A Blob is called `blob`. XHR Standard, "create an entry". */
export function nameOf(file: Blob): string {
  const name: unknown = Reflect.get(file, 'name');
  return typeof name === 'string' ? name : 'blob';
}

/** The type of a file in the request. */
export function typeOf(file: Blob, engine: Engine): string {
  const type = chosen.has(file) ? typeOfFile(nameOf(file), engine) : file.type;
  // A type that is not a valid header value is left out.
  return type !== '' && /^[\t\x20-\x7e]*$/.test(type) ? type : 'application/octet-stream';
}
