import type { CookieAccess } from '../cookies/adapter/index.ts';
import { withCookies } from '../flow/cookies.ts';
import { exchange } from '../flow/exchange.ts';
import { compose, type Send, type Stage } from '../flow/pipeline.ts';
import { withPreset } from '../flow/preset-stage.ts';
import { followRedirects } from '../flow/redirects.ts';
import { OriginHolds, withRetry } from '../flow/retry.ts';
import type { Preset } from '../presets/index.ts';
import type { Transport } from '../transport/transport.ts';

/** The stages of a session's calls, composed once for the session's own transport. */
export class Flows {
  readonly #cookies: CookieAccess;
  readonly #preset: Preset | null;
  readonly #own: Transport;
  #withRetry: Stage | undefined;
  #send: Send | undefined;

  constructor(cookies: CookieAccess, preset: Preset | null, own: Transport) {
    this.#cookies = cookies;
    this.#preset = preset;
    this.#own = own;
  }

  /** The outermost stage. A pause that a server requires of one call applies to the other calls of the session. */
  get withRetry(): Stage {
    this.#withRetry ??= withRetry(new OriginHolds());
    return this.#withRetry;
  }

  /** The preset of requests over `transport`: its own preset replaces the session's. */
  presetOver(transport: Transport): Preset | null {
    return transport.preset ?? this.#preset;
  }

  /** All stages of a call. */
  over(transport: Transport): Send {
    if (transport !== this.#own) return this.#compose(transport);
    this.#send ??= this.#compose(transport);
    return this.#send;
  }

  #compose(transport: Transport): Send {
    return compose([this.withRetry, followRedirects], this.hop(transport));
  }

  /** The stages of one hop. */
  hop(transport: Transport): Send {
    const preset = this.presetOver(transport);
    return compose([withPreset(preset, transport.http2), withCookies(this.#cookies)], exchange(transport));
  }
}
