import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { checkDelay, checkOptions, checkString, ownCopy } from '../core/checks.ts';
import { isRequestError, RequestError } from '../core/errors.ts';
import { readDocument } from '../core/session/read-saved-session.ts';
import type { SessionDocument } from '../core/session/saved-session.ts';
import { checkId } from './ids.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { waitForLock } from './lock-waiting.ts';
import {
  commandsOf,
  connectRedis,
  type IoRedisClient,
  type NodeRedisClient,
  type RedisCommands,
} from './redis-client.ts';
import type { DocumentChange, LockOptions, SessionStore, StoreLock, UpdateOptions } from './store.ts';
import { conflict } from './store-errors.ts';

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /**
   * Begins every key.
   * @default 'jarfetch:'
   */
  readonly prefix?: string | undefined;
  /**
   * Longest wait for one answer in milliseconds, the time to connect again included; then ERR_STORE.
   * @default 2000
   */
  readonly timeout?: number | undefined;
}

const keys: ReadonlySet<string> = new Set(['prefix', 'timeout']);

/** Most times that an update is tried again because another was faster. */
const maxTries = 500;

/** Writes what was made of what `tag` stands for, unless it is no longer stored or a later lock has written. */
const writeScript = `
local fence = ARGV[6] == '' and 'fence' or 'fence:' .. ARGV[6]
local stored = redis.call('HMGET', KEYS[1], 'tag', fence)
if (stored[1] or '') ~= ARGV[1] then return 'changed' end
if ARGV[5] ~= '' and tonumber(stored[2] or '0') > tonumber(ARGV[5]) then return 'fenced' end
if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
  return 'written'
end
redis.call('HSET', KEYS[1], 'tag', ARGV[2], 'document', ARGV[3])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], fence, ARGV[5]) end
if ARGV[4] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return 'written'`;

/**
 * Takes a free lock and returns its fence, larger than all before: the microseconds of Redis' clock, or one more than
 * the last that has written. Empty when it is not free.
 */
const lockScript = `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return '' end
local now = redis.call('TIME')
local written = tonumber(redis.call('HGET', KEYS[2], ARGV[3]) or '0')
return string.format('%.0f', math.max(tonumber(now[1]) * 1000000 + tonumber(now[2]), written + 1))`;

