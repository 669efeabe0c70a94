import { randomBytes } from 'node:crypto';
import { ToolError } from './tool-error.ts';

interface Entry<Value> {
  readonly value: Value;
  readonly client: string;
  readonly sessionId: string | null;
  readonly size: number;
}

/** Most characters of all pages, or of all texts, of one client. */
const mostCharacters = 20_000_000;

/** The pages or texts that were used last, by random ids. They do not change. */
export class Kept<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #prefix: string;
  readonly #most: number;
  readonly #again: string;

  /**
   * @param prefix the beginning of the ids
   * @param most the limit of one client
   * @param again what a client does to get a removed one again
   */
  constructor(prefix: string, most: number, again: string) {
    this.#prefix = prefix;
    this.#most = most;
    this.#again = again;
  }

  /**
   * @param size in characters
   * @param sessionId the session that it is removed with, `null` for none
   */
  add(value: Value, size: number, client: string, sessionId: string | null): string {
    const own = [...this.#entries].filter(([, entry]) => entry.client === client);
    let sum = own.reduce((all, [, entry]) => all + entry.size, size);
    for (const [index, [oldest, entry]] of own.entries()) {
      if (own.length - index < this.#most && sum <= mostCharacters) break;
      this.#entries.delete(oldest);
      sum -= entry.size;
    }
    const id = `${this.#prefix}_${randomBytes(16).toString('hex')}`;
    this.#entries.set(id, { value, client, sessionId, size });
    return id;
  }

  /** @throws ToolError ERR_PAGE_NOT_FOUND, also for the id of another client */
  get(id: string, client: string): { readonly value: Value; readonly sessionId: string | null } {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.client !== client) {
      throw new ToolError(
        'ERR_PAGE_NOT_FOUND',
        'This id is unknown: it was removed, or it never existed',
        this.#again,
      );
    }
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry;
  }

  forgetOf(sessionId: string): void {
    for (const [id, entry] of this.#entries) if (entry.sessionId === sessionId) this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
  }
}
