import type { SessionDocument } from '../core/session/saved-session.ts';
import type { DocumentChange, SessionStore } from './store.ts';

/** Keeps documents in this process: for registries that hand sessions to each other, and for tests. */
export function memoryStore(): SessionStore {
  return new MemoryStore();
}

class MemoryStore implements SessionStore {
  readonly shared = true;
  readonly #documents = new Map<string, SessionDocument>();

  async load(id: string): Promise<SessionDocument | null> {
    return structuredClone(this.#documents.get(id) ?? null);
  }

  async update(id: string, change: DocumentChange): Promise<SessionDocument | null> {
    const stored = this.#documents.get(id) ?? null;
    const changed = change(stored);
    if (changed === stored) return structuredClone(stored);
    if (changed === null) this.#documents.delete(id);
    else this.#documents.set(id, structuredClone(changed));
    return structuredClone(changed);
  }

  async ids(): Promise<string[]> {
    return [...this.#documents.keys()];
  }

  async close(): Promise<void> {}
}
