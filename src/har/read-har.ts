import { open, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNumber, checkOptions, own } from '../core/checks.ts';
import { invalidOption, RequestError } from '../core/errors.ts';
import { checkHar } from './check-har.ts';
import type { Har } from './har-format.ts';

/** Options of {@link readHar}. */
export interface ReadHarOptions {
  /**
   * Largest file in bytes, together with the body files beside it.
   * @default 268435456
   */
  readonly maxBytes?: number | undefined;
}

const keys: ReadonlySet<string> = new Set(['maxBytes']);

/**
 * Reads a HAR file of this package, of a browser or of Playwright, with the body files that Playwright writes beside
 * it.
 *
 * @throws RequestError ERR_INVALID_OPTION, ERR_INVALID_DOCUMENT for a file that is not a HAR or too large; the error
 * of the file system where the file cannot be read
 * @example
 * const session = await createSession({ transport: replayHar(await readHar('login.har')) });
 */
export async function readHar(path: string | URL, options: ReadHarOptions = {}): Promise<Har> {
  if (!(path instanceof URL) && (typeof path !== 'string' || path === '')) {
    throw invalidOption('path', 'a path, or a file: URL', path);
  }
  checkOptions(options, 'readHar options', keys);
  const most = checkNumber('maxBytes', own(options, 'maxBytes') ?? 2 ** 28, { least: 1, integer: true });
  const name = path instanceof URL ? fileURLToPath(path) : path;
  const left = { bytes: most };
  const har: unknown = parse(await readBounded(name, left), name);
  checkHar(har);
  for (const entry of har.log.entries) {
    const { postData } = entry.request;
    if (postData !== undefined) await embed(postData, name, left);
    await embed(entry.response.content, name, left);
  }
  return har;
}

/** The limit also holds if the file grows while it is read. */
async function readBounded(name: string, left: { bytes: number }): Promise<Buffer> {
  const file = await open(name);
  try {
    const { size } = await file.stat();
    if (size > left.bytes) throw tooLarge(name);
    const bytes = await readFile(file);
    left.bytes -= bytes.length;
    if (left.bytes < 0) throw tooLarge(name);
    return bytes;
  } finally {
    await file.close();
  }
}

function tooLarge(name: string): RequestError {
  return new RequestError(
    'ERR_INVALID_DOCUMENT',
    `${basename(name)} is larger than maxBytes of readHar allows: raise it to read the recording`,
  );
}

function parse(bytes: Buffer, name: string): unknown {
  if (bytes.subarray(0, 2).toString('latin1') === 'PK') {
    const message = `${basename(name)} is a zip archive: unpack it, and read the .har file in it`;
    throw new RequestError('ERR_INVALID_DOCUMENT', message);
  }
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    // The message of JSON.parse shows a part of the file.
    throw new RequestError('ERR_INVALID_DOCUMENT', `${basename(name)} is not a HAR: it is not JSON`);
  }
}

/** Inserts a body that Playwright has written to a file of its own. */
async function embed(holder: object, name: string, left: { bytes: number }): Promise<void> {
  const file: unknown = Reflect.get(holder, '_file');
  if (typeof file !== 'string' || Reflect.get(holder, 'text') !== undefined) return;
  // A recording must not name a file outside its folder.
  if (file !== basename(file) || file.startsWith('.')) {
    throw new RequestError('ERR_INVALID_DOCUMENT', `${basename(name)} names a body outside of its folder`);
  }
  const bytes = await readBounded(join(dirname(name), file), left);
  Object.assign(holder, { text: bytes.toString('base64'), encoding: 'base64', _encoding: 'base64' });
}
