import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { checkDelay, checkOptions, checkString, ownCopy } from '../core/checks.ts';
import { readDocument } from '../core/session/read-saved-session.ts';
import { type SessionDocument, serializeDocument } from '../core/session/saved-session.ts';
import { compareAndSet } from './compare-and-set.ts';
import { checkId } from './ids.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { waitForLock } from './lock-waiting.ts';
import { type EncryptionKey, openUnsealed, resolveSeal, type Seal } from './sealing.ts';
import { loadSqlite, SqliteDatabase, type Statements } from './sqlite-database.ts';
import type {
  DocumentChange,
  IdPageOptions,
  KillOptions,
  LockOptions,
  SessionStore,
  StoreLock,
  UpdateOptions,
} from './store.ts';
import { wasKilled } from './store-errors.ts';

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /**
   * Encrypts the documents with AES-256-GCM. Of a list, the first encrypts and all decrypt, so that keys can change.
   * Undefined is refused, `null` is none.
   * @default none: the file's rights protect them
   */
  readonly encryptionKey?: EncryptionKey | readonly EncryptionKey[] | null;
  /**
   * Longest wait in milliseconds while other processes write.
   * @default 10000
   */
  readonly lockTimeout?: number | undefined;
}

const keys: ReadonlySet<string> = new Set(['encryptionKey', 'lockTimeout']);

/** After so many milliseconds what is over is deleted again, so many sessions at a time. */
const tidySpacing = 60_000;
const tidyBatch = 1000;

/**
 * Keeps sessions in one SQLite database, for the processes of one machine: its file is 0600, each save is a
 * transaction, and sessions end in it by themselves. Uses Node's own `node:sqlite`.
 *
 * @param path of the database, on a disk of this machine; made when it is not there
 * @throws RequestError ERR_INVALID_OPTION, ERR_STORE where the runtime has no SQLite
 * @example
 * const registry = createRegistry({ store: sqliteStore('sessions.db'), idleTimeout: 3_600_000 });
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): SessionStore {
  return new SqliteStore(path, options);
}

/** What a row holds, as it was read. */
interface Stored {
  /** Of the last write; empty for none. */
  readonly tag: string;
  readonly text: string | null;
}

type WriteResult = 'written' | 'changed' | 'fenced' | 'killed';

class SqliteStore implements SessionStore {
  readonly shared = true;
  readonly #database: SqliteDatabase;
  readonly #seal: Seal | null;
  readonly #queue = new KeyedQueue();
  /** Monotonic milliseconds. */
  #tidyOn = Number.NEGATIVE_INFINITY;

  constructor(path: string, given: SqliteStoreOptions) {
    checkOptions(given, 'sqliteStore options', keys);
    const { lockTimeout = 10_000 } = ownCopy('sqliteStore options', given);
    // Of one file for good, wherever the process goes.
    const file = resolve(checkString('path', path));
    this.#seal = resolveSeal(given, (fresh) => this.#shareSalt(fresh));
    this.#database = new SqliteDatabase(loadSqlite(), file, checkDelay('lockTimeout', lockTimeout));
  }

