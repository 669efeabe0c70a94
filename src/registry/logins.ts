import type { Middleware } from '../core/flow/middleware.ts';
import type { LiveSession } from './live-session.ts';
import { Login, type LoginHost } from './login.ts';
import type { LoginSettings } from './login-options.ts';

/** How the sessions of a registry log in, by id, for as long as they are not ended. */
export class Logins {
  readonly #settings = new Map<string, LoginSettings>();

  /** A session that went into the store and comes back logs in as before; the last login that was given holds. */
  note(id: string, login: LoginSettings | null): void {
    if (login !== null) this.#settings.set(id, login);
  }

  forget(id: string): void {
    this.#settings.delete(id);
  }

  /** The middleware of the session `id`, which asks for its login with each call. */
  middleware(id: string, host: LoginHost): (live: LiveSession) => readonly Middleware[] {
    return (live) => [new Login(live, () => this.#settings.get(id), host).middleware];
  }
}
