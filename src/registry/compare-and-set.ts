import { setTimeout as delay } from 'node:timers/promises';
import { RequestError } from '../core/errors.ts';
import type { SessionDocument } from '../core/session/saved-session.ts';
import type { DocumentChange } from './store.ts';
import { conflict, wasKilled } from './store-errors.ts';

/** Most retries of an update that another update has overtaken. */
const maxTries = 500;

/** A document of a store, and a tag that differs for each version. */
interface Tagged {
  /** Empty for no document. */
  readonly tag: string;
  readonly document: SessionDocument | null;
}

const none: Tagged = { tag: '', document: null };

/** How a store reads a document, and writes it if its tag has not changed. */
export interface TaggedDocument {
  /** True where there is probably no document: the first try writes without reading. */
  readonly isProbablyNew: boolean;
  read(): Promise<Tagged>;
  /** @returns `written`, `fenced` after the lock was lost, `killed`; any other text where the tag has changed */
  write(tag: string, document: SessionDocument | null): Promise<string>;
}

/**
 * Changes a document without losing concurrent changes: after a concurrent change it reads the document again.
 *
 * @throws RequestError ERR_STORE_CONFLICT, ERR_SESSION_NOT_FOUND; what `change` and the store throw
 */
export async function compareAndSet(
  id: string,
  change: DocumentChange,
  stored: TaggedDocument,
): Promise<SessionDocument | null> {
  for (let tries = 0; tries < maxTries; tries++) {
    const isGuess = tries === 0 && stored.isProbablyNew && change(null) !== null;
    const { tag, document } = isGuess ? none : await stored.read();
    const changed = change(document);
    if (changed === document) return document;
    const outcome = await stored.write(tag, changed);
    if (outcome === 'written') return structuredClone(changed);
    if (outcome === 'fenced') throw conflict(id);
    if (outcome === 'killed') throw wasKilled(id);
    await delay(Math.random() * Math.min(tries, 20));
  }
  throw new RequestError(
    'ERR_STORE_CONFLICT',
    `session ${id} was changed by others ${maxTries} times during the save`,
  );
}