  async load(id: string): Promise<SessionDocument | null> {
    const { text } = await this.#read(checkId(id), false);
    return text === null ? null : readDocument(await this.#openText(id, text));
  }

  update(id: string, change: DocumentChange, options: UpdateOptions = {}): Promise<SessionDocument | null> {
    // Of this process, one at a time: those of others are met by trying again.
    return this.#queue.run(checkId(id), () => this.#update(id, change, options));
  }

  #update(id: string, change: DocumentChange, options: UpdateOptions): Promise<SessionDocument | null> {
    return compareAndSet(id, change, {
      isProbablyNew: false,
      read: async () => {
        const { tag, text } = await this.#read(id, options.begins === true);
        return { tag, document: text === null ? null : readDocument(await this.#openText(id, text)) };
      },
      write: (tag, document) => this.#write(id, tag, document, options),
    });
  }

  /** @throws RequestError ERR_SESSION_NOT_FOUND for a session that was killed, unless one may begin in its place */
  async #read(id: string, begins: boolean): Promise<Stored> {
    const now = Date.now();
    const found = await this.#database.read(`read session ${id}`, (sql) => {
      const row = sql('SELECT tag, document, ends_at FROM sessions WHERE id = ?').get(id);
      return { row, isKilled: row === undefined && !begins && isKilled(sql, id, now) };
    });
    if (found.isKilled) throw wasKilled(id);
    const { tag, document, ends_at: endsAt } = found.row ?? {};
    const isOver = endsAt !== null && Number(endsAt) <= now;
    return {
      tag: typeof tag === 'string' ? tag : '',
      text: typeof document === 'string' && !isOver ? document : null,
    };
  }

  async #openText(id: string, text: string): Promise<string> {
    return this.#seal === null ? openUnsealed(id, text) : this.#seal.open(id, text);
  }

  async #write(
    id: string,
    tag: string,
    document: SessionDocument | null,
    { ttl, lock, begins = false }: UpdateOptions,
  ): Promise<WriteResult> {
    const text = document === null ? null : serializeDocument(document);
    const sealed = text === null ? null : ((await this.#seal?.seal(id, text)) ?? text);
    return this.#database.write(`save session ${id}`, (sql): WriteResult => {
      const now = Date.now();
      this.#tidy(sql, now);
      if (!begins && isKilled(sql, id, now)) return 'killed';
      if ((sql('SELECT tag FROM sessions WHERE id = ?').get(id)?.tag ?? '') !== tag) return 'changed';
      if (lock !== undefined && !passesFence(sql, id, lock)) return 'fenced';
      if (sealed === null) {
        forget(sql, id);
        return 'written';
      }
      const endsAt = ttl === undefined ? null : now + ttl;
      sql('INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)').run(id, randomUUID(), sealed, endsAt);
      if (begins) sql('DELETE FROM kills WHERE id = ?').run(id);
      return 'written';
    });
  }

  /**
   * Deletes what is over: nobody has to ask for it.
   *
   * @returns how many sessions
   */
  #tidy(sql: Statements, now: number): number {
    if (performance.now() < this.#tidyOn) return 0;
    const over = sql('SELECT id FROM sessions WHERE ends_at <= ? LIMIT ?').all(now, tidyBatch);
    for (const { id } of over) forget(sql, String(id));
    sql('DELETE FROM kills WHERE until <= ?').run(now);
    sql('DELETE FROM locks WHERE until <= ?').run(now);
    // Where there is more, the next write goes on.
    if (over.length < tidyBatch) this.#tidyOn = performance.now() + tidySpacing;
    return over.length;
  }

  kill(id: string, { ttl, evenIfAbsent }: KillOptions): Promise<boolean> {
    checkId(id);
    return this.#database.write(`kill session ${id}`, (sql) => {
      const wasThere = forget(sql, id);
      const until = Date.now() + ttl;
      if (wasThere || evenIfAbsent) sql('INSERT OR REPLACE INTO kills VALUES (?, ?)').run(id, until);
      return wasThere;
    });
  }

  async lock(id: string, options: LockOptions): Promise<StoreLock> {
    checkId(id);
    const { name, ttl } = options;
    const what = `lock session ${id}`;
    const token = randomUUID();
    const write = (work: (sql: Statements) => unknown): Promise<unknown> => this.#database.write(what, work);
    const extend = async (longer: number): Promise<boolean> => {
      const text = 'UPDATE locks SET until = ? WHERE id = ? AND name = ? AND token = ? AND until > ?';
      const now = Date.now();
      return (await write((sql) => sql(text).run(now + longer, id, name, token, now).changes)) === 1;
    };
    const release = async (): Promise<void> => {
      const text = 'DELETE FROM locks WHERE id = ? AND name = ? AND token = ?';
      await write((sql) => sql(text).run(id, name, token));
    };
    return waitForLock(id, options, async () => {
      // Who waits only reads: a transaction for each look would keep the others from writing.
      if (await this.#database.read(what, (sql) => isLocked(sql, id, name, Date.now()))) return null;
      const fence = await write((sql) => takeLock(sql, [id, name, token], ttl));
      return typeof fence === 'number' ? { name, fence, extend, release } : null;
    });
  }

  async ids(): Promise<string[]> {
    const text = 'SELECT id FROM sessions WHERE ends_at IS NULL OR ends_at > ?';
    const rows = await this.#database.read('list sessions', (sql) => sql(text).all(Date.now()));
    return rows.map(({ id }) => String(id));
  }

  async page({ prefix, after, limit }: IdPageOptions): Promise<string[]> {
    // Ids are of ASCII: nothing of them is behind this character.
    const text = `SELECT id FROM sessions WHERE id > ? AND id >= ? AND id <= ? AND (ends_at IS NULL OR ends_at > ?)
      ORDER BY id LIMIT ?`;
    const most = Number.isFinite(limit) ? limit : -1;
    const rows = await this.#database.read('list sessions', (sql) =>
      sql(text).all(after, prefix, `${prefix}\u{10ffff}`, Date.now(), most),
    );
    return rows.map(({ id }) => String(id));
  }

  /** They are deleted by themselves, too, a part with a write now and then. */
  async purge(): Promise<number> {
    for (let purged = 0; ; ) {
      this.#tidyOn = Number.NEGATIVE_INFINITY;
      const found = await this.#database.write('purge sessions', (sql) => this.#tidy(sql, Date.now()));
      purged += found;
      if (found < tidyBatch) return purged;
    }
  }

  async ping(): Promise<void> {
    await this.#database.write('answer', (sql) => {
      sql("INSERT OR REPLACE INTO texts VALUES ('ping', ?)").run(String(Date.now()));
    });
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #shareSalt(fresh: string): Promise<string> {
    return this.#database.write('keep the salt of its passphrase', (sql) => {
      sql("INSERT OR IGNORE INTO texts VALUES ('salt', ?)").run(fresh);
      return String(sql("SELECT value FROM texts WHERE name = 'salt'").get()?.value);
    });
  }
}

