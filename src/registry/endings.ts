import { RequestError } from '../core/errors.ts';
import type { RegistryWatch } from './registry-watch.ts';

/** Why a session is no longer there. */
export type Ending = 'expired' | 'killed';

/** Most ended sessions that are remembered. */
const maxRemembered = 10_000;

/** How the latest sessions ended, so that an error can say more than that there is none. */
export class Endings {
  readonly #endings = new Map<string, Ending>();
  readonly #onEnd: (id: string) => void;
  readonly #watch: RegistryWatch;

  /** @param onEnd called with each session that ends */
  constructor(onEnd: (id: string) => void, watch: RegistryWatch) {
    this.#onEnd = onEnd;
    this.#watch = watch;
  }

  note(id: string, ending: Ending): void {
    this.#onEnd(id);
    // Later calls get the same ending.
    if (this.#endings.get(id) !== ending) this.#watch.note(ending === 'expired' ? 'onExpire' : 'onKill', id);
    this.#endings.delete(id);
    this.#endings.set(id, ending);
    const [oldest] = this.#endings.keys();
    if (this.#endings.size > maxRemembered && oldest !== undefined) this.#endings.delete(oldest);
  }

  /** Called when there is a session of this name again. */
  began(id: string): void {
    this.#endings.delete(id);
  }

  notFound(id: string): RequestError {
    const ending = this.#endings.get(id);
    const why =
      ending === undefined ? 'there never was one' : `it ${ending === 'killed' ? 'was killed' : 'expired'}`;
    return new RequestError('ERR_SESSION_NOT_FOUND', `session not found: ${id} (${why})`);
  }
}
