import {
  BrowserCookieJar,
  type CookieLimits,
  type CookieOutcome,
  type ReceiveOptions,
} from '../core/cookies/jar/browser-cookie-jar.ts';
import { toRecord } from '../core/cookies/jar/conversions.ts';
import { identityOf } from '../core/cookies/jar/cookie-record.ts';
import { nameOfLine, parseSetCookie } from '../core/cookies/jar/parse.ts';
import {
  admitReceived,
  originOf,
  type SameSiteContext,
  type StoredCookie,
} from '../core/cookies/jar/rules.ts';
import type { DocumentCookie } from '../core/session/saved-session.ts';
import { hostFacts } from '../core/sites.ts';
import { byIdentity, changesBetween, isOlder, loginOf, saysTheSame } from './merge.ts';

/** The cookies and origins that the requests of a login used. */
export interface LoginUse {
  /** Identities of the cookies that were sent. */
  readonly cookies: Set<string>;
  readonly origins: Set<string>;
}

/**
 * The jar of a registry's session. It knows when each cookie was changed and which login a cookie belongs to, and it
 * refuses cookies of a response whose request was sent before that login, when the site did not know the visitor.
 */
export class SessionJar extends BrowserCookieJar {
  readonly #wall: () => number;
  /** Epoch milliseconds. A cookie is replaced, never changed, so that the object stands for the change. */
  readonly #changedAt = new WeakMap<StoredCookie, number>();
  /** The login by which the cookies of a login were set or used, by identity. */
  readonly #marks = new Map<string, number>();
  readonly #markedNames = new Set<string>();
  /** The number of logins when a request was sent. The flow reads and stores with the same URL object in each hop. */
  readonly #sentUnder = new WeakMap<URL, number>();
  #use: LoginUse | null = null;
  /** Logins so far. */
  logins = 0;

  /**
   * @param wall says the time in epoch milliseconds
   * @param limits how much servers may bring it to hold
   */
  constructor(wall: () => number, limits?: CookieLimits) {
    super(limits);
    this.#wall = wall;
  }

  /** Takes over the cookies of a document, in one go however many they are. */
  fill(cookies: readonly DocumentCookie[]): void {
    for (const cookie of cookies) {
      this.put(cookie);
      if (cookie.login !== undefined) this.#mark(identityOf(cookie), cookie.name, cookie.login);
    }
    const known = byIdentity(cookies);
    const now = this.#wall();
    for (const stored of this.sites.all(Date.now()))
      this.#changedAt.set(stored, known.get(identityOf(stored))?.changedAt ?? now);
  }

  /** Notes from now on what requests use. */
  noteUse(): LoginUse {
    this.#use = { cookies: new Set(), origins: new Set() };
    return this.#use;
  }

  override cookieHeader(
    url: URL,
    context: SameSiteContext = 'strict',
    now: number = Date.now(),
    room?: number,
  ): string {
    this.#sentUnder.set(url, this.logins);
    if (this.#use !== null) {
      this.#use.origins.add(url.origin);
      for (const cookie of this.cookiesFor(url, context, now)) this.#use.cookies.add(identityOf(cookie));
    }
    return super.cookieHeader(url, context, now, room);
  }

