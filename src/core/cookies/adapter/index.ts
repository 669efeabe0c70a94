import type { CookieJar } from 'tough-cookie';
import { BrowserCookieJar } from '../jar/browser-cookie-jar.ts';
import type { CookieAccess } from './access.ts';
import { BrowserAccess } from './browser.ts';
import { ForeignAccess } from './foreign.ts';

export type {
  CookieAccess,
  CookieExplanation,
  PutRejection,
  SessionCookie,
} from './access.ts';

/** The way to a jar: our own by its fast door, any other by tough-cookie's methods. */
export function accessCookies(jar: CookieJar): CookieAccess {
  return jar instanceof BrowserCookieJar ? new BrowserAccess(jar) : new ForeignAccess(jar);
}
