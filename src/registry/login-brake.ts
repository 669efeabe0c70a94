import { isRequestError, RequestError, type RequestErrorCode } from '../core/errors.ts';
import type { Clock } from './clock.ts';
import type { LiveSession } from './live-session.ts';
import type { LoginSettings } from './login-options.ts';

/** The parts of the registry that LoginBrake needs. */
export interface BrakeHost {
  readonly clock: Clock;
  save(live: LiveSession): Promise<void>;
  /** Reports a failure that no caller waits for. */
  onError(error: unknown, id: string): void;
}

/** Failures of the connection. They do not concern the password, so the pause does not grow. */
const passingFailures: ReadonlySet<RequestErrorCode> = new Set([
  'ERR_CONNECT',
  'ERR_CONNECTION_LOST',
  'ERR_DNS',
  'ERR_PROXY',
  'ERR_TLS',
]);

/**
 * Enforces a growing pause between failed logins. The pause is saved with the session, so that every process with the
 * store respects it. Sites lock accounts after many failed logins.
 */
export class LoginBrake {
  readonly #live: LiveSession;
  readonly #host: BrakeHost;
  #last: RequestError | undefined;

  constructor(live: LiveSession, host: BrakeHost) {
    this.#live = live;
    this.#host = host;
  }

  /** @throws RequestError ERR_LOGIN_FAILED while the next login has to wait */
  check({ backoff }: LoginSettings): void {
    const { loginPause, session } = this.#live;
    if (loginPause === undefined) return;
    const { failures, until } = loginPause;
    // The clock of the process that saved it can be ahead.
    const left = Math.min(until - this.#host.clock.wall(), backoff(Math.max(1, failures)));
    if (left <= 0) return;
    const message = `login of session ${session.id} has failed: the next one is made in ${Math.ceil(left)} ms`;
    throw new RequestError('ERR_LOGIN_FAILED', message, { cause: this.#last });
  }

  /** A login has failed or had no effect. */
  async failed(error: RequestError, { backoff }: LoginSettings): Promise<void> {
    this.#last = error;
    const { cause } = error;
    const isPassing = isRequestError(cause) && passingFailures.has(cause.code);
    const before = this.#live.loginPause?.failures ?? 0;
    const failures = isPassing ? before : before + 1;
    const now = this.#host.clock.wall();
    this.#live.loginPause = { failures, until: now + backoff(Math.max(1, failures)), changedAt: now };
    // Saved for other processes. When that fails, the caller still gets the error of the login.
    await this.#host.save(this.#live).catch((reason) => this.#host.onError(reason, this.#live.session.id));
  }

  /** Called when a request that needed the login was answered. */
  helped(): void {
    if ((this.#live.loginPause?.failures ?? 0) === 0) return;
    this.#live.loginPause = { failures: 0, until: 0, changedAt: this.#host.clock.wall() };
  }
}
