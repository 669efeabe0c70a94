import type { HeaderEntry } from '../core/http.ts';
import { isLegacyHandler } from '../core/transport/leased-handler.ts';
import { toBytes } from '../core/transport/piece-sources.ts';
import { Dispatcher, Dispatcher1Wrapper, errors } from '../core/undici.ts';

/** A request as it would be sent. */
export interface GivenRequest {
  readonly method: string;
  /** Without a fragment. */
  readonly url: string;
  /** In the given order and spelling, one character per byte. */
  readonly headers: readonly HeaderEntry[];
  /** All bytes where they are available, a stream for a body that is sent in chunks, `null` for none. */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  /** Aborted together with the request. */
  readonly signal: AbortSignal;
}

/** The answer that replaces a server's response. */
export interface GivenAnswer {
  readonly status: number;
  readonly statusText: string;
  /** One character per byte. */
  readonly headers: readonly HeaderEntry[];
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Answers a request. A rejection is the failure of the request. */
export type Answerer = (request: GivenRequest) => Promise<GivenAnswer>;

/**
 * An undici Dispatcher without a network: a function answers instead of servers. Everything above the connections is
 * the real code.
 */
export class AnsweringDispatcher extends Dispatcher {
  readonly #answer: Answerer;
  #legacy: Dispatcher | undefined;

  constructor(answer: Answerer) {
    super();
    this.#answer = answer;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (isLegacyHandler(handler)) {
      this.#legacy ??= new Dispatcher1Wrapper(this);
      return this.#legacy.dispatch(options, handler);
    }
    void new AnsweredExchange(options, handler).run(this.#answer);
    return true;
  }

  /** Does nothing: there is nothing to close. */
  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    if (callback === undefined) return Promise.resolve();
    queueMicrotask(callback);
  }

  /** As {@link close}. */
  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | void {
    const callback = typeof first === 'function' ? first : second;
    return callback === undefined ? this.close() : this.close(callback);
  }
}

/** One request and its answer. Calls an undici handler in the order in which a connection would. */
class AnsweredExchange implements Dispatcher.DispatchController {
  rawHeaders: Buffer[] = [];
  rawTrailers: Buffer[] = [];
  paused = false;
  reason: Error | null = null;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #abort = new AbortController();
  #resumed: PromiseWithResolvers<void> | null = null;
  #isOver = false;

  constructor(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
    this.#options = options;
    this.#handler = handler;
  }

  get aborted(): boolean {
    return this.#abort.signal.aborted;
  }

  async run(answer: Answerer): Promise<void> {
    try {
      this.#handler.onRequestStart?.(this, {});
      this.#tell(await answer(this.#request()));
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  abort(reason: Error): void {
    if (this.#isOver) return;
    this.reason = reason;
    this.#fail(reason);
    this.#abort.abort(reason);
    this.resume();
  }

  pause(): void {
    this.paused = true;
    this.#resumed ??= Promise.withResolvers();
  }

  resume(): void {
    this.paused = false;
    this.#resumed?.resolve();
    this.#resumed = null;
  }

  /** Works once: anything that the answer does after its end is ignored. */
  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.onResponseError?.(this, error);
  }

  #request(): GivenRequest {
    const { method, origin, path, headers, upgrade } = this.#options;
    // undici writes these fields itself.
    const asked: HeaderEntry[] =
      typeof upgrade === 'string'
        ? [
            ['Connection', 'Upgrade'],
            ['Upgrade', upgrade],
          ]
        : [];
    return {
      method,
      url: `${new URL(String(origin)).origin}${path}`,
      headers: [...asked, ...entriesOf(headers)],
      body: this.#body(),
      signal: this.#abort.signal,
    };
  }

  #body(): GivenRequest['body'] {
    const body: unknown = this.#options.body;
    if (body === null || body === undefined) {
      this.#handler.onRequestSent?.();
      return null;
    }
    if (typeof body !== 'string' && !ArrayBuffer.isView(body)) {
      return ReadableStream.from(this.#pieces(body as AsyncIterable<unknown>));
    }
    // A copy. Invariant: your objects are yours.
    const bytes = new Uint8Array(toBytes(body));
    this.#handler.onBodySent?.(Buffer.from(bytes));
    this.#handler.onRequestSent?.();
    return bytes;
  }

  async *#pieces(body: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      const bytes = new Uint8Array(toBytes(piece));
      if (!this.#isOver) this.#handler.onBodySent?.(Buffer.from(bytes));
      yield bytes;
    }
    if (!this.#isOver) this.#handler.onRequestSent?.();
  }

  #tell({ status, statusText, headers, body }: GivenAnswer): void {
    if (this.#isOver) {
      void body?.cancel(this.reason).catch(() => {});
      return;
    }
    this.rawHeaders = headers.flat().map((part) => Buffer.from(part, 'latin1'));
    this.#handler.onResponseStarted?.();
    this.#handler.onResponseStart?.(this, status, parsedHeaders(headers), statusText);
    if (body === null || this.#options.method === 'HEAD') {
      void body?.cancel().catch(() => {});
      this.#end();
    } else void this.#pass(body.getReader());
  }

  /** Passes on the answer's body with backpressure. */
  async #pass(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    this.#abort.signal.addEventListener('abort', () => void reader.cancel(this.reason).catch(() => {}));
    try {
      for (;;) {
        await this.#resumed?.promise;
        const { done, value } = await reader.read();
        // Data that was read before a pause is kept until the pause ends.
        await this.#resumed?.promise;
        if (this.#isOver) return;
        if (done) return this.#end();
        this.#handler.onResponseData?.(this, Buffer.from(toBytes(value)));
      }
    } catch (error) {
      this.#fail(error as Error);
      void reader.cancel(error).catch(() => {});
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.onResponseEnd?.(this, {});
  }
}

/** Headers in any form that undici accepts, as a list. */
function entriesOf(headers: Dispatcher.DispatchOptions['headers']): HeaderEntry[] {
  if (headers === null || headers === undefined) return [];
  if (!Array.isArray(headers)) {
    const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
    return pairs.flatMap(([name, value = []]) =>
      [value].flat().map((each): HeaderEntry => [name, String(each)]),
    );
  }
  if (headers.length % 2 !== 0) throw new errors.InvalidArgumentError('headers array must be even');
  return headers.flatMap((name, at): HeaderEntry[] =>
    at % 2 === 0 ? [[String(name), String(headers[at + 1])]] : [],
  );
}

/** Lower-case names, repeated fields as lists, as undici's parser makes them. */
function parsedHeaders(headers: readonly HeaderEntry[]): Record<string, string | string[]> {
  const parsed: Record<string, string | string[]> = Object.create(null);
  for (const [spelling, value] of headers) {
    const name = spelling.toLowerCase();
    const earlier = parsed[name];
    parsed[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  return parsed;
}
