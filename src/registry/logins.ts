import type { Middleware } from '../core/flow/middleware.ts';
import type { Clock } from './clock.ts';
import type { LiveSession } from './live-session.ts';
import { Login, type LoginHost } from './login.ts';
import type { LoginSettings } from './login-options.ts';
import type { Passages } from './passages.ts';

/** The login options of the sessions of a registry, by id, until the sessions end. */
export class Logins implements Passages {
  readonly #clock: Clock;
  readonly #settings = new Map<string, LoginSettings>();
  /**
   * When the sessions that are only in the store end, in the order in which they were moved; monotonic milliseconds.
   */
  readonly #departed = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A session that moves into the store and back keeps its login options; the last given options apply. */
  note(id: string, login: LoginSettings | null): void {
    if (login === null) return;
    this.#settings.set(id, login);
    this.#departed.delete(id);
  }

  ended(id: string): void {
    this.#forget(id);
  }

  #forget(id: string): void {
    this.#settings.delete(id);
    this.#departed.delete(id);
  }

  /** Called when a session came back from the store. */
  loaded(id: string): void {
    this.#departed.delete(id);
  }

  /** Called when a session moved into the store. After its time it cannot come back. */
  unloaded(id: string, lifeLeft: number): void {
    const now = this.#clock.monotonic();
    if (this.#settings.has(id) && Number.isFinite(lifeLeft)) this.#departed.set(id, now + lifeLeft);
    for (const [departed, end] of this.#departed) {
      if (end > now) return;
      this.#forget(departed);
    }
  }

  /** The number of kept login options. */
  get size(): number {
    return this.#settings.size;
  }

  /** The middleware of the session `id`, which looks up the login options at each call. */
  middleware(id: string, host: LoginHost): (live: LiveSession) => readonly Middleware[] {
    return (live) => [new Login(live, () => this.#settings.get(id), host).middleware];
  }
}
