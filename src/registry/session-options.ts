import type { ImportFormat, ImportOptions } from '../core/cookies/formats/convert.ts';
import type { SessionOptions } from '../core/session/options.ts';
import { type LoginOptions, type LoginSettings, resolveLogin } from './login-options.ts';
import { checkShared } from './options.ts';

/** Options of a session of a registry: those of `createSession`, and what it begins with. */
export interface RegistrySessionOptions
  extends Omit<SessionOptions, 'sessionId' | 'cookieJar'>,
    LoginOptions {
  /**
   * Cookies in any format that `importCookies` takes; names with their values, a Cookie header, or records as
   * `getAllCookies` makes them. What does not say whose it is belongs to `url`, else to `baseUrl`.
   */
  readonly cookies?: string | object | undefined;
  /** How `cookies` are read: the second parameter of `importCookies`. @default found out */
  readonly cookieFormat?: ImportFormat | ImportOptions | undefined;
  /** Asked for once before a new session is handed out; when that fails, there is no session. */
  readonly url?: string | URL | undefined;
  /** The caller's own, kept with the session. */
  readonly userData?: unknown;
}

/** A registry session's options, taken apart. */
export interface Beginning
  extends Pick<RegistrySessionOptions, 'cookies' | 'cookieFormat' | 'url' | 'userData'> {
  readonly session: SessionOptions;
  readonly login: LoginSettings | null;
}

/** @throws RequestError ERR_INVALID_OPTION */
export function resolveBeginning(given: RegistrySessionOptions): Beginning {
  const options = checkShared('Session options', given);
  const { cookies, cookieFormat, url, userData, login, isLoggedOut, loginTimeout, loginBackoff, ...session } =
    options;
  return {
    cookies,
    cookieFormat,
    url,
    userData,
    session,
    login: resolveLogin({ login, isLoggedOut, loginTimeout, loginBackoff }),
  };
}
