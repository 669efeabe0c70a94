import { isRequestError, RequestError, redactUrl } from '../core/errors.ts';
import type { Middleware, MiddlewareNext } from '../core/flow/middleware.ts';
import type { MiddlewareRequest } from '../core/flow/middleware-request.ts';
import type { SessionResponse } from '../core/response/response.ts';
import type { DocumentCookie } from '../core/session/saved-session.ts';
import { type HeldLock, lockLife } from './held-lock.ts';
import type { LiveSession } from './live-session.ts';
import { type BrakeHost, LoginBrake } from './login-brake.ts';
import type { LoginSettings } from './login-options.ts';
import type { RegistryWatch } from './registry-watch.ts';
import { SessionJar } from './session-jar.ts';

/** The parts of the registry that a login needs. */
export interface LoginHost extends BrakeHost {
  /** A lock that all processes with this store respect; `null` where the store has none. */
  lock(id: string, name: string, wait: number): Promise<HeldLock | null>;
  /** Takes over changes that others stored. */
  refresh(live: LiveSession): Promise<void>;
  save(live: LiveSession, lock?: HeldLock): Promise<void>;
  readonly watch: RegistryWatch;
}

/** How often one call is sent again because a login has ended meanwhile. */
const maxRounds = 4;

/** The login of one session: at most one at a time, and one for all calls that found it lost. */
export class Login {
  readonly #live: LiveSession;
  readonly #settingsNow: () => LoginSettings | undefined;
  readonly #host: LoginHost;
  readonly #brake: LoginBrake;
  /** The known origins of the login. */
  readonly #home = new Set<string>();
  #running: Promise<Renewal> | null = null;
  /** Logins that ended in this process, also failed ones. */
  #ended = 0;
  #failure: unknown = null;
  /** True while it waits for the lock. */
  #isLocked = false;
  /** The number of the last login after which the site still required one. */
  #unhelpful = -1;

  /** @param settings the current login options: a caller can change the password */
  constructor(live: LiveSession, settings: () => LoginSettings | undefined, host: LoginHost) {
    this.#live = live;
    this.#settingsNow = settings;
    this.#host = host;
    this.#brake = new LoginBrake(live, host);
  }

  /** Wraps a whole call: logs in when the response requires it, and sends the request once more. */
  readonly middleware: Middleware = (request, next) => {
    const settings = this.#settingsNow();
    return settings === undefined ? next(request) : this.#call(request, next, settings);
  };

