import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { checkDelay, checkOptions, checkString, ownCopy } from '../core/checks.ts';
import { RequestError } from '../core/errors.ts';
import { readDocument } from '../core/session/read-saved-session.ts';
import { type SessionDocument, serializeDocument } from '../core/session/saved-session.ts';
import { compareAndSet } from './compare-and-set.ts';
import { checkId } from './ids.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { waitForLock } from './lock-waiting.ts';
import {
  commandsOf,
  connectRedis,
  expectedClient,
  type IoRedisClient,
  type NodeRedisClient,
} from './redis-client.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisIndex } from './redis-index.ts';
import { extendScript, killScript, lockScript, unlockScript, writeScript } from './redis-scripts.ts';
import { type EncryptionKey, openUnsealed, resolveSeal, type Seal } from './sealing.ts';
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

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /**
   * The prefix of every key.
   * @default 'jarfetch:'
   */
  readonly prefix?: string | undefined;
  /**
   * Longest wait for one answer in milliseconds, the time to connect again included; then ERR_STORE.
   * @default 2000
   */
  readonly timeout?: number | undefined;
  /**
   * Encrypts the documents with AES-256-GCM. Of a list, the first encrypts and all decrypt, so that keys can change.
   * Undefined is refused, `null` is none.
   * @default none
   */
  readonly encryptionKey?: EncryptionKey | readonly EncryptionKey[] | null;
}

const keys: ReadonlySet<string> = new Set(['prefix', 'timeout', 'encryptionKey']);

/**
 * Keeps sessions in Redis, for work on many machines. Updates are compared and set, so that of two at once none is
 * lost; keys end with their sessions; a lock with a fence makes one login for all workers.
 *
 * @param connection a connected client of `redis` or `ioredis`, which stays the caller's, or a URL, for which one of
 *   the two packages is needed
 * @throws RequestError ERR_INVALID_OPTION
 * @example
 * const registry = createRegistry({ store: redisStore('redis://127.0.0.1:6379'), idleTimeout: 3_600_000 });
 */
export function redisStore(
  connection: string | NodeRedisClient | IoRedisClient,
  options: RedisStoreOptions = {},
): SessionStore {
  return new RedisStore(connection, options);
}

/** The content of a key. */
interface Stored {
  /** The fence of the last write; empty for none. */
  readonly tag: string;
  readonly document: SessionDocument | null;
}

class RedisStore implements SessionStore {
  readonly shared = true;
  /** The answers to many commands come in one round trip. */
  readonly breadth = 512;
  readonly #prefix: string;
  readonly #connection: RedisConnection;
  readonly #seal: Seal | null;
  readonly #queue = new KeyedQueue();
  readonly #index: RedisIndex;

  constructor(connection: string | NodeRedisClient | IoRedisClient, given: RedisStoreOptions) {
    checkOptions(given, 'redisStore options', keys);
    const { prefix = 'jarfetch:', timeout = 2000 } = ownCopy('redisStore options', given);
    this.#prefix = checkString('prefix', prefix);
    this.#connection = new RedisConnection(connectorOf(connection), checkDelay('timeout', timeout));
    this.#index = new RedisIndex(this.#connection, `${prefix}ids`, (id) => this.#key(id, 'session'));
    this.#seal = resolveSeal(given, (fresh) => this.#shareSalt(fresh));
  }

  async load(id: string): Promise<SessionDocument | null> {
    const { document } = await this.#read(checkId(id));
    if (document === null) await this.#checkAlive(id);
    return document;
  }

  update(id: string, change: DocumentChange, options: UpdateOptions = {}): Promise<SessionDocument | null> {
    // Updates of this process run one at a time. Conflicts with other processes are retried.
    return this.#queue.run(checkId(id), () => this.#update(id, change, options));
  }

