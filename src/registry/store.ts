import type { SessionDocument } from '../core/session/saved-session.ts';

/** What a store's document becomes; `null` for none. May be asked more than once, so it must be pure. */
export type DocumentChange = (stored: SessionDocument | null) => SessionDocument | null;

/** Options of {@link SessionStore.update}. */
export interface UpdateOptions {
  /** Milliseconds after which nobody will want the document any more; a store may drop it then. */
  readonly ttl?: number | undefined;
  /** Of the lock under which the document was made: refused when a later lock has written meanwhile. */
  readonly fence?: number | undefined;
}

/** A lock on a session that all processes with the store respect. */
export interface StoreLock {
  /** Grows with every lock of the session. */
  readonly fence: number;
  release(): Promise<void>;
}

/**
 * Where sessions outlive their process. Every failure is a RequestError: ERR_STORE when the store cannot be used,
 * ERR_INVALID_DOCUMENT when what it holds is no session.
 */
export interface SessionStore {
  /** True when others may write too: a session is then read again before it is handed out. */
  readonly shared: boolean;
  /** The document of a session, `null` when there is none. */
  load(id: string): Promise<SessionDocument | null>;
  /**
   * Reads, changes and writes a document as one step: of two updates at once, one sees what the other wrote.
   * Nothing is written when `change` returns what it was given.
   *
   * @returns what is stored now
   */
  update(id: string, change: DocumentChange, options?: UpdateOptions): Promise<SessionDocument | null>;
  /**
   * Waits until no other process has the lock of this session, and takes it. A store without this method has no locks.
   *
   * @param ttl milliseconds after which it ends by itself, so that nobody waits for one who died
   */
  lock?(id: string, ttl: number): Promise<StoreLock>;
  /** The ids of all documents, in no order. */
  ids(): Promise<string[]>;
  /** Ends connections that the store made itself; documents stay. */
  close(): Promise<void>;
}
