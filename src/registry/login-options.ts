import { checkDelay } from '../core/checks.ts';
import { invalidOption } from '../core/errors.ts';
import type { Session } from '../core/session/session.ts';
import { type LoggedOutRule, type LoginCheck, resolveLoggedOut } from './logged-out.ts';

/** How a session of a registry logs in. */
export interface LoginOptions {
  /**
   * Logs in, on a copy of the session; when it resolves, the cookies that it changed become the session's. Called
   * once for all requests that found the login lost, and with a store that has locks once for all processes. When it
   * throws, the session does not change, and all these requests fail with ERR_LOGIN_FAILED.
   */
  readonly login?: ((session: Session) => unknown) | undefined;
  /**
   * Detects a lost login in a response. A pattern: the status is 401, or a redirect on any hop leads to a URL that
   * matches. A function: its result. `false` or `null`: never. A pattern and the default ignore responses of sites
   * other than that of `baseUrl` and those that the login itself sends requests to.
   * @default the status is 401, or a redirect of any hop leads to a URL that looks like a login page
   */
  readonly isLoggedOut?: RegExp | ((response: LoginCheck) => boolean) | false | null | undefined;
  /**
   * Longest time of a login in milliseconds.
   * @default 60000
   */
  readonly loginTimeout?: number | undefined;
  /**
   * Milliseconds before the next login after the n-th in a row that failed or had no effect; until then, requests
   * that need a login fail with ERR_LOGIN_FAILED at once. All processes with the store respect it.
   * @default 5000 times 2 to the power of (n - 1), at most 300000
   */
  readonly loginBackoff?: ((failures: number) => number) | undefined;
}

/** The login of a session, complete. */
export interface LoginSettings {
  readonly login: (session: Session) => unknown;
  readonly isLoggedOut: LoggedOutRule;
  readonly timeout: number;
  readonly backoff: (failures: number) => number;
}

/**
 * Checks how a session logs in; `null` when it does not.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveLogin(options: LoginOptions): LoginSettings | null {
  const { login, isLoggedOut, loginTimeout, loginBackoff = defaultBackoff } = options;
  const settings = {
    isLoggedOut: resolveLoggedOut(isLoggedOut),
    timeout: checkDelay('loginTimeout', loginTimeout ?? 60_000),
    backoff: loginBackoff,
  };
  if (typeof loginBackoff !== 'function') {
    throw invalidOption('loginBackoff', 'a function of the number of failures', loginBackoff);
  }
  if (login === undefined) return null;
  if (typeof login !== 'function') throw invalidOption('login', 'a function that logs in', login);
  return { login, ...settings };
}

function defaultBackoff(failures: number): number {
  return Math.min(5000 * 2 ** (failures - 1), 300_000);
}
