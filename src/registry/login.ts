import { checkDelay } from '../core/checks.ts';
import { invalidOption, isRequestError, RequestError } from '../core/errors.ts';
import type { Stage } from '../core/flow/pipeline.ts';
import type { RawResponse } from '../core/response/raw.ts';
import { createResponse, type SessionResponse } from '../core/response/response.ts';
import { type DocumentCookie, writeCookies } from '../core/session/saved-session.ts';
import type { Session } from '../core/session/session.ts';
import type { Clock } from './clock.ts';
import { applyToJar } from './merge.ts';
import type { Resident } from './resident.ts';
import type { StoreLock } from './store.ts';

/** What of a response tells whether the login is gone: everything but its body. */
export type LoginCheck = Pick<
  SessionResponse,
  'status' | 'url' | 'redirected' | 'headers' | 'hops' | 'cookies'
>;

/** How a session of a registry logs in. */
export interface LoginOptions {
  /**
   * Logs in, on a copy of the session; when it resolves, the cookies that it changed become the session's. Called once
   * for all requests that found the login gone, with a store that can lock once for all processes. What it throws
   * leaves the session as it was, and fails all of them with ERR_LOGIN_FAILED.
   */
  readonly login?: ((session: Session) => unknown) | undefined;
  /**
   * Tells of a response that the login is gone. A pattern: the status is 401, or a redirect led to a URL that matches.
   * @default the status is 401
   */
  readonly isLoggedOut?: RegExp | ((response: LoginCheck) => boolean) | undefined;
  /**
   * Longest time of a login in milliseconds.
   * @default 60000
   */
  readonly loginTimeout?: number | undefined;
}

/** A session's login with nothing left to decide. */
export interface LoginSettings {
  readonly login: (session: Session) => unknown;
  readonly isLoggedOut: (response: RawResponse) => boolean;
  readonly timeout: number;
}

/**
 * Checks how a session logs in; `null` when it does not.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveLogin({ login, isLoggedOut, loginTimeout }: LoginOptions): LoginSettings | null {
  const isKnown =
    isLoggedOut === undefined || isLoggedOut instanceof RegExp || typeof isLoggedOut === 'function';
  if (!isKnown) throw invalidOption('isLoggedOut', 'a pattern or a function of the response', isLoggedOut);
  const timeout = checkDelay('loginTimeout', loginTimeout ?? 60_000);
  if (login === undefined) return null;
  if (typeof login !== 'function') throw invalidOption('login', 'a function that logs in', login);
  return { login, isLoggedOut: loggedOutCheck(isLoggedOut), timeout };
}

function loggedOutCheck(given: LoginOptions['isLoggedOut']): LoginSettings['isLoggedOut'] {
  if (typeof given === 'function') return (raw) => given(createResponse({ ...raw, body: null }));
  if (given === undefined) return ({ status }) => status === 401;
  // Without its memory of where it matched last.
  const pattern = new RegExp(given.source, given.flags.replace(/[gy]/g, ''));
  return ({ status, hops, url, headers }) => {
    if (status === 401) return true;
    const { location } = headers;
    if (status >= 300 && status < 400 && typeof location === 'string') return pattern.test(location);
    return hops.length > 1 && pattern.test(url.href);
  };
}

/** What a login needs of its registry. */
export interface LoginHost {
  readonly clock: Clock;
  /** A lock that all processes with this store respect; `null` where the store has none. */
  lock(id: string, ttl: number): Promise<StoreLock | null>;
  /** Takes over what others stored. */
  refresh(resident: Resident): Promise<void>;
  save(resident: Resident, fence?: number): Promise<void>;
}

/** One session's login: at most one at a time, and one for all who found it gone. */
export class Login {
  readonly #resident: Resident;
  readonly #settings: LoginSettings;
  readonly #host: LoginHost;
  #running: Promise<void> | null = null;
  /** Logins that ended here, well or not. */
  #ended = 0;
  #failure: unknown = null;

  constructor(resident: Resident, settings: LoginSettings, host: LoginHost) {
    this.#resident = resident;
    this.#settings = settings;
    this.#host = host;
  }

