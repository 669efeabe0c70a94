import { describe, RequestError } from '../core/errors.ts';
import type { Har } from './har-format.ts';

/** Most exchanges that a recording may have. */
const maxEntries = 100_000;

/**
 * Checks the parts of a HAR that are used here; other parts are ignored.
 *
 * @throws RequestError ERR_INVALID_DOCUMENT with the place of the error
 */
export function checkHar(har: unknown): asserts har is Har {
  const { log }: { log?: unknown } = Object(har);
  if (typeof log !== 'object' || log === null) throw noHar('log', 'an object', log);
  const { entries }: { entries?: unknown } = log;
  if (!Array.isArray(entries)) throw noHar('log.entries', 'an array', entries);
  if (entries.length > maxEntries) {
    throw noHar('log.entries', `an array of at most ${maxEntries}`, `${entries.length}`);
  }
  for (const [index, entry] of entries.entries()) checkEntry(entry, `log.entries[${index}]`);
}

function checkEntry(entry: unknown, at: string): void {
  const { request, response }: { request?: unknown; response?: unknown } = Object(entry);
  const { method, url, postData, headers: sent }: Record<string, unknown> = Object(request);
  const { status, content = {}, headers: received }: Record<string, unknown> = Object(response);
  if (typeof method !== 'string' || method === '') throw noHar(`${at}.request.method`, 'a string', method);
  if (typeof url !== 'string' || !URL.canParse(url)) throw noHar(`${at}.request.url`, 'an absolute URL', url);
  checkFields(sent, `${at}.request.headers`);
  if (postData !== undefined) checkText(postData, `${at}.request.postData`);
  if (typeof status !== 'number') throw noHar(`${at}.response.status`, 'a number', status);
  checkFields(received, `${at}.response.headers`);
  checkText(content, `${at}.response.content`);
}

function checkFields(fields: unknown, at: string): void {
  if (!Array.isArray(fields)) throw noHar(at, 'an array', fields);
  for (const [index, field] of fields.entries()) {
    const { name, value }: { name?: unknown; value?: unknown } = Object(field);
    if (typeof name !== 'string' || typeof value !== 'string') {
      throw noHar(`${at}[${index}]`, 'an object with a name and a value', field);
    }
  }
}

function checkText(holder: unknown, at: string): void {
  if (typeof holder !== 'object' || holder === null) throw noHar(at, 'an object', holder);
  const { text, mimeType = '', params = [] }: Record<string, unknown> = { ...holder };
  if (text !== undefined && typeof text !== 'string') throw noHar(`${at}.text`, 'a string', text);
  if (typeof mimeType !== 'string') throw noHar(`${at}.mimeType`, 'a string', mimeType);
  if (!Array.isArray(params)) throw noHar(`${at}.params`, 'an array', params);
}

/** Never shows a text of the recording, which can be secret. */
function noHar(place: string, expected: string, got: unknown): RequestError {
  const came = typeof got === 'string' && !/^\d+$/.test(got) ? 'a string' : describe(got);
  const message = `This HAR cannot be replayed: ${place} must be ${expected}, got ${came}`;
  return new RequestError('ERR_INVALID_DOCUMENT', message);
}
