import { readFileSync } from 'node:fs';

/** What one server set, and what it was asked with afterwards. */
export interface BrowserCase {
  readonly id: string;
  readonly url: string;
  /** The Set-Cookie lines of the first response, as text of their UTF-8 bytes. */
  readonly setCookie: readonly string[];
  /** Further responses before the request. */
  readonly more?: readonly CookieResponse[];
  readonly requestUrl: string;
  /** The Cookie header that Chromium 156 and Firefox 153 both sent; '' for none. */
  readonly cookie: string;
}

export interface CookieResponse {
  readonly url: string;
  readonly setCookie: readonly string[];
}

/** The captured cases: the project's own copy. */
export const browserCases: readonly BrowserCase[] = JSON.parse(
  readFileSync(new URL('../fixtures/browser-cookie-cases.json', import.meta.url), 'utf8'),
);

/** Every response of a case in order. */
export function responsesOf({ url, setCookie, more = [] }: BrowserCase): readonly CookieResponse[] {
  return [{ url, setCookie }, ...more];
}
