import { RequestError } from '../../src/index.ts';
import {
  type DocumentChange,
  type LockOptions,
  memoryStore,
  type SessionStore,
  type UpdateOptions,
} from '../../src/registry/index.ts';

/** A store that fails and waits when the test says so, and counts what it is asked for. */
export class FaultyStore implements SessionStore {
  readonly shared = true;
  readonly inner = memoryStore();
  /** While true every call fails as a store does that is down. */
  down = false;
  /** Held updates wait for this. */
  gate: Promise<void> = Promise.resolve();
  updates = 0;

  async load(id: string) {
    this.#check();
    return this.inner.load(id);
  }

  async update(id: string, change: DocumentChange, options?: UpdateOptions) {
    this.updates++;
    this.#check();
    await this.gate;
    this.#check();
    return this.inner.update(id, change, options);
  }

  async lock(id: string, options: LockOptions) {
    this.#check();
    return this.inner.lock?.(id, options) ?? Promise.reject(new Error('memoryStore has locks'));
  }

  async ids() {
    this.#check();
    return this.inner.ids();
  }

  async close() {}

  #check(): void {
    if (this.down) throw new RequestError('ERR_STORE', 'The store is down');
  }
}