function isKilled(sql: Statements, id: string, now: number): boolean {
  return sql('SELECT 1 FROM kills WHERE id = ? AND until > ?').get(id, now) !== undefined;
}

function isLocked(sql: Statements, id: string, name: string, now: number): boolean {
  return sql('SELECT 1 FROM locks WHERE id = ? AND name = ? AND until > ?').get(id, name, now) !== undefined;
}

/** @returns the fence, larger than all before; `null` when another holds it */
function takeLock(
  sql: Statements,
  [id, name, token]: readonly [string, string, string],
  ttl: number,
): number | null {
  const now = Date.now();
  if (isLocked(sql, id, name, now)) return null;
  sql('INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?)').run(id, name, token, now + ttl);
  const counted = sql("UPDATE counters SET value = value + 1 WHERE name = 'fence' RETURNING value").get();
  return Number(counted?.value);
}

/** False when a later lock of this name has written; else this one has. */
function passesFence(
  sql: Statements,
  id: string,
  { name, fence }: Pick<StoreLock, 'name' | 'fence'>,
): boolean {
  const last = sql('SELECT fence FROM fences WHERE id = ? AND name = ?').get(id, name)?.fence;
  if (Number(last ?? 0) > fence) return false;
  sql('INSERT OR REPLACE INTO fences VALUES (?, ?, ?)').run(id, name, fence);
  return true;
}

/** @returns whether there was one */
function forget(sql: Statements, id: string): boolean {
  sql('DELETE FROM fences WHERE id = ?').run(id);
  return sql('DELETE FROM sessions WHERE id = ?').run(id).changes === 1;
}
