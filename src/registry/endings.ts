import { RequestError } from '../core/errors.ts';

/** Why a session is no longer there. */
export type Ending = 'expired' | 'killed';

/** Most ended sessions whose ending is remembered. */
const maxRemembered = 10_000;

/** How sessions ended, the latest of them: so that a caller is told more than that there is none. */
export class Endings {
  readonly #endings = new Map<string, Ending>();
  readonly #onEnd: (id: string) => void;

  /** @param onEnd called with each session that ends */
  constructor(onEnd: (id: string) => void) {
    this.#onEnd = onEnd;
  }

  note(id: string, ending: Ending): void {
    this.#onEnd(id);
    this.#endings.delete(id);
    this.#endings.set(id, ending);
    const [oldest] = this.#endings.keys();
    if (this.#endings.size > maxRemembered && oldest !== undefined) this.#endings.delete(oldest);
  }

  notFound(id: string): RequestError {
    const ending = this.#endings.get(id);
    const why =
      ending === undefined ? 'there never was one' : `it ${ending === 'killed' ? 'was killed' : 'expired'}`;
    return new RequestError('ERR_SESSION_NOT_FOUND', `session not found: ${id} (${why})`);
  }
}