/** Keeps a lock for longer, unless it ended. */
const extendScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0`;

/** Frees a lock, unless it ended and is another's. */
const unlockScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

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

class RedisStore implements SessionStore {
  readonly shared = true;
  readonly #prefix: string;
  readonly #timeout: number;
  readonly #connect: () => Promise<RedisCommands>;
  readonly #queue = new KeyedQueue();
  #commands: Promise<RedisCommands> | undefined;

  constructor(connection: string | NodeRedisClient | IoRedisClient, given: RedisStoreOptions) {
    checkOptions(given, 'redisStore options', keys);
    const { prefix = 'jarfetch:', timeout = 2000 } = ownCopy('redisStore options', given);
    this.#prefix = checkString('prefix', prefix);
    this.#timeout = checkDelay('timeout', timeout);
    if (typeof connection !== 'string') {
      const commands = commandsOf(Object(connection));
      this.#connect = async () => commands;
    } else if (/^rediss?:\/\//.test(connection)) this.#connect = () => connectRedis(connection);
    else
      throw new RequestError(
        'ERR_INVALID_OPTION',
        'redisStore takes a redis: URL or a client of redis or ioredis',
      );
  }

  async load(id: string): Promise<SessionDocument | null> {
    const { document } = await this.#read(checkId(id));
    return document;
  }

  update(id: string, change: DocumentChange, options: UpdateOptions = {}): Promise<SessionDocument | null> {
    // Of this process, one at a time: those of others are met by trying again.
    return this.#queue.run(checkId(id), () => this.#update(id, change, options));
  }

  async #update(id: string, change: DocumentChange, options: UpdateOptions): Promise<SessionDocument | null> {
    const { ttl, lock } = options;
    for (let tries = 0; tries < maxTries; tries++) {
      const { tag, document } = await this.#read(id);
      const changed = change(document);
      if (changed === document) return document;
      const text = changed === null ? '' : JSON.stringify(changed);
      const life = ttl === undefined ? '' : String(Math.ceil(ttl));
      const outcome = await this.#eval(
        writeScript,
        [this.#key(id, 'session')],
        [tag, randomUUID(), text, life, String(lock?.fence ?? ''), lock?.name ?? ''],
      );
      if (outcome === 'written') return structuredClone(changed);
      if (outcome === 'fenced') throw conflict(id);
      await delay(Math.random() * Math.min(tries, 20));
    }
    throw new RequestError(
      'ERR_STORE_CONFLICT',
      `session ${id} was changed by others ${maxTries} times meanwhile`,
    );
  }

  async #read(id: string): Promise<{ readonly tag: string; readonly document: SessionDocument | null }> {
    const found = await this.#send(['HMGET', this.#key(id, 'session'), 'tag', 'document']);
    const [tag, text]: unknown[] = Array.isArray(found) ? found : [];
    const document = typeof text === 'string' ? readDocument(text) : null;
    return { tag: typeof tag === 'string' ? tag : '', document };
  }

  lock(id: string, options: LockOptions): Promise<StoreLock> {
    const { name, ttl } = options;
    const [lock, session] = [this.#key(checkId(id), `lock:${name}`), this.#key(id, 'session')];
    const token = randomUUID();
    const release = async (): Promise<void> => {
      await this.#eval(unlockScript, [lock], [token]);
    };
    return waitForLock(id, options, async () => {
      const args = [token, String(ttl), `fence:${name}`];
      const fence = await this.#eval(lockScript, [lock, session], args).catch((error) => {
        // A lock that was asked for may still be given, late: nobody is to wait for it.
        void release().catch(() => {});
        throw error;
      });
      if (fence === '') return null;
      const extend = async (longer: number): Promise<boolean> =>
        Number(await this.#eval(extendScript, [lock], [token, String(longer)])) === 1;
      return { name, fence: Number(fence), extend, release };
    });
  }

  async ids(): Promise<string[]> {
    const pattern = `${this.#prefix.replace(/[\\*?[\]]/g, '\\$&')}{*}:session`;
    const [begin, end] = [`${this.#prefix}{`, '}:session'];
    const found = new Set<string>();
    let cursor = '0';
    do {
      const page = await this.#send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000']);
      const [next, names]: unknown[] = Array.isArray(page) ? page : ['0', []];
      cursor = String(next);
      for (const name of Array.isArray(names) ? names : [])
        found.add(String(name).slice(begin.length, -end.length));
    } while (cursor !== '0');
    return [...found];
  }

  async close(): Promise<void> {
    const commands = await this.#commands?.catch(() => undefined);
    commands?.close();
    this.#commands = undefined;
  }

  /** In braces, so that a cluster keeps all keys of a session together. */
  #key(id: string, what: string): string {
    return `${this.#prefix}{${id}}:${what}`;
  }

  #eval(script: string, names: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#send(['EVAL', script, String(names.length), ...names, ...args]);
  }

  async #send(args: readonly string[]): Promise<unknown> {
    const limit = new AbortController();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      limit.abort();
      // After the client's own word on why.
      setImmediate(reject, new Error(`no answer within ${this.#timeout} ms`));
    }, this.#timeout);
    try {
      this.#commands ??= this.#connect();
      const commands = await this.#commands;
      return await Promise.race([commands.send(args, limit.signal), late]);
    } catch (cause) {
      if (isRequestError(cause)) {
        this.#commands = undefined;
        throw cause;
      }
      throw new RequestError('ERR_STORE', `redisStore failed at ${args[0]}: ${messageOf(cause)}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The first word of Redis (WRONGPASS, READONLY, OOM) or of the connection (ECONNREFUSED). */
function messageOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code !== '') return code;
  return cause instanceof Error ? (/^[A-Z]{3,}\b/.exec(cause.message)?.[0] ?? cause.message) : 'unknown';
}
