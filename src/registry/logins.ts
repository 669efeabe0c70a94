import type { Middleware } from '../core/flow/middleware.ts';
import type { Clock } from './clock.ts';
import type { LiveSession } from './live-session.ts';
import { Login, type LoginHost } from './login.ts';
import type { LoginSettings } from './login-options.ts';
import type { Passages } from './passages.ts';

/** How the sessions of a registry log in, by id, for as long as they are not ended. */
export class Logins implements Passages {
  readonly #clock: Clock;
  readonly #settings = new Map<string, LoginSettings>();
  /** When the sessions end that are in the store only, the first that went there first; monotonic milliseconds. */
  readonly #departed = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A session that went into the store and comes back logs in as before; the last login that was given holds. */
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

  /** Called when a session went into the store. After its time nobody can ask for it. */
  unloaded(id: string, lifeLeft: number): void {
    const now = this.#clock.monotonic();
    if (this.#settings.has(id) && Number.isFinite(lifeLeft)) this.#departed.set(id, now + lifeLeft);
    for (const [departed, end] of this.#departed) {
      if (end > now) return;
      this.#forget(departed);
    }
  }

  /** How many logins are kept. */
  get size(): number {
    return this.#settings.size;
  }

  /** The middleware of the session `id`, which asks for its login with each call. */
  middleware(id: string, host: LoginHost): (live: LiveSession) => readonly Middleware[] {
    return (live) => [new Login(live, () => this.#settings.get(id), host).middleware];
  }
}
