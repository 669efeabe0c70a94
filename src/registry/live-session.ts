import { randomUUID } from 'node:crypto';
import type { Middleware } from '../core/flow/middleware.ts';
import type { Observer } from '../core/flow/observer.ts';
import type { SessionResponse } from '../core/response/response.ts';
import { checkCookieLimits, type SessionOptions } from '../core/session/options.ts';
import type { AccountStanding, LoginPause, SessionDocument } from '../core/session/saved-session.ts';
import { copyUserData } from '../core/session/user-data.ts';
import type { Clock } from './clock.ts';
import type { HeldLock } from './held-lock.ts';
import { changesBetween, hasGoneBack, mergeData, mergeDocument } from './merge.ts';
import { RegistrySession, type SessionWatcher } from './registry-session.ts';
import { SessionJar } from './session-jar.ts';
import type { DocumentChange } from './store.ts';
import { wasKilled } from './store-errors.ts';

/** Limits of a session's life in milliseconds. */
export interface LifeLimits {
  readonly idleTimeout: number;
  readonly maxAge: number;
}

/** Events of a session in memory for its registry. */
export interface LiveSessionEvents {
  /** A change may need to be saved. */
  changed(live: LiveSession): void;
  /** The session is used. */
  touched(live: LiveSession): void;
  /** The caller closes it. */
  closing(live: LiveSession): void;
}

/** The result of a call: one of the two is `null`. */
export type AnswerWatch = (response: SessionResponse | null, error: unknown) => void;

const lives = new WeakMap<RegistrySession, LiveSession>();

/** The state that a registry has of its session. */
export function liveOf(session: RegistrySession): LiveSession | undefined {
  return lives.get(session);
}

/** The initial values of a session in memory. */
export interface LiveSessionStart {
  /** Its options, its id and, for a session from the store, its jar. */
  readonly options: SessionOptions;
  /** The stored document, `null` for a new session. */
  readonly stored: SessionDocument | null;
  readonly userData: unknown;
  /** The proxy's password is saved too. */
  readonly proxyPassword: boolean;
  /** Its login, if it has one. */
  readonly middleware: (live: LiveSession) => readonly Middleware[];
}

/** A session in a registry's memory: its times, its counts, and the last known stored state. */
export class LiveSession implements SessionWatcher {
  readonly session: RegistrySession;
  /** The session's. */
  readonly jar: SessionJar;
  readonly createdAt: number;
  /** The origin of the option `baseUrl`. */
  readonly baseOrigin: string | null;
  readonly #clock: Clock;
  readonly #events: LiveSessionEvents;
  readonly #createdOn: number;
  /** Monotonic milliseconds. */
  lastUsedOn: number;
  /** The last known stored document. */
  #base: SessionDocument | null;
  /** The part of the document that never changes. */
  readonly #written: SessionDocument;
  #lineage: string | undefined;
  /** The document that is being saved. */
  #captured: { readonly document: SessionDocument; readonly version: number } | null = null;
  /** The last known stored user data, compared by identity. */
  #savedData: unknown = null;
  /** The version of the jar at the last known stored state. */
  #savedVersion = -1;
  #lastUsedAt: number;
  #calls = 0;
  #quiet: (() => void)[] = [];
  /** Used by the due queue. */
  dueAt = Number.POSITIVE_INFINITY;
  /** Monotonic milliseconds at which it is to be saved; `Infinity` for nothing to save. */
  saveOn = Number.POSITIVE_INFINITY;
  userData: unknown;
  /** The lease under which it is used and saved; `null` for none. */
  lease: HeldLock | null = null;
  /** False until it is returned to a caller for the first time. */
  isReady = false;
  requests: number;
  /** The pause after failed logins; `undefined` while none has failed. */
  loginPause: LoginPause | undefined;
  /** The standing of its account with the site; `undefined` until a pool sets it. */
  account: AccountStanding | undefined;
  /** Receives the result of each call, its login included: a response or an error. */
  readonly watches = new Set<AnswerWatch>();

