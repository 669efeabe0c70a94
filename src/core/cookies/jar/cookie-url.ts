import { RequestError } from '../../errors.ts';

/** An absolute http or https URL whose cookies are read or set. */
export function parseCookieUrl(url: string | URL): URL {
  const parsed =
    url instanceof URL ? url : typeof url === 'string' && URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    // The URL is not shown: it may hold credentials.
    throw new RequestError('ERR_INVALID_URL', 'Invalid URL: cookies need an absolute http or https URL');
  }
  return parsed;
}
