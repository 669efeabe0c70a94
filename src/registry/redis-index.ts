import type { RedisConnection } from './redis-connection.ts';
import { type IdPageOptions, idPageOf } from './store.ts';

/** Entries per read. */
const batch = 1000;

/** Ids that are added by one command, and the result of that command. */
interface Addition {
  readonly ids: Set<string>;
  readonly done: Promise<void>;
}

/** Milliseconds between two checks of a part of the index. */
const tidySpacing = 60_000;

/**
 * The ids of a store in one sorted set, so that a list costs only its own length, however many other keys there are.
 * The id of a session that expired stays, and is removed by a check of one part at a time. An id is added before and
 * after its document is written, so that neither a crash in between nor a concurrent check loses it.
 */
export class RedisIndex {
  readonly #connection: RedisConnection;
  readonly #name: string;
  readonly #keyOf: (id: string) => string;
  /** Monotonic milliseconds. */
  #tidyOn = performance.now() + tidySpacing * Math.random();
  /** The command that is sent at the end of this turn. */
  #addition: Addition | null = null;
  /** The id after which the next check begins. */
  #tidied = '';

  /**
   * @param name of the set
   * @param keyOf the key of a session
   */
  constructor(connection: RedisConnection, name: string, keyOf: (id: string) => string) {
    this.#connection = connection;
    this.#name = name;
    this.#keyOf = keyOf;
  }

  /** Ids that are added in one turn of the event loop share a command. */
  add(id: string): Promise<void> {
    if (this.#addition === null || this.#addition.ids.size >= batch) this.#addition = this.#addTogether();
    this.#addition.ids.add(id);
    return this.#addition.done;
  }

  #addTogether(): Addition {
    const ids = new Set<string>();
    const send = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#addition?.ids === ids) this.#addition = null;
      await this.#connection.send(['ZADD', this.#name, ...[...ids].flatMap((id) => ['0', id])]);
    };
    return { ids, done: send() };
  }

  async remove(id: string): Promise<void> {
    await this.#connection.send(['ZREM', this.#name, id]);
  }

  async page({ prefix, after, limit }: IdPageOptions): Promise<string[]> {
    // Ids are of ASCII: the order of bytes is that of characters.
    const from = after >= prefix ? (after === '' ? '-' : `(${after}`) : `[${prefix}`;
    const to = prefix === '' ? '+' : `[${prefix}\u007f`;
    const count = Number.isFinite(limit) ? ['LIMIT', '0', String(limit)] : [];
    const found = await this.#connection.send(['ZRANGE', this.#name, from, to, 'BYLEX', ...count]);
    return idPageOf((Array.isArray(found) ? found : []).map(String), { prefix, after, limit });
  }

  async all(): Promise<string[]> {
    const ids: string[] = [];
    for (let after = ''; ; ) {
      const page = await this.page({ prefix: '', after, limit: batch });
      ids.push(...page);
      const last = page.at(-1);
      if (last === undefined || page.length < batch) return ids;
      after = last;
    }
  }

  /** Checks the next part of the index at intervals; called with each write, which does not wait for it. */
  tidyNowAndThen(): void {
    const now = performance.now();
    if (now < this.#tidyOn) return;
    this.#tidyOn = now + tidySpacing;
    void this.#tidyNext().catch(() => {});
  }

  /** @returns false at the end of the index */
  async #tidyNext(): Promise<boolean> {
    const ids = await this.page({ prefix: '', after: this.#tidied, limit: batch });
    for (const id of ids) await this.#check(id);
    const isEnd = ids.length < batch;
    this.#tidied = isEnd ? '' : (ids.at(-1) ?? '');
    return !isEnd;
  }

  async #check(id: string): Promise<void> {
    if (await this.#exists(id)) return;
    await this.remove(id);
    // It was created at this moment.
    if (await this.#exists(id)) await this.add(id);
  }

  async #exists(id: string): Promise<boolean> {
    return Number(await this.#connection.send(['EXISTS', this.#keyOf(id)])) === 1;
  }

  /** Removes the ids without a session, and adds those of all sessions. */
  async rebuild(): Promise<void> {
    this.#tidied = '';
    while (await this.#tidyNext());
    const pattern = `${this.#keyOf('\0')
      .replace(/[\\*?[\]]/g, '\\$&')
      .replace('\0', '*')}`;
    const [begin = '', end = ''] = this.#keyOf('\0').split('\0');
    for await (const key of this.#connection.scan(pattern)) {
      await this.add(key.slice(begin.length, key.length - end.length));
    }
  }
}