  constructor(start: LiveSessionStart, clock: Clock, events: LiveSessionEvents) {
    const { options, stored } = start;
    this.#clock = clock;
    this.#events = events;
    const now = clock.wall();
    this.createdAt = stored?.createdAt ?? now;
    // The time before this process is only known from the system's clock.
    this.#createdOn = clock.monotonic() - Math.max(0, now - this.createdAt);
    this.#lastUsedAt = now;
    this.lastUsedOn = clock.monotonic();
    this.requests = stored?.requests ?? 0;
    this.loginPause = stored?.loginPause;
    this.account = stored?.account;
    const limits = stored?.cookieLimits ?? checkCookieLimits({ cookieLimits: options.cookieLimits });
    const jar = new SessionJar(() => clock.wall(), limits ?? undefined);
    this.jar = jar;
    jar.fill(stored?.cookies ?? []);
    jar.logins = stored?.logins ?? 0;
    const seams = {
      ...{ jar, createdAt: this.createdAt, observers: [this.#use] },
      middleware: [this.#changes, ...start.middleware(this)],
    };
    this.userData = stored?.userData ?? copyUserData(start.userData);
    this.#savedData = stored?.userData ?? null;
    this.session = new RegistrySession(options, seams, this);
    lives.set(this.session, this);
    this.#written = this.session.save({ proxyPassword: start.proxyPassword });
    this.baseOrigin = URL.parse(this.#written.baseUrl ?? '')?.origin ?? null;
    this.#lineage = stored === null ? randomUUID() : stored.lineage;
    this.#base = stored;
    if (stored !== null) this.#savedVersion = this.jar.version;
  }

  /** The number of logins. */
  get logins(): number {
    return this.jar.logins;
  }

  set logins(logins: number) {
    this.jar.logins = logins;
  }

  changed(): void {
    // A change by the caller has the time of this call, whenever it is saved.
    this.jar.stampAll();
    this.#events.changed(this);
  }

  /** Its notes have changed. */
  noteworthy(): void {
    this.#events.changed(this);
  }

  closing(): void {
    this.#events.closing(this);
  }

  /** Marks it as used: its idle time starts again. */
  touch(): void {
    this.#lastUsedAt = this.#clock.wall();
    this.lastUsedOn = this.#clock.monotonic();
    this.#events.touched(this);
  }

  get lastUsedAt(): number {
    return this.#lastUsedAt;
  }

  /** True while a call is in progress: a request, a body that is not read to its end, a socket, an event stream. */
  get isBusy(): boolean {
    return this.#calls > 0;
  }

  /** Resolves when no call is in progress. */
  whenQuiet(): Promise<void> {
    if (!this.isBusy) return Promise.resolve();
    return new Promise((resolve) => void this.#quiet.push(resolve));
  }

  /** Counts calls. The session is in use while one is in progress, until the last byte has been received. */
  readonly #use: Observer = {
    onCallStart: () => {
      this.#calls++;
      this.requests++;
      this.touch();
    },
    onCallEnd: () => {
      this.#calls--;
      if (this.#calls === 0) for (const done of this.#quiet.splice(0)) done();
      this.touch();
      this.#events.changed(this);
    },
  };

  /** Saves what a response set before its body is read. */
  readonly #changes: Middleware = async (request, next) => {
    try {
      const response = await next(request);
      for (const watch of this.watches) watch(response, null);
      return response;
    } catch (error) {
      for (const watch of this.watches) watch(null, error);
      throw error;
    } finally {
      this.touch();
      this.#events.changed(this);
    }
  };

  /** True for a session that was never stored. */
  get isNew(): boolean {
    return this.#base === null;
  }

  /** True for the document of another session with this id: this session was killed, and that one created since. */
  isSucceededBy(stored: SessionDocument): boolean {
    return this.#base !== null && stored.lineage !== this.#lineage;
  }

  /** Milliseconds for which a store must keep it; a busy session counts as used now. */
  lifeLeft({ idleTimeout, maxAge }: LifeLimits): number {
    const now = this.#clock.monotonic();
    const idle = this.isBusy ? idleTimeout : this.lastUsedOn + idleTimeout - now;
    return Math.min(idle, this.#createdOn + maxAge - now);
  }

  /** Monotonic milliseconds at which it expires without further use. */
  expiresOn({ idleTimeout, maxAge }: LifeLimits): number {
    const idle = this.isBusy ? Number.POSITIVE_INFINITY : this.lastUsedOn + idleTimeout;
    return Math.min(idle, this.#createdOn + maxAge);
  }

  /** True when it has changes that are not stored. */
  hasNews({ idleTimeout }: LifeLimits): boolean {
    if (this.#base === null || this.jar.version !== this.#savedVersion) return true;
    if (this.userData !== this.#savedData) return true;
    if (this.logins !== this.#base.logins || this.#hasNotes(this.#base)) return true;
    // Other processes judge its idle time by the stored time.
    return this.#lastUsedAt - this.#base.lastUsedAt > idleTimeout / 10;
  }

  #hasNotes({ loginPause, account }: SessionDocument): boolean {
    return isNewer(this.loginPause, loginPause) || isNewer(this.account, account);
  }

  /** Captures the changes to save, as a change of the stored document. Also works on a closed session. */
  capture(): DocumentChange {
    const cookieJar = this.jar;
    const document: SessionDocument = {
      ...this.#written,
      ...(this.#lineage === undefined ? {} : { lineage: this.#lineage }),
      ...eraOf(this.#base),
      cookies: cookieJar.documentCookies(),
      userData: this.userData,
      lastUsedAt: this.#lastUsedAt,
      savedAt: this.#clock.wall(),
      requests: this.requests,
      logins: this.logins,
      ...(this.loginPause === undefined ? {} : { loginPause: this.loginPause }),
      ...(this.account === undefined ? {} : { account: this.account }),
    };
    const base = this.#base;
    const changes = changesBetween(base?.cookies ?? [], document.cookies);
    this.#captured = { document, version: cookieJar.version };
    return (stored) => {
      if (stored !== null && this.isSucceededBy(stored)) throw wasKilled(this.session.id);
      // A store without the document gets a new one with the whole state.
      const own = stored === null ? { ...document, era: randomUUID() } : document;
      return mergeDocument(stored, { document: own, base, changes });
    };
  }

  /**
   * Takes over the stored state, read or written after a capture: cookies that others changed, their counts and data.
   * Later changes of this process stay.
   *
   * @throws RequestError ERR_SESSION_NOT_FOUND when that is another session of this id
   */
  adopt(stored: SessionDocument): void {
    if (this.isSucceededBy(stored)) throw wasKilled(this.session.id);
    const jar = this.jar;
    const seen = this.#captured?.document ?? this.#base ?? { ...this.#written, cookies: [] };
    const isClean = jar.version === (this.#captured?.version ?? this.#savedVersion);
    this.#lineage = stored.lineage;
    if (this.#captured === null && this.#base !== null && hasGoneBack(stored, this.#base)) {
      jar.unite(stored.cookies);
      // The whole state must be written again.
      this.#savedVersion = -1;
      this.requests = Math.max(this.requests, stored.requests);
      this.logins = Math.max(this.logins, stored.logins);
    } else {
      jar.follow(seen.cookies, stored.cookies);
      this.#savedVersion = isClean ? jar.version : -1;
      this.requests += stored.requests - seen.requests;
      this.logins += stored.logins - seen.logins;
    }
    if (isNewer(stored.loginPause, this.loginPause)) this.loginPause = stored.loginPause;
    if (isNewer(stored.account, this.account)) this.account = stored.account;
    // Values that were set here meanwhile replace those of others.
    this.userData = mergeData(stored.userData, seen.userData, this.userData);
    this.#savedData = isSameData(this.userData, stored.userData) ? this.userData : stored.userData;
    this.#captured = null;
    this.#base = stored;
  }

  /** Forgets a capture that was not stored. */
  release(): void {
    this.#captured = null;
  }
}

/** Tells whether the first of two notes is the newer one. */
function isNewer(a: Note | undefined, b: Note | undefined): boolean {
  return (a?.changedAt ?? 0) > (b?.changedAt ?? 0);
}

type Note = Pick<LoginPause, 'changedAt'>;

function eraOf(base: SessionDocument | null): { readonly era?: string } {
  return base?.era === undefined ? {} : { era: base.era };
}

function isSameData(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