  /** The stage around a whole call: logs in when the answer shows that it must, and sends the request once more. */
  readonly stage: Stage = (next) => async (request) => {
    const before = this.#state();
    const response = await next(request);
    const isReplayable = request.body?.kind !== 'stream';
    try {
      if (!this.#settings.isLoggedOut(response)) return response;
      if (isReplayable) response.body?.discard();
      await request.deadline.during(this.#renew(before));
    } catch (error) {
      // Nobody is shown the answer, and its connection may not be left holding it. Invariant 2.
      response.body?.discard();
      throw error;
    }
    // Whatever comes now is the answer.
    return isReplayable ? next(request) : response;
  };

  #state(): LoginState {
    return { ended: this.#ended, logins: this.#resident.logins };
  }

  /** Waits for the login that ended or began since `before`, or makes one. */
  #renew(before: LoginState): Promise<void> {
    if (this.#running !== null) return this.#running;
    // Another process may have logged in, too.
    if (this.#resident.logins !== before.logins) return Promise.resolve();
    if (this.#ended !== before.ended) return Promise.reject(this.#failure);
    this.#running = this.#attempt(before.logins).finally(() => {
      this.#running = null;
      this.#ended++;
    });
    return this.#running;
  }

  /** @param known how many logins there were when the request was sent that found the login gone */
  async #attempt(known: number): Promise<void> {
    const { id } = this.#resident.session;
    try {
      const lock = await this.#host.lock(id, this.#settings.timeout);
      try {
        if (lock === null || !(await this.#wasDoneElsewhere(known))) await this.#logIn(lock?.fence);
      } finally {
        await lock?.release();
      }
    } catch (cause) {
      // A store that fails is no failed login.
      const isStore = isRequestError(cause, 'ERR_STORE');
      this.#failure = isStore
        ? cause
        : new RequestError('ERR_LOGIN_FAILED', `login of session ${id} failed`, { cause });
      throw this.#failure;
    }
  }

  /** Also true where a save or `get` has taken over another's login while this one waited for the lock. */
  async #wasDoneElsewhere(known: number): Promise<boolean> {
    await this.#host.refresh(this.#resident);
    return this.#resident.logins > known;
  }

  /** On a copy, so that a login that fails half-way has changed nothing. */
  async #logIn(fence: number | undefined): Promise<void> {
    const { session } = this.#resident;
    const trial = await session.fork();
    try {
      const before = writeCookies(trial.cookieJar);
      await this.#inTime(async () => this.#settings.login(trial));
      const after = writeCookies(trial.cookieJar);
      applyToJar(session.cookieJar, writeCookies(session.cookieJar), before, after);
      this.#resident.logins++;
      await this.#keep(before, after, fence);
    } finally {
      void trial.close();
    }
  }

  /** A process that was stopped for so long that another has logged in takes the other's login over its own. */
  async #keep(before: Cookies, after: Cookies, fence: number | undefined): Promise<void> {
    try {
      await this.#host.save(this.#resident, fence);
    } catch (error) {
      if (!isRequestError(error, 'ERR_STORE_CONFLICT')) throw error;
      const jar = this.#resident.session.cookieJar;
      applyToJar(jar, writeCookies(jar), after, before);
      this.#resident.logins--;
      await this.#host.refresh(this.#resident);
    }
  }

  #inTime(login: () => Promise<unknown>): Promise<void> {
    const { timeout } = this.#settings;
    return new Promise((resolve, reject) => {
      const late = (): void =>
        reject(new RequestError('ERR_TIMEOUT', `The login took more than ${timeout} ms`, { timeout }));
      const cancel = this.#host.clock.schedule(late, timeout);
      login()
        .then(() => resolve(), reject)
        .finally(cancel);
    });
  }
}

/** How many logins there were. */
interface LoginState {
  /** Here, well or not. */
  readonly ended: number;
  /** Of all processes, well. */
  readonly logins: number;
}

type Cookies = readonly DocumentCookie[];
