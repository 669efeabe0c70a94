import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { isRequestError, RequestError } from '../core/errors.ts';
import { UntrustedFile } from './durable-file.ts';
import { prepareDatabaseFile } from './sqlite-file.ts';

type Sqlite = typeof import('node:sqlite');

/** The schema that this release writes, in SQLite's `user_version`. */
const schemaVersion = 1;

const schema = `
  CREATE TABLE sessions (id TEXT PRIMARY KEY, tag TEXT NOT NULL, document TEXT NOT NULL, ends_at REAL) STRICT;
  CREATE INDEX sessions_by_end ON sessions (ends_at) WHERE ends_at IS NOT NULL;
  CREATE TABLE kills (id TEXT PRIMARY KEY, until REAL NOT NULL) STRICT;
  CREATE TABLE locks (
    id TEXT NOT NULL, name TEXT NOT NULL, token TEXT NOT NULL, until REAL NOT NULL, PRIMARY KEY (id, name)
  ) STRICT;
  CREATE TABLE fences (id TEXT NOT NULL, name TEXT NOT NULL, fence INTEGER NOT NULL, PRIMARY KEY (id, name)) STRICT;
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE texts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  INSERT INTO counters VALUES ('fence', 0);
  PRAGMA user_version = ${schemaVersion};
`;

/**
 * SQLite's result codes for a database that another connection is using: BUSY and LOCKED
 * (https://sqlite.org/rescode.html). The lower byte is the primary code.
 */
const busyCodes: ReadonlySet<number> = new Set([5, 6]);

/** Longest pause between two tries, in milliseconds. */
const longestPause = 20;

/** Statements by their text, each compiled once. Valid for one turn: nothing else happens between two of them. */
export type Statements = (text: string) => StatementSync;

type Work<T> = (sql: Statements) => T;

interface Pending {
  run(sql: Statements): void;
  done(): void;
  fail(error: unknown): void;
}

/** Node's own SQLite, loaded when the first store asks for it. */
export function loadSqlite(): Sqlite {
  const sqlite = process.getBuiltinModule('node:sqlite');
  if (sqlite !== undefined) return sqlite;
  const message =
    'sqliteStore needs node:sqlite, which this runtime does not have: use Node.js, or fileStore';
  throw new RequestError('ERR_STORE', message);
}

/**
 * One connection to a database file. What is written in one turn is one transaction, so that many writes cost one
 * fsync. A write that another process is in the way of is tried again, for `lockTimeout` milliseconds at most.
 */
export class SqliteDatabase {
  readonly #sqlite: Sqlite;
  readonly #path: string;
  readonly #lockTimeout: number;
  #open: { readonly database: DatabaseSync; readonly sql: Statements } | null = null;
  #pending: Pending[] = [];
  #writing: Promise<void> | null = null;
  #isClosed = false;

  constructor(sqlite: Sqlite, path: string, lockTimeout: number) {
    this.#sqlite = sqlite;
    this.#path = path;
    this.#lockTimeout = lockTimeout;
  }

  /** @param what names the work in the message of a failure */
  read<T>(what: string, work: Work<T>): Promise<T> {
    return attempt(what, () => this.#untilFree(() => work(this.#opened().sql)));
  }

  /** Runs `work` in a transaction, together with others; it may run more than once. */
  write<T>(what: string, work: Work<T>): Promise<T> {
    return attempt(what, () => {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      let result: T;
      const run = (sql: Statements): void => {
        result = work(sql);
      };
      this.#pending.push({ run, done: () => resolve(result), fail: reject });
      this.#writing ??= this.#writeAll();
      return promise;
    });
  }

  async #writeAll(): Promise<void> {
    // Whoever writes in this turn is in the same transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0);
      // One that fails by itself is not to fail the others.
      const alone = (await this.#commit(batch, batch.length === 1)) ? [] : batch;
      for (const one of alone) await this.#commit([one], true);
    }
    this.#writing = null;
  }

  /** @returns false when nothing was written and nobody was told */
  async #commit(batch: readonly Pending[], isLast: boolean): Promise<boolean> {
    try {
      await this.#untilFree(() => this.#transact(batch));
      for (const { done } of batch) done();
      return true;
    } catch (error) {
      if (isLast) for (const { fail } of batch) fail(error);
      return false;
    }
  }

  #transact(batch: readonly Pending[]): void {
    const { database, sql } = this.#opened();
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const { run } of batch) run(sql);
      database.exec('COMMIT');
    } catch (error) {
      // Some failures end the transaction themselves.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Tries again while another connection is in the way. Without SQLite's own waiting, which would stop the process. */
  async #untilFree<T>(action: () => T): Promise<T> {
    const end = performance.now() + this.#lockTimeout;
    for (let pause = 1; ; pause = Math.min(pause * 1.5, longestPause)) {
      try {
        return action();
      } catch (error) {
        if (!isBusy(error) || performance.now() >= end) throw error;
      }
      await delay(pause * (0.5 + Math.random() / 2));
    }
  }

  #opened(): { readonly database: DatabaseSync; readonly sql: Statements } {
    if (this.#isClosed) throw new RequestError('ERR_STORE', 'sqliteStore has been closed');
    if (this.#open !== null) return this.#open;
    prepareDatabaseFile(this.#path);
    const database = new this.#sqlite.DatabaseSync(this.#path);
    try {
      prepareSchema(database);
    } catch (error) {
      database.close();
      throw error;
    }
    const statements = new Map<string, StatementSync>();
    const sql: Statements = (text) => {
      const statement = statements.get(text) ?? database.prepare(text);
      statements.set(text, statement);
      return statement;
    };
    this.#open = { database, sql };
    return this.#open;
  }

  /** Waits for writes under way. */
  async close(): Promise<void> {
    await this.#writing;
    this.#isClosed = true;
    this.#open?.database.close();
    this.#open = null;
  }
}

/** @throws RequestError ERR_STORE_VERSION for the database of a later release, which is left as it is */
function prepareSchema(database: DatabaseSync): void {
  // Readers and a writer do not wait for each other; a commit is on the disk when it returns.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  if (versionOf(database) === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = versionOf(database);
    if (version > schemaVersion) {
      const message = `The database has version ${version}; this release of jarfetch knows version ${schemaVersion}`;
      throw new RequestError('ERR_STORE_VERSION', message);
    }
    if (version === 0) {
      if (database.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined)
        throw new UntrustedFile('the database belongs to another program');
      database.exec(schema);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version);
}

function isBusy(error: unknown): boolean {
  const { errcode }: { errcode?: unknown } = Object(error);
  return typeof errcode === 'number' && busyCodes.has(errcode & 0xff);
}

/** Gives failures of the database and its file their code. */
async function attempt<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (isRequestError(error)) throw error;
    throw new RequestError('ERR_STORE', `sqliteStore cannot ${what}${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UntrustedFile) return `: ${error.message}`;
  const { errstr, code }: { errstr?: unknown; code?: unknown } = Object(error);
  const reason = errstr ?? code;
  return typeof reason === 'string' ? ` (${reason})` : '';
}
