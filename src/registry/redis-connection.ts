import { isRequestError, RequestError } from '../core/errors.ts';
import type { RedisCommands } from './redis-client.ts';
import type { RedisScript } from './redis-scripts.ts';
import { markSilence } from './store-errors.ts';

/** First and longest time in milliseconds for which no command is sent after a missing answer. */
const shortestRest = 100;
const longestRest = 2000;

/**
 * The connection to Redis. A missing answer is an error after a time limit, and for a while the next commands fail at
 * once. Otherwise commands with their documents would collect for a Redis that hangs.
 */
export class RedisConnection {
  readonly #connect: () => Promise<RedisCommands>;
  readonly #timeout: number;
  #commands: Promise<RedisCommands> | undefined;
  /** The number of missing answers in a row. */
  #silences = 0;
  /** Monotonic milliseconds until which no command is sent. */
  #restsUntil = 0;
  /** After a pause a single command is sent first. */
  #isProbing = false;

  constructor(connect: () => Promise<RedisCommands>, timeout: number) {
    this.#connect = connect;
    this.#timeout = timeout;
  }

  /** Runs a script by its hash, and sends the script to a Redis that does not have it. */
  async run(script: RedisScript, names: readonly string[], args: readonly string[]): Promise<unknown> {
    const rest = [String(names.length), ...names, ...args];
    try {
      return await this.send(['EVALSHA', script.sha, ...rest]);
    } catch (error) {
      if (!isRequestError(error, 'ERR_STORE') || !error.message.includes('NOSCRIPT')) throw error;
      return this.send(['EVAL', script.text, ...rest]);
    }
  }

  /** @throws RequestError ERR_STORE */
  send(args: readonly string[]): Promise<unknown> {
    return this.#ask(args[0] ?? '', (commands, signal) => commands.send(args, signal));
  }

  /** Names of keys that match, from every server that holds keys; some of them more than once. */
  async *scan(pattern: string): AsyncGenerator<string> {
    const scanners = await this.#ask('SCAN', async (commands) => commands.scanners());
    for (const scan of scanners) {
      let cursor = '0';
      do {
        const question = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000'];
        const page = await this.#ask('SCAN', (_, signal) => scan(question, signal));
        const [next, names]: unknown[] = Array.isArray(page) ? page : ['0', []];
        cursor = String(next);
        for (const name of Array.isArray(names) ? names : []) yield String(name);
      } while (cursor !== '0');
    }
  }

  async #ask<T>(
    what: string,
    question: (commands: RedisCommands, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    this.#checkRest();
    const limit = new AbortController();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      limit.abort();
      // After the client's own error, which has the reason.
      setImmediate(reject, this.#silence());
    }, this.#timeout);
    try {
      this.#commands ??= this.#connect();
      const commands = await this.#commands;
      const answer = await Promise.race([question(commands, limit.signal), late]);
      this.#silences = 0;
      return answer;
    } catch (error) {
      if (limit.signal.aborted) this.#rest();
      // A client that gives a command up only says that it was aborted.
      const isAbort = limit.signal.aborted && error instanceof Error && /\baborted\b/.test(error.message);
      const failure = this.#failureOf(what, isAbort ? this.#silence() : error);
      throw limit.signal.aborted ? markSilence(failure) : failure;
    } finally {
      clearTimeout(timer);
      this.#isProbing = false;
    }
  }

  #silence(): Silence {
    return new Silence(`no answer within ${this.#timeout} ms`);
  }

  /** @throws RequestError ERR_STORE during the pause */
  #checkRest(): void {
    if (this.#silences === 0) return;
    if (performance.now() >= this.#restsUntil && !this.#isProbing) {
      this.#isProbing = true;
      return;
    }
    const message = `redisStore sends nothing for now: Redis gave no answer within ${this.#timeout} ms`;
    throw markSilence(new RequestError('ERR_STORE', message));
  }

  #rest(): void {
    // Commands that were sent together count as one failure.
    const now = performance.now();
    if (now < this.#restsUntil) return;
    this.#silences++;
    this.#restsUntil = now + Math.min(shortestRest * 2 ** (this.#silences - 1), longestRest);
    // Commands that wait in our own connection are dropped. A connection of the caller is not touched.
    const commands = this.#commands;
    this.#commands = undefined;
    void commands?.then((made) => made.close()).catch(() => {});
  }

  /** Without the client's error, which has the arguments of the command, and so the document. */
  #failureOf(what: string, error: unknown): RequestError {
    if (isRequestError(error)) {
      this.#commands = undefined;
      return error;
    }
    const { name, reason, code } = saidBy(error);
    const cause = Object.assign(new Error(reason), { name }, code === undefined ? {} : { code });
    return new RequestError('ERR_STORE', `redisStore failed at ${what}: ${shortReason(reason, code)}`, {
      cause,
    });
  }

  async close(): Promise<void> {
    const commands = await this.#commands?.catch(() => undefined);
    commands?.close();
    this.#commands = undefined;
  }
}

/** No answer came in time. */
class Silence extends Error {}

function saidBy(error: unknown): { name: string; reason: string; code?: string } {
  if (!(error instanceof Error)) return { name: 'Error', reason: 'unknown' };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name: error.name, reason: error.message, ...code };
}

/** The first word of Redis (WRONGPASS, READONLY, OOM) or of the connection (ECONNREFUSED). */
function shortReason(message: string, code: string | undefined): string {
  if (code !== undefined && code !== '') return code;
  return /^[A-Z]{3,}\b/.exec(message)?.[0] ?? message;
}
