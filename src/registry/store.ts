import type { SessionDocument } from '../core/session/saved-session.ts';

/** What a store's document becomes; `null` for none. May be asked more than once, so it must be pure. */
export type DocumentChange = (stored: SessionDocument | null) => SessionDocument | null;

/** Options of {@link SessionStore.update}. */
export interface UpdateOptions {
  /** Milliseconds after which nobody will want the document any more; a store may drop it then. */
  readonly ttl?: number | undefined;
  /** Under which the document was made: refused with ERR_STORE_CONFLICT when a later lock of its name has written. */
  readonly lock?: Pick<StoreLock, 'name' | 'fence'> | undefined;
  /** True for a session that begins: it may take the place of one that was killed. */
  readonly begins?: boolean | undefined;
}

/** Options of {@link SessionStore.kill}. */
export interface KillOptions {
  /** Milliseconds for which it is remembered. */
  readonly ttl: number;
  /** True: it is remembered also where there was no document, since a process may hold one. */
  readonly evenIfAbsent: boolean;
}

/** Options of {@link SessionStore.page}. */
export interface IdPageOptions {
  /** Only ids that begin so; empty for all. */
  readonly prefix: string;
  /** Only ids behind this one; empty for the first. */
  readonly after: string;
  /** Most ids; `Infinity` for all. */
  readonly limit: number;
}

/** The page of `ids`, for a store that has no order of its own. */
export function idPageOf(ids: Iterable<string>, { prefix, after, limit }: IdPageOptions): string[] {
  const wanted = [...ids].filter((id) => id > after && id.startsWith(prefix)).sort();
  return wanted.length > limit ? wanted.slice(0, limit) : wanted;
}

/** Options of {@link SessionStore.lock}. Times are milliseconds. */
export interface LockOptions {
  /** What is locked, of small letters. Locks of different names know nothing of each other. */
  readonly name: string;
  /** The lock ends after so long unless it is extended, so that nobody waits long for a process that died. */
  readonly ttl: number;
  /** Longest wait while another holds it; 0 asks once. */
  readonly wait: number;
  /** Gives up waiting. */
  readonly signal?: AbortSignal | null | undefined;
}

/** A lock on a session that all processes with the store respect. */
export interface StoreLock {
  readonly name: string;
  /** Grows with every lock of this name on the session. */
  readonly fence: number;
  /** Keeps it for so many milliseconds from now; false when it has ended and may be another's. */
  extend(ttl: number): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Where sessions outlive their process. Every failure is a RequestError: ERR_STORE when the store cannot be used,
 * ERR_INVALID_DOCUMENT when what it holds is no session, ERR_SESSION_NOT_FOUND when the session was killed.
 */
export interface SessionStore {
  /** True when others may write too: a session is then read again before it is handed out. */
  readonly shared: boolean;
  /**
   * How many sessions are saved at a time where many are.
   * @default 64
   */
  readonly breadth?: number;
  /**
   * The document of a session, `null` when there is none.
   *
   * @throws RequestError ERR_SESSION_NOT_FOUND for one that was killed, for as long as {@link SessionStore.kill} was told
   */
  load(id: string): Promise<SessionDocument | null>;
  /**
   * Reads, changes and writes a document as one step: of two updates at once, one sees what the other wrote.
   * Nothing is written when `change` returns what it was given.
   *
   * @returns what is stored now
   * @throws RequestError ERR_SESSION_NOT_FOUND for one that was killed, unless `begins` is set
   */
  update(id: string, change: DocumentChange, options?: UpdateOptions): Promise<SessionDocument | null>;
  /**
   * Waits until no other process has this lock of the session, and takes it. A store without this method has no locks.
   *
   * @throws RequestError ERR_STORE_LOCKED when another holds it for longer than `wait`, ERR_STORE
   */
  lock?(id: string, options: LockOptions): Promise<StoreLock>;
  /**
   * Deletes a document, whatever it is, and remembers that the session was killed, so that no process writes it back.
   * A store without this method deletes by {@link update}.
   *
   * @returns whether there was one
   */
  kill?(id: string, options: KillOptions): Promise<boolean>;
  /**
   * Epoch milliseconds by the one clock of all who use the store. Without this method each process goes by its own
   * system's clock.
   */
  time?(): Promise<number>;
  /** The ids of all documents, in no order. */
  ids(): Promise<string[]>;
  /**
   * Ids of documents, in the order of their characters; fewer than `limit` only at the end. A store without this method
   * is asked for all.
   */
  page?(options: IdPageOptions): Promise<string[]>;
  /**
   * Deletes what the store knows to be over, and puts in order what it keeps beside the documents.
   *
   * @returns how many documents were deleted
   */
  purge?(): Promise<number>;
  /** Fails when the store cannot be used now, to read and to write. */
  ping?(): Promise<void>;
  /** Ends connections that the store made itself; documents stay. */
  close(): Promise<void>;
}
