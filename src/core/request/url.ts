import { describe, RequestError } from '../errors.ts';
import { toSearchParams } from './fields.ts';

/**
 * A string may come from data and must not lead away from baseUrl's origin. A URL object or a Request is a decision
 * of the caller and may.
 */
export function resolveUrl(input: unknown, baseUrl: URL | null): { url: URL; isForeign: boolean } {
  if (typeof input !== 'string' && !(input instanceof URL)) {
    throw new RequestError(
      'ERR_INVALID_URL',
      `Invalid URL: expected a string, URL or Request, got ${describe(input)}${urlFirst(input, 'fetch')}`,
    );
  }
  const url = parseUrl(input, baseUrl);
  const isForeign = baseUrl !== null && url.origin !== baseUrl.origin;
  if (isForeign && typeof input === 'string') {
    throw new RequestError(
      'ERR_INVALID_URL',
      `Invalid URL: it leads away from baseUrl's origin; pass a URL object if that is intended`,
    );
  }
  return { url, isForeign };
}

/** The advice for clients that take one object with the URL in it. */
export function urlFirst(input: unknown, method: string): string {
  const isConfig = typeof input === 'object' && input !== null && Object.hasOwn(input, 'url');
  return isConfig ? `: write ${method}(url, options)` : '';
}

/**
 * Parses a URL, and requires the scheme http or https.
 *
 * @throws RequestError ERR_INVALID_URL
 */
export function parseUrl(input: string | URL, baseUrl: URL | null): URL {
  const text = input instanceof URL ? input.href : input;
  const url = URL.parse(text, baseUrl?.href);
  if (url !== null) {
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
    const scheme = JSON.stringify(url.protocol);
    throw new RequestError('ERR_INVALID_URL', `Unsupported URL scheme ${scheme}: expected http: or https:`);
  }
  // Parts that may be credentials or a query are not shown.
  const shown = /[@?#]/.test(text) ? 'the string' : JSON.stringify(text.slice(0, 80));
  throw new RequestError('ERR_INVALID_URL', `Invalid URL: ${shown} is not an absolute http or https URL`);
}

/** The URL with the query of the option `searchParams` after its own. */
export function addQuery(url: URL, searchParams: unknown): URL {
  if (searchParams === undefined) return url;
  const added = toSearchParams('searchParams', searchParams).toString();
  if (added !== '') url.search = url.search === '' ? added : `${url.search}&${added}`;
  return url;
}

/** Removes user and password from a URL that this package created, and returns the Authorization header for them. */
export function takeCredentials(url: URL): string | null {
  const authorization = basicAuthorization(url);
  // Only where there are any, because writing to a URL parses it again.
  if (url.username !== '') url.username = '';
  if (url.password !== '') url.password = '';
  return authorization;
}

/** `https://user:password@host/` means Basic credentials for that origin, as in curl and got. RFC 7617. */
function basicAuthorization({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(credentials).toString('base64')}`;
  } catch {
    throw new RequestError('ERR_INVALID_URL', 'Invalid URL: user or password has a malformed percent escape');
  }
}
