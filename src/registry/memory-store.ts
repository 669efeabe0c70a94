import type { SessionDocument } from '../core/session/saved-session.ts';
import { waitForLock } from './lock-waiting.ts';
import type {
  DocumentChange,
  KillOptions,
  LockOptions,
  SessionStore,
  StoreLock,
  UpdateOptions,
} from './store.ts';
import { conflict, wasKilled } from './store-errors.ts';

/** Keeps documents in this process: for registries that hand sessions to each other, and for tests. */
export function memoryStore(): SessionStore {
  return new MemoryStore();
}

/** A lock in the store. */
interface LockHolder {
  readonly fence: number;
  /** Monotonic milliseconds. */
  until: number;
}

/** After so many kills, expired notes are removed. */
const cleaningSpacing = 1024;

class MemoryStore implements SessionStore {
  readonly shared = true;
  readonly #documents = new Map<string, SessionDocument>();
  /** By name and id. */
  readonly #locks = new Map<string, LockHolder>();
  readonly #fences = new Map<string, number>();
  #fence = 0;

  /** Until when a killed session is remembered; monotonic milliseconds. */
  readonly #killed = new Map<string, number>();

  async load(id: string): Promise<SessionDocument | null> {
    this.#checkAlive(id);
    return structuredClone(this.#documents.get(id) ?? null);
  }

  async update(
    id: string,
    change: DocumentChange,
    { lock, begins = false }: UpdateOptions = {},
  ): Promise<SessionDocument | null> {
    if (!begins) this.#checkAlive(id);
    const stored = this.#documents.get(id) ?? null;
    const changed = change(stored);
    if (changed === stored) return structuredClone(stored);
    if (lock !== undefined) this.#checkFence(id, lock);
    if (changed === null) this.#documents.delete(id);
    else {
      this.#killed.delete(id);
      this.#documents.set(id, structuredClone(changed));
    }
    return structuredClone(changed);
  }

  async kill(id: string, { ttl, evenIfAbsent }: KillOptions): Promise<boolean> {
    const now = performance.now();
    if (evenIfAbsent || this.#documents.has(id)) this.#killed.set(id, now + ttl);
    if (this.#killed.size % cleaningSpacing === 0) this.#forgetKilled(now);
    return this.#documents.delete(id);
  }

  #forgetKilled(now: number): void {
    for (const [id, until] of this.#killed) if (until <= now) this.#killed.delete(id);
  }

  #checkAlive(id: string): void {
    if ((this.#killed.get(id) ?? 0) > performance.now()) throw wasKilled(id);
  }

  #checkFence(id: string, { name, fence }: Pick<StoreLock, 'name' | 'fence'>): void {
    const key = `${name}:${id}`;
    if ((this.#fences.get(key) ?? 0) > fence) throw conflict(id);
    this.#fences.set(key, fence);
  }

  lock(id: string, options: LockOptions): Promise<StoreLock> {
    const key = `${options.name}:${id}`;
    return waitForLock(id, options, async () => this.#take(key, options));
  }

  #take(key: string, { name, ttl }: LockOptions): StoreLock | null {
    const now = performance.now();
    if ((this.#locks.get(key)?.until ?? 0) > now) return null;
    const holding = { fence: ++this.#fence, until: now + ttl };
    this.#locks.set(key, holding);
    const isOurs = (): boolean => this.#locks.get(key) === holding && holding.until > performance.now();
    return {
      name,
      fence: holding.fence,
      extend: async (longer) => {
        if (!isOurs()) return false;
        holding.until = performance.now() + longer;
        return true;
      },
      release: async () => {
        if (this.#locks.get(key) === holding) this.#locks.delete(key);
      },
    };
  }

  async ids(): Promise<string[]> {
    return [...this.#documents.keys()];
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}
}
