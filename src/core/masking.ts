import { inspect } from 'node:util';
import { redactUrl } from './errors.ts';
import type { HeaderEntry } from './http.ts';

/** Replaces a secret. */
const hidden = '…';

/** Words in the names of headers whose values are credentials. Servers define such names themselves. */
const secretName =
  /auth(?!ority)|token|secret|passw|session|signature|credential|csrf|xsrf|api-?key|access-?key|private|^x-.*key$/i;

/** Headers that are never secret although their names match. */
const publicNames: ReadonlySet<string> = new Set([
  'www-authenticate',
  'proxy-authenticate',
  'clear-site-data',
]);

const urlNames: ReadonlySet<string> = new Set(['referer', 'location', 'content-location', ':path']);

/**
 * A header's value in the form for logs: the names of cookies, the scheme of credentials, URLs without the values of
 * the query. Other headers are shown whole.
 */
export function maskHeader(name: string, value: string): string {
  const key = name.toLowerCase();
  if (key === 'cookie') return value.split(/; */).map(maskPair).join('; ');
  if (key === 'set-cookie') return maskSetCookie(value);
  if (urlNames.has(key)) return maskUrl(value);
  if (publicNames.has(key) || !secretName.test(key)) return value;
  const [scheme = ''] = /^[A-Za-z]+(?= )/.exec(value) ?? [];
  return scheme === '' ? hidden : `${scheme} ${hidden}`;
}

/** Whether a header holds a credential, by its name; cookies are not included. */
export function isSecretHeader(name: string): boolean {
  return secretName.test(name) && !publicNames.has(name.toLowerCase());
}

/** Headers in the form for logs. */
export function maskHeaders(entries: readonly HeaderEntry[]): HeaderEntry[] {
  return entries.map(([name, value]) => [name, maskHeader(name, value)]);
}

/** The same list, masked when it is inspected or written as JSON. */
export function showMasked(entries: readonly HeaderEntry[]): readonly HeaderEntry[] {
  const masked = { value: () => maskHeaders(entries) };
  return Object.defineProperties(entries, { toJSON: masked, [inspect.custom]: masked });
}

function maskPair(pair: string): string {
  const equals = pair.indexOf('=');
  // A parameter without a name may be a secret itself.
  return equals < 0 ? hidden : `${pair.slice(0, equals)}=${hidden}`;
}

function maskSetCookie(line: string): string {
  const end = line.indexOf(';');
  return end < 0 ? maskPair(line) : maskPair(line.slice(0, end)) + line.slice(end);
}

/** Masks the same parts in a relative reference. */
function maskUrl(reference: string): string {
  const base = 'http://relative.invalid';
  const url = URL.parse(reference, base);
  if (url === null) return hidden;
  const shown = redactUrl(url);
  return url.origin === base && !reference.startsWith('http') ? shown.slice(base.length) : shown;
}
