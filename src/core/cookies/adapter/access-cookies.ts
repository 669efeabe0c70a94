import type { CookieJar } from 'tough-cookie';
import { BrowserCookieJar } from '../jar/browser-cookie-jar.ts';
import type { CookieAccess } from './access.ts';
import { BrowserAccess } from './browser.ts';
import { ForeignAccess } from './foreign.ts';

/** The access to a jar: a BrowserCookieJar by its own methods, any other by those of tough-cookie. */
export function accessCookies(jar: CookieJar): CookieAccess {
  return jar instanceof BrowserCookieJar ? new BrowserAccess(jar) : new ForeignAccess(jar);
}
