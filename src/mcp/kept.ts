import { randomBytes } from 'node:crypto';
import { ToolError } from './tool-error.ts';

interface Entry<Value> {
  readonly value: Value;
  readonly client: string;
  readonly sessionId: string | null;
}

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

  /** @param sessionId the session that it is removed with, `null` for none */
  add(value: Value, client: string, sessionId: string | null): string {
    const own = [...this.#entries].filter(([, entry]) => entry.client === client);
    const oldest = own[0]?.[0];
    if (oldest !== undefined && own.length >= this.#most) this.#entries.delete(oldest);
    const id = `${this.#prefix}_${randomBytes(16).toString('hex')}`;
    this.#entries.set(id, { value, client, sessionId });
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