  override receive(line: string, url: URL, options: ReceiveOptions = {}): CookieOutcome {
    const under = this.#sentUnder.get(url) ?? this.logins;
    const identity = this.#markedIdentity(line, url, options);
    const mark = identity === null ? 0 : (this.#marks.get(identity) ?? 0);
    if (mark > under) return { name: nameOfLine(line), stored: false, reason: 'superseded' };
    const outcome = super.receive(line, url, options);
    this.#stamp(this.sites.peek(hostFacts(url.hostname).site));
    if (identity !== null && mark > 0) this.#marks.set(identity, under);
    return outcome;
  }

  /** Of an answer that was asked for before a login, Clear-Site-Data does not end what that login has set. */
  override removeSite(url: URL): number {
    if (this.#marks.size === 0) return super.removeSite(url);
    const under = this.#sentUnder.get(url) ?? this.logins;
    const isOlder = (cookie: StoredCookie): boolean => (this.#marks.get(identityOf(cookie)) ?? 0) <= under;
    return this.sites.removeOf(hostFacts(url.hostname).site, isOlder);
  }

  /** The identity of the cookie of a Set-Cookie line, where its name is one of a login's; else `null`. */
  #markedIdentity(line: string, url: URL, { now = Date.now(), sameSite = 'strict', date }: ReceiveOptions) {
    if (this.#marks.size === 0 || !this.#markedNames.has(nameOfLine(line))) return null;
    const [parsed, origin] = [parseSetCookie(line), originOf(url)];
    if (typeof parsed === 'string' || origin === undefined) return null;
    const cookie = admitReceived(parsed, origin, { origin, now, date, context: sameSite, http: true });
    return typeof cookie === 'string' ? null : identityOf(cookie);
  }

  /** Sets the present time on everything that changed since the last call. */
  stampAll(): void {
    this.#stamp(this.sites.all(Date.now()));
  }

  #stamp(cookies: Iterable<StoredCookie>): void {
    const now = this.#wall();
    for (const cookie of cookies) if (!this.#changedAt.has(cookie)) this.#changedAt.set(cookie, now);
  }

  /** Every unexpired cookie as documents hold it, with the time of its change and its login. */
  documentCookies(): DocumentCookie[] {
    this.stampAll();
    return this.sites.all(Date.now()).map((stored) => {
      const { partitioned, ...cookie } = toRecord(stored);
      const changedAt = this.#changedAt.get(stored);
      const login = this.#marks.size === 0 ? undefined : this.#marks.get(identityOf(stored));
      return {
        ...cookie,
        ...(partitioned ? { partitioned } : undefined),
        ...(changedAt === undefined ? undefined : { changedAt }),
        ...(login === undefined ? undefined : { login }),
      };
    });
  }

  /** Stores a cookie of a document with its time and its login. */
  adopt(cookie: DocumentCookie): void {
    this.put(cookie);
    const now = this.#wall();
    for (const stored of this.sites.peek(hostFacts(cookie.domain).site)) {
      if (!this.#changedAt.has(stored)) this.#changedAt.set(stored, cookie.changedAt ?? now);
    }
    const identity = identityOf(cookie);
    if (cookie.login === undefined) this.#marks.delete(identity);
    else this.#mark(identity, cookie.name, cookie.login);
  }

  /**
   * Takes over what a login has made of a copy: the cookies that it changed or sent. They belong to that login from now
   * on, and the answer to a request that was sent earlier does not change them.
   */
  takeLogin(before: readonly DocumentCookie[], after: readonly DocumentCookie[], use: LoginUse): void {
    const login = ++this.logins;
    const { put, removed } = changesBetween(before, after);
    const changed = new Set([...put, ...removed].map(identityOf));
    this.#forgetMarks();
    for (const cookie of after) {
      const identity = identityOf(cookie);
      if (changed.has(identity) || use.cookies.has(identity)) this.adopt({ ...cookie, login });
    }
    this.drop(new Set(removed.map(identityOf)));
    for (const cookie of removed) this.#mark(identityOf(cookie), cookie.name, login);
  }

  /** Of cookies that are gone. */
  #forgetMarks(): void {
    const present = new Set(this.sites.all(Date.now()).map(identityOf));
    for (const identity of this.#marks.keys()) if (!present.has(identity)) this.#marks.delete(identity);
  }

  #mark(identity: string, name: string, login: number): void {
    this.#marks.set(identity, login);
    this.#markedNames.add(name);
  }

  /**
   * Does what leads from `seen` to `target`. A cookie that is no longer as in `seen` has a newer change of its own and
   * is left alone, unless `target` has it of a later login.
   */
  follow(seen: readonly DocumentCookie[], target: readonly DocumentCookie[]): void {
    const [current, known] = [byIdentity(this.documentCookies()), byIdentity(seen)];
    const isUntouched = (key: string): boolean => {
      const [now, before] = [current.get(key), known.get(key)];
      return now === undefined || before === undefined ? now === before : saysTheSame(now, before);
    };
    const isOfLaterLogin = (key: string, cookie: DocumentCookie): boolean =>
      loginOf(cookie) > Math.max(loginOf(current.get(key)), loginOf(known.get(key)));
    const { put, removed } = changesBetween(seen, target);
    for (const cookie of put) {
      const key = identityOf(cookie);
      if (isUntouched(key) || isOfLaterLogin(key, cookie)) this.adopt(cookie);
    }
    this.drop(new Set(removed.map(identityOf).filter(isUntouched)));
  }

  /** Takes what it lacks, and what is newer than what it has; nothing is removed. */
  unite(cookies: readonly DocumentCookie[]): void {
    const current = byIdentity(this.documentCookies());
    for (const cookie of cookies) {
      const own = current.get(identityOf(cookie));
      if (own === undefined || isOlder(own, cookie)) this.adopt(cookie);
    }
  }

  /** Removes the cookies of these identities. */
  drop(identities: ReadonlySet<string>): void {
    if (identities.size > 0) this.sites.remove((cookie) => identities.has(identityOf(cookie)));
  }

  /** For a copy of the session, such as a login's. */
  override cloneSync(): SessionJar;
  override cloneSync(
    newStore?: Parameters<BrowserCookieJar['cloneSync']>[0],
  ): ReturnType<BrowserCookieJar['cloneSync']>;
  override cloneSync(newStore?: Parameters<BrowserCookieJar['cloneSync']>[0]): unknown {
    if (newStore !== undefined) return super.cloneSync(newStore);
    const jar = new SessionJar(this.#wall, this.limits);
    jar.sites.copyFrom(this.sites);
    return jar;
  }
}
