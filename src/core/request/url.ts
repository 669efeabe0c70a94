import { describe, RequestError } from '../errors.ts';
import { toSearchParams } from './fields.ts';

/** A string is data and may not lead away from baseUrl's origin; a URL object or a Request is a decision and may. */
export function resolveUrl(input: unknown, baseUrl: URL | null): { url: URL; isForeign: boolean } {
  if (typeof input !== 'string' && !(input instanceof URL)) {
    throw new RequestError(
      'ERR_INVALID_URL',
      `Invalid URL: expected a string, URL or Request, got ${describe(input)}`,
    );
  }
  const url = parseUrl(input, baseUrl);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new RequestError(
      'ERR_INVALID_URL',
      `Unsupported URL scheme ${JSON.stringify(url.protocol)}: expected http: or https:`,
    );
  }
  const isForeign = baseUrl !== null && url.origin !== baseUrl.origin;
  if (isForeign && typeof input === 'string') {
    throw new RequestError(
      'ERR_INVALID_URL',
      `Invalid URL: it leads away from baseUrl's origin; pass a URL object if that is meant`,
    );
  }
  return { url, isForeign };
}

function parseUrl(input: string | URL, baseUrl: URL | null): URL {
  if (input instanceof URL) return new URL(input.href);
  const base = baseUrl?.href;
  const url = URL.parse(input, base);
  if (url !== null) return url;
  // What looks like credentials or a query is not shown.
  const shown = /[@?#]/.test(input) ? 'the string' : JSON.stringify(input.slice(0, 80));
  throw new RequestError('ERR_INVALID_URL', `Invalid URL: ${shown} is not an absolute http or https URL`);
}

/** The URL with the query of the option `searchParams` behind its own. */
export function addQuery(url: URL, searchParams: unknown): URL {
  if (searchParams === undefined) return url;
  const added = toSearchParams('searchParams', searchParams).toString();
  if (added !== '') url.search = url.search === '' ? added : `${url.search}&${added}`;
  return url;
}

/** `https://user:password@host/` means Basic credentials for that origin, as in curl and got. RFC 7617. */
export function basicAuthorization({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(credentials).toString('base64')}`;
  } catch {
    throw new RequestError('ERR_INVALID_URL', 'Invalid URL: user or password has a malformed percent escape');
  }
}
