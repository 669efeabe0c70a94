import { Cookie, type SerializedCookieJar, version } from 'tough-cookie';
import type { SessionCookie } from '../adapter/index.ts';
import type { CookieInit } from '../jar/browser-cookie-jar.ts';
import { cookieToInit } from '../jar/conversions.ts';
import { flagField, RecordError, type RecordFields, textField } from './record.ts';

/**
 * Serializes for tough-cookie's `CookieJar.fromJSON`. Expiry times are instants, because it counts Max-Age from each
 * read.
 */
export function writeToughCookie(cookies: readonly SessionCookie[]): SerializedCookieJar {
  return {
    version: `tough-cookie@${version}`,
    storeType: 'MemoryCookieStore',
    rejectPublicSuffixes: true,
    enableLooseMode: false,
    allowSpecialUseDomain: true,
    prefixSecurity: 'silent',
    cookies: cookies.map(writeCookie),
  };
}

function writeCookie(cookie: SessionCookie): SerializedCookieJar['cookies'][number] {
  const { name: key, expiresAtMs, partitioned, ...same } = cookie;
  const written = new Cookie({
    ...same,
    key,
    expires: expiresAtMs === undefined ? 'Infinity' : new Date(expiresAtMs),
    extensions: partitioned === true ? ['Partitioned'] : null,
  });
  return written.toJSON();
}

/** Reads one cookie of a serialized jar; Max-Age counts from the last access, as in tough-cookie. */
export function readToughCookie(fields: RecordFields, now: number): CookieInit {
  // Values that equal the default are left out, an empty name and value among them.
  const text = { key: '', value: '', ...fields };
  for (const key of ['key', 'value']) textField(text, key);
  for (const key of ['secure', 'httpOnly', 'hostOnly']) flagField(text, key);
  const cookie = Cookie.fromJSON(text);
  if (cookie === undefined) throw new RecordError('malformed');
  const init = cookieToInit(cookie, now);
  if (Number.isNaN(init.expiresAtMs)) throw new RecordError('invalid-expires');
  return init;
}
