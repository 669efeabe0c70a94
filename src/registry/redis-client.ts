import { types } from 'node:util';
import { describe, RequestError } from '../core/errors.ts';

/** A connected client of the package `redis`: a client, a pool, a cluster or a sentinel. */
export interface NodeRedisClient {
  sendCommand(...args: unknown[]): Promise<unknown>;
}

/** A client of the package `ioredis`, or a cluster of it. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
}

type SendCommand = (args: readonly string[], signal: AbortSignal) => Promise<unknown>;

/** The functions of a client that are used. Answers are text. */
export interface RedisCommands {
  readonly send: SendCommand;
  /** One for each server that holds keys. */
  scanners(): readonly SendCommand[];
  close(): void;
}

/** What redisStore takes. */
export const expectedClient =
  'redisStore takes a redis: URL, a client, pool, cluster or sentinel of redis (5 or later), or a client or cluster of ioredis (or iovalkey)';

/**
 * Uses a client of the caller, who closes it. Invariant: close what you made.
 *
 * @throws RequestError ERR_INVALID_OPTION for a client that is not known, or that would hide keys
 */
export function commandsOf(client: NodeRedisClient | IoRedisClient): RedisCommands {
  // Not a function, which has a `call`, too.
  const isObject = typeof client === 'object' && client !== null;
  // Checked first, because ioredis also has a sendCommand, with other parameters.
  if (isObject && 'call' in client && typeof client.call === 'function') return ofIoRedis(client);
  // With `send_command` it is one of redis 3, whose sendCommand takes a callback.
  const isOld = isObject && 'send_command' in client;
  if (isObject && !isOld && 'sendCommand' in client && typeof client.sendCommand === 'function')
    return ofNodeRedis(client);
  throw new RequestError('ERR_INVALID_OPTION', `${expectedClient}, got ${describe(client)}`);
}

const nothing = (): void => {};

function ofIoRedis(client: IoRedisClient): RedisCommands {
  const { options, isCluster }: { options?: unknown; isCluster?: unknown } = Object(client);
  const { keyPrefix, redisOptions }: { keyPrefix?: unknown; redisOptions?: { keyPrefix?: unknown } } =
    Object(options);
  if (keyPrefix || redisOptions?.keyPrefix) {
    const message =
      'redisStore cannot list keys through a client with keyPrefix: give redisStore the option prefix';
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  const sender =
    (to: IoRedisClient): SendCommand =>
    async ([command = '', ...args]) =>
      asText(await to.call(command, ...args));
  if (isCluster !== true) {
    const send = sender(client);
    return { send, scanners: () => [send], close: nothing };
  }
  const { nodes }: { nodes?: (role: string) => IoRedisClient[] } = Object(client);
  return {
    send: sender(client),
    scanners: () => (nodes?.call(client, 'master') ?? []).map(sender),
    close: nothing,
  };
}

/** How many parameters `sendCommand` has: a client and a pool 2, a sentinel 3, a cluster 4. */
const parameters = { sentinel: 3, cluster: 4 };

function ofNodeRedis(client: NodeRedisClient): RedisCommands {
  const plain =
    (to: NodeRedisClient): SendCommand =>
    async (args, abortSignal) =>
      asText(await to.sendCommand([...args], { abortSignal }));
  const isCluster = 'masters' in client || client.sendCommand.length === parameters.cluster;
  if (isCluster) {
    const { masters, nodeClient }: NodeRedisCluster = Object(client);
    const send: SendCommand = async (args, abortSignal) =>
      asText(await client.sendCommand(firstKey(args), false, [...args], { abortSignal }));
    const toMaster =
      (master: unknown): SendCommand =>
      async (args, signal) =>
        plain(await nodeClient.call(client, master))(args, signal);
    return { send, scanners: () => masters.map(toMaster), close: nothing };
  }
  if (client.sendCommand.length === parameters.sentinel) {
    const send: SendCommand = async (args) => asText(await client.sendCommand(false, [...args]));
    return { send, scanners: () => [send], close: nothing };
  }
  const send = plain(client);
  return { send, scanners: () => [send], close: nothing };
}

interface NodeRedisCluster {
  readonly masters: readonly unknown[];
  readonly nodeClient: (master: unknown) => Promise<NodeRedisClient> | NodeRedisClient;
}

/** The key that says which server of a cluster is asked. */
function firstKey([command, first, , third]: readonly string[]): string | undefined {
  return command?.startsWith('EVAL') === true ? third : first;
}

/** A client may be configured to answer with bytes. */
function asText(answer: unknown): unknown {
  if (types.isUint8Array(answer)) return Buffer.from(answer).toString();
  return Array.isArray(answer) ? answer.map(asText) : answer;
}

/** Opens a connection of its own, by `redis` or else `ioredis`; it is made anew when it breaks. */
export async function connectRedis(url: string): Promise<RedisCommands> {
  return (await withNodeRedis(url)) ?? (await withIoRedis(url)) ?? missing();
}

async function withNodeRedis(url: string): Promise<RedisCommands | null> {
  const redis = await loadOptional<typeof import('redis')>('redis');
  if (redis === null) return null;
  const client = redis.createClient({ url, socket: { reconnectStrategy: backoff } });
  let failure: unknown;
  client.on('error', (error) => {
    failure = error;
  });
  // The connection never keeps the process alive.
  client.on('connect', () => client.unref());
  client.connect().catch(() => {});
  const send: SendCommand = async (args, abortSignal) => {
    try {
      return await client.sendCommand([...args], { abortSignal });
    } catch (error) {
      // The reason of the wait is a better error than the wait itself.
      throw abortSignal.aborted ? (failure ?? error) : error;
    }
  };
  return { send, scanners: () => [send], close: () => client.destroy() };
}

async function withIoRedis(url: string): Promise<RedisCommands | null> {
  const ioredis = await loadOptional<typeof import('ioredis')>('ioredis');
  if (ioredis === null) return null;
  const client = new ioredis.Redis(url, { retryStrategy: backoff, maxRetriesPerRequest: null });
  client.on('error', () => {});
  client.on('connect', () => client.stream.unref());
  const send: SendCommand = ([command = '', ...args]) => client.call(command, ...args);
  return { send, scanners: () => [send], close: () => client.disconnect() };
}

/** Milliseconds before the n-th try to connect again. */
function backoff(tries: number): number {
  return Math.min(20 * 2 ** tries, 1000);
}

/**
 * Loads a package that need not be installed, `null` when it is not. The name is a variable and the comments speak to
 * webpack and Vite: a bundler that saw the package would ask for it, though most programs never come here.
 */
async function loadOptional<Module>(name: string): Promise<Module | null> {
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as Module;
  } catch (error) {
    // The CommonJS files use `require`, whose code is the second one.
    const codes: unknown[] = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'];
    if (error instanceof Error && 'code' in error && codes.includes(error.code)) return null;
    throw error;
  }
}

function missing(): never {
  throw new RequestError('ERR_STORE', 'redisStore with a URL needs a client: npm install redis (or ioredis)');
}
