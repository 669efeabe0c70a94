import { RequestError } from '../core/errors.ts';

/** A connected client of the package `redis`, or a like one. */
export interface NodeRedisClient {
  sendCommand(args: string[], options?: { abortSignal?: AbortSignal }): Promise<unknown>;
}

/** A client of the package `ioredis`, or a like one. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** What of a client is used. */
export interface RedisCommands {
  send(args: readonly string[], signal: AbortSignal): Promise<unknown>;
  close(): void;
}

/** Speaks through a client of the caller's, which stays the caller's to close. */
export function commandsOf(client: NodeRedisClient | IoRedisClient): RedisCommands {
  const close = (): void => {};
  // First, for ioredis has a sendCommand too, of another kind.
  if ('call' in client && typeof client.call === 'function') {
    return { close, send: ([command = '', ...args]) => client.call(command, ...args) };
  }
  const { sendCommand }: Partial<NodeRedisClient> = client as NodeRedisClient;
  if (typeof sendCommand !== 'function') {
    throw new RequestError(
      'ERR_INVALID_OPTION',
      'redisStore takes a redis: URL or a client of redis or ioredis',
    );
  }
  return { close, send: (args, abortSignal) => sendCommand.call(client, [...args], { abortSignal }) };
}

/** Opens a connection of its own, by `redis` or else `ioredis`; it is made anew when it breaks. */
export async function connectRedis(url: string): Promise<RedisCommands> {
  return (await withNodeRedis(url)) ?? (await withIoRedis(url)) ?? missing();
}

async function withNodeRedis(url: string): Promise<RedisCommands | null> {
  const redis = await optional(() => import('redis'));
  if (redis === null) return null;
  const client = redis.createClient({ url, socket: { reconnectStrategy: backoff } });
  let failure: unknown;
  client.on('error', (error) => {
    failure = error;
  });
  // The connection never keeps the process alive.
  client.on('connect', () => client.unref());
  client.connect().catch(() => {});
  return {
    close: () => client.destroy(),
    send: async (args, abortSignal) => {
      try {
        return await client.sendCommand([...args], { abortSignal });
      } catch (error) {
        // Why it waited for so long says more than that it did.
        throw abortSignal.aborted ? (failure ?? error) : error;
      }
    },
  };
}

async function withIoRedis(url: string): Promise<RedisCommands | null> {
  const ioredis = await optional(() => import('ioredis'));
  if (ioredis === null) return null;
  const client = new ioredis.Redis(url, { retryStrategy: backoff, maxRetriesPerRequest: null });
  client.on('error', () => {});
  client.on('connect', () => client.stream.unref());
  return {
    close: () => client.disconnect(),
    send: ([command = '', ...args]) => client.call(command, ...args),
  };
}

/** Milliseconds before the n-th try to connect again. */
function backoff(tries: number): number {
  return Math.min(20 * 2 ** tries, 1000);
}

async function optional<T>(load: () => Promise<T>): Promise<T | null> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function missing(): never {
  throw new RequestError('ERR_STORE', 'redisStore with a URL needs a client: npm install redis (or ioredis)');
}