  async #call(
    request: MiddlewareRequest,
    next: MiddlewareNext,
    settings: LoginSettings,
  ): Promise<SessionResponse> {
    const isReplayable = request.body?.isReplayable ?? true;
    let renewal: Renewal | null = null;
    for (let round = 1; ; round++) {
      const before = this.#state();
      const response = await next(request);
      if (!this.#isLoggedOut(response, settings)) {
        if (renewal !== null) this.#helped(response, before);
        return response;
      }
      const isLast = round === maxRounds || this.#wasInVain(renewal, before);
      if (isLast) throw await this.#noHelp(response, before, settings);
      // The body is cancelled first, because the login may need its connection.
      if (isReplayable) await response.body?.cancel();
      renewal = await this.#named(request.signal, this.#renew(before, settings));
      if (!isReplayable) return response;
    }
  }

  /** The error of a call whose time ends meanwhile names the login, or the lock that it waits for. */
  async #named<T>(signal: AbortSignal, renewal: Promise<T>): Promise<T> {
    const name = (): void => {
      if (!isRequestError(signal.reason, 'ERR_TIMEOUT')) return;
      const what = this.#isLocked ? 'login lock' : 'login';
      const who = this.#isLocked ? ', which another process holds' : '';
      sayWhy(signal.reason, `waiting for the ${what} of session ${this.#live.session.id}${who}`);
    };
    signal.addEventListener('abort', name, { once: true });
    try {
      return await renewal;
    } finally {
      signal.removeEventListener('abort', name);
    }
  }

  /** True when the response came after a login for this call, and no other login has ended since. */
  #wasInVain(renewal: Renewal | null, before: LoginState): boolean {
    return renewal === 'made' && before.logins === this.#live.logins;
  }

  #isLoggedOut(response: SessionResponse, settings: LoginSettings): boolean {
    const { baseOrigin } = this.#live;
    if (baseOrigin !== null) this.#home.add(baseOrigin);
    return settings.isLoggedOut(response, this.#home);
  }

  #state(): LoginState {
    return { ended: this.#ended, logins: this.#live.logins };
  }

  /** Waits for a login that ended or began since `before`, or starts one. */
  #renew(before: LoginState, settings: LoginSettings): Promise<Renewal> {
    if (this.#running !== null) return this.#running;
    // Another process can have logged in, too.
    if (this.#live.logins !== before.logins) return Promise.resolve('found');
    if (this.#ended !== before.ended) return Promise.reject(this.#failure);
    this.#running = this.#attempt(before.logins, settings).finally(() => {
      this.#running = null;
      this.#ended++;
    });
    return this.#running;
  }

  /** @param known the number of logins when the request was sent that found the login lost */
  async #attempt(known: number, settings: LoginSettings): Promise<Renewal> {
    try {
      this.#brake.check(settings);
      return await this.#alone(settings, async (lock) => {
        await this.#host.refresh(this.#live);
        // While this one waited for the lock, a save or `get` can have taken over another's login.
        if (this.#live.logins > known) return 'found';
        this.#brake.check(settings);
        return (await this.#logIn(settings, lock)) ? 'made' : 'found';
      });
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Runs `action` under the store's lock, where it has one. */
  async #alone<T>(settings: LoginSettings, action: (lock: HeldLock | null) => Promise<T>): Promise<T> {
    const { id } = this.#live.session;
    this.#isLocked = true;
    const locked = this.#host.lock(id, 'login', settings.timeout + lockLife);
    const lock = await locked.finally(() => {
      this.#isLocked = false;
    });
    try {
      return await action(lock);
    } finally {
      // The login is done, and the lock expires by itself.
      await lock?.release().catch((error) => this.#host.onError(error, id));
    }
  }

  /**
   * On a copy, so that a login that fails half-way changes nothing.
   *
   * @returns false when another process has logged in meanwhile
   */
  async #logIn(settings: LoginSettings, lock: HeldLock | null): Promise<boolean> {
    const { session } = this.#live;
    const trial = await session.fork();
    try {
      const jar = trial.cookieJar;
      if (!(jar instanceof SessionJar)) throw new TypeError('A fork has a jar of the same kind');
      const before = jar.documentCookies();
      const use = jar.noteUse();
      const work = (): Promise<void> => this.#inTime(settings, async () => settings.login(trial));
      await this.#host.watch.time('onLogin', { id: session.id }, work);
      for (const origin of use.origins) this.#home.add(origin);
      const own = this.#live.jar.documentCookies();
      this.#live.jar.takeLogin(before, jar.documentCookies(), use);
      return await this.#keep(own, lock);
    } finally {
      void trial.close();
    }
  }

  /** A process was stopped for so long that another has logged in: the other's login has precedence. */
  async #keep(before: readonly DocumentCookie[], lock: HeldLock | null): Promise<boolean> {
    const jar = this.#live.jar;
    const after = jar.documentCookies();
    try {
      await this.#host.save(this.#live, lock ?? undefined);
      return true;
    } catch (error) {
      if (!isRequestError(error, 'ERR_STORE_CONFLICT')) throw error;
      jar.follow(after, before);
      this.#live.logins--;
      await this.#host.refresh(this.#live);
      return false;
    }
  }

  /** The response after a login is still that of a visitor without a login. */
  async #noHelp(
    response: SessionResponse,
    { logins }: LoginState,
    settings: LoginSettings,
  ): Promise<unknown> {
    // A login without effect counts as one failure, however many requests waited for it.
    if (this.#unhelpful === logins) return this.#failure;
    this.#unhelpful = logins;
    const { status, url, hops } = response;
    const answer = status === 401 ? 'is still answered 401' : 'still leads to a login page';
    const message = `login of session ${this.#live.session.id} did not help: ${redactUrl(new URL(hops[0]?.url ?? url))} ${answer}`;
    const error = new RequestError('ERR_LOGIN_FAILED', message, { status });
    this.#failure = error;
    await this.#brake.failed(error, settings);
    return error;
  }

  /** A request that needed the login was answered: the login works at that origin. */
  #helped({ url, hops }: SessionResponse, { logins }: LoginState): void {
    this.#home.add(new URL(url).origin).add(new URL(hops[0]?.url ?? url).origin);
    if (logins === this.#live.logins) this.#brake.helped();
  }

  /** @throws RequestError ERR_LOGIN_FAILED; the next login must wait */
  async #inTime({ timeout, ...settings }: LoginSettings, login: () => Promise<unknown>): Promise<void> {
    try {
      await this.#before(timeout, login);
    } catch (cause) {
      const message = `login of session ${this.#live.session.id} failed`;
      const error = new RequestError('ERR_LOGIN_FAILED', message, { cause });
      await this.#brake.failed(error, { timeout, ...settings });
      throw error;
    }
  }

  #before(timeout: number, login: () => Promise<unknown>): Promise<void> {
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

/** Puts into the message of a timeout what the call waited for, instead of the exchange, which there was none of. */
function sayWhy(error: Error, why: string): void {
  const { message, stack } = error;
  error.message = message.replace(/(?<= timed out after \d+ ms ).*$/, why);
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
}

/** The login that a call used: its own, or another's meanwhile, which can have ended again. */
type Renewal = 'made' | 'found';

/** The number of logins. */
interface LoginState {
  /** In this process, also failed ones. */
  readonly ended: number;
  /** In all processes, only successful ones. */
  readonly logins: number;
}