  #update(id: string, change: DocumentChange, options: UpdateOptions): Promise<SessionDocument | null> {
    return compareAndSet(id, change, {
      isProbablyNew: options.begins === true,
      read: async () => {
        const stored = await this.#read(id);
        if (stored.document === null && options.begins !== true) await this.#checkAlive(id);
        return stored;
      },
      write: (tag, document) => this.#writeListed(id, tag, document, options),
    });
  }

  async #writeListed(
    id: string,
    tag: string,
    document: SessionDocument | null,
    options: UpdateOptions,
  ): Promise<string> {
    const isFirst = tag === '' && document !== null;
    if (isFirst) await this.#index.add(id);
    const outcome = await this.#write(id, tag, document, options);
    if (isFirst && outcome === 'written') await this.#index.add(id);
    if (document === null && outcome === 'written') await this.#index.remove(id);
    this.#index.tidyNowAndThen();
    return outcome;
  }

  async #write(
    id: string,
    tag: string,
    document: SessionDocument | null,
    options: UpdateOptions,
  ): Promise<string> {
    const { ttl, lock, begins } = options;
    const text = document === null ? '' : serializeDocument(document);
    const sealed = text === '' ? '' : ((await this.#seal?.seal(id, text)) ?? text);
    const life = ttl === undefined ? '' : String(Math.ceil(ttl));
    const outcome = await this.#connection.run(
      writeScript,
      [this.#key(id, 'session'), this.#key(id, 'killed')],
      [
        tag,
        randomUUID(),
        sealed,
        life,
        String(lock?.fence ?? ''),
        lock?.name ?? '',
        begins === true ? '1' : '',
      ],
    );
    return String(outcome);
  }

  async #read(id: string): Promise<Stored> {
    const found = await this.#connection.send(['HMGET', this.#key(id, 'session'), 'tag', 'document']);
    const [tag, text]: unknown[] = Array.isArray(found) ? found : [];
    return {
      tag: typeof tag === 'string' ? tag : '',
      document: typeof text === 'string' ? readDocument(await this.#open(id, text)) : null,
    };
  }

  async #open(id: string, text: string): Promise<string> {
    return this.#seal === null ? openUnsealed(id, text) : this.#seal.open(id, text);
  }

  async #checkAlive(id: string): Promise<void> {
    const found = await this.#connection.send(['EXISTS', this.#key(id, 'killed')]);
    if (Number(found) === 1) throw wasKilled(id);
  }

  async kill(id: string, { ttl, evenIfAbsent }: KillOptions): Promise<boolean> {
    const names = [this.#key(checkId(id), 'session'), this.#key(id, 'killed')];
    const found = await this.#connection.run(killScript, names, [
      String(Math.ceil(ttl)),
      evenIfAbsent ? '1' : '',
    ]);
    await this.#index.remove(id);
    return Number(found) === 1;
  }

  async time(): Promise<number> {
    const now = await this.#connection.send(['TIME']);
    const [seconds, microseconds]: unknown[] = Array.isArray(now) ? now : [];
    return Number(seconds) * 1000 + Number(microseconds) / 1000;
  }

  lock(id: string, options: LockOptions): Promise<StoreLock> {
    const { name, ttl } = options;
    const [lock, session] = [this.#key(checkId(id), `lock:${name}`), this.#key(id, 'session')];
    const token = randomUUID();
    const release = async (): Promise<void> => {
      await this.#connection.run(unlockScript, [lock], [token]);
    };
    const extend = async (longer: number): Promise<boolean> =>
      Number(await this.#connection.run(extendScript, [lock], [token, String(longer)])) === 1;
    return waitForLock(id, options, async () => {
      const args = [token, String(ttl), `fence:${name}`];
      const fence = await this.#connection.run(lockScript, [lock, session], args).catch((error) => {
        // The lock may still be given later. It is freed then, so that nobody waits for it.
        void releaseLate(release, ttl);
        throw error;
      });
      return fence === '' ? null : { name, fence: Number(fence), extend, release };
    });
  }

  ids(): Promise<string[]> {
    return this.#index.all();
  }

  page(options: IdPageOptions): Promise<string[]> {
    return this.#index.page(options);
  }

  /** Sessions end in Redis by themselves; the index is made anew, of all servers of a cluster. */
  async purge(): Promise<number> {
    await this.#index.rebuild();
    return 0;
  }

  /** By a write: a replica, and a Redis that is full, can be read. */
  async ping(): Promise<void> {
    await this.#connection.send(['SET', `${this.#prefix}ping`, '1', 'PX', '10000']);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #shareSalt(fresh: string): Promise<string> {
    const name = `${this.#prefix}salt`;
    await this.#connection.send(['SET', name, fresh, 'NX']);
    return String(await this.#connection.send(['GET', name]));
  }

  /** In braces, so that a cluster keeps all keys of a session on one server. */
  #key(id: string, what: string): string {
    return `${this.#prefix}{${id}}:${what}`;
  }
}

/** Longest pause between two tries to free a lock, in milliseconds. */
const longestPause = 2000;

/** Frees a lock that may have been given, once Redis answers again, until it ends by itself. */
async function releaseLate(release: () => Promise<void>, ttl: number): Promise<void> {
  const end = performance.now() + ttl;
  for (let pause = 50; performance.now() < end; pause = Math.min(pause * 2, longestPause)) {
    await delay(pause, undefined, { ref: false });
    const isDone = await release().then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
}

/** @throws RequestError ERR_INVALID_OPTION; it never shows the URL, which holds a password */
function connectorOf(connection: string | NodeRedisClient | IoRedisClient) {
  if (typeof connection !== 'string') {
    const commands = commandsOf(connection);
    return async () => commands;
  }
  if (/^rediss?:\/\//.test(connection) && URL.canParse(connection)) return () => connectRedis(connection);
  // Not shown, since it may have a password.
  throw new RequestError('ERR_INVALID_OPTION', `${expectedClient}, got a text that is not a redis: URL`);
}
