import { Readable } from 'node:stream';
import { RequestError, redactUrl } from '../errors.ts';
import { plainTimings, type Timings } from '../transport/timings.ts';
import { type Hop, toHop, withoutFragment } from './hop.ts';
import type { RawResponse } from './raw.ts';
import type { ResponseBody } from './response-body.ts';
import { contentLengthOf, toCookies, toHeaders } from './response-headers.ts';

/**
 * The response of a call: everything of a WHATWG Response, and more. `instanceof Response` holds. Headers and streams
 * are created at the first use.
 */
export interface SessionResponse extends Response {
  /** Every response of the call in order: redirects, then this one. */
  readonly hops: readonly Hop[];
  /** Cookies that this response set, by name; a name set twice has an array. */
  readonly cookies: Readonly<Record<string, string | string[]>>;
  /** Number of body bytes when the server has announced it and they are not encoded, else `null`. */
  readonly contentLength: number | null;
  /** How long each step took, as far as it is known at the time of reading; a new object each time. */
  readonly timings: Timings;
  /** Number of tries of the call: 1 without a retry. */
  readonly attempts: number;
  /** The body as bytes in their own memory; part of `Response` that older type libraries lack. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** The body as a Node.js stream. */
  readable(): Readable;
  /**
   * The body parsed as JSON, with the type that the caller gives; it is not checked.
   *
   * @throws SyntaxError with the status and the URL for a body that is not JSON
   */
  json<T = unknown>(): Promise<T>;
  clone(): SessionResponse;
}

let hasPrototype = false;

/** Makes the Response of a call. */
export function createResponse(raw: RawResponse): SessionResponse {
  if (!hasPrototype) {
    // Not at import, because the global loads all of Node's built-in fetch.
    Object.setPrototypeOf(LazyResponse.prototype, globalThis.Response.prototype);
    hasPrototype = true;
  }
  return new LazyResponse(raw, raw.body) as unknown as SessionResponse;
}

/** The raw response of a response that was created here, `null` for any other. A clone has the same one. */
export function rawOf(response: object): RawResponse | null {
  return LazyResponse.rawOf(response);
}

/**
 * Defines every member of Response, because inherited ones would access private state that this object lacks. It is
 * cheaper than a real Response, which needs a stream and a Headers.
 */
class LazyResponse {
  readonly #raw: RawResponse;
  #body: ResponseBody | null;
  #headers: Headers | undefined;
  #hops: readonly Hop[] | undefined;

  constructor(raw: RawResponse, body: ResponseBody | null) {
    this.#raw = raw;
    this.#body = body;
  }

  static rawOf(response: object): RawResponse | null {
    return #raw in response ? response.#raw : null;
  }

  get status(): number {
    return this.#raw.status;
  }

  get ok(): boolean {
    return this.#raw.status >= 200 && this.#raw.status < 300;
  }

  get statusText(): string {
    return this.#raw.statusText;
  }

  get type(): 'basic' {
    return 'basic';
  }

  get url(): string {
    return withoutFragment(this.#raw.url);
  }

  get redirected(): boolean {
    return this.#raw.hops.length > 1;
  }

  get headers(): Headers {
    // The body is decoded, so the header must not claim an encoding to a client that passes the response on.
    this.#headers ??= toHeaders(
      this.#raw.headers,
      this.#raw.body?.decoded === true ? encodingHeaders : noHeaders,
    );
    return this.#headers;
  }

  get hops(): readonly Hop[] {
    this.#hops ??= this.#raw.hops.map(toHop);
    return this.#hops;
  }

  get cookies(): Readonly<Record<string, string | string[]>> {
    return toCookies(this.#raw.headers['set-cookie']);
  }

  get contentLength(): number | null {
    return this.#raw.body?.decoded === true ? null : contentLengthOf(this.#raw.headers);
  }

  get timings(): Timings {
    return plainTimings(this.#raw.timings);
  }

  get attempts(): number {
    return this.#raw.attempts;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#body === null ? null : this.#body.stream();
  }

  get bodyUsed(): boolean {
    return this.#body?.used ?? false;
  }

  clone(): LazyResponse {
    if (this.#body?.used === true || this.#body?.locked === true) {
      throw new TypeError('Cannot clone a Response whose body is already used');
    }
    if (this.#body === null) return new LazyResponse(this.#raw, null);
    const [mine, theirs] = this.#body.tee();
    this.#body = mine;
    return new LazyResponse(this.#raw, theirs);
  }

  async text(): Promise<string> {
    const read = this.#read();
    // Bytes that have arrived are a plain value, which is not awaited.
    const bytes = read instanceof Promise ? await read : read;
    try {
      return toText(bytes);
    } catch (cause) {
      const message = 'The response body is larger than a string can be: read it as bytes or as a stream';
      throw new RequestError('ERR_BODY_TOO_LARGE', message, { cause, phase: 'body' });
    }
  }

  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.#noJson(text, String(error));
    }
  }

  /** A SyntaxError, as in fetch, that names the response. V8's own message would show a part of the body. */
  #noJson(text: string, problem: string): SyntaxError {
    const [position = ''] = / at position \d+/.exec(problem) ?? [];
    const found = text === '' ? 'is empty' : `is not JSON${position}`;
    // The only text from the server in a message is a media type.
    const type = /^[\w.+-]+\/[\w.+-]+/.exec(String(this.#raw.headers['content-type'] ?? ''))?.[0];
    const { status } = this;
    const what = type === undefined ? `${status}` : `${status}, ${type}`;
    const message = `The response body ${found} (${what}, ${redactUrl(this.#raw.url)})`;
    return Object.assign(new SyntaxError(message), { status });
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return ownMemory(await this.#read());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return ownMemory(await this.#read()).buffer;
  }

  async blob(): Promise<Blob> {
    const type = (this.headers.get('content-type') ?? '').replace(/(?<!\s)\s*;\s*/g, ';');
    return new Blob([(await this.#read()) as Uint8Array<ArrayBuffer>], { type });
  }

  async formData(): Promise<FormData> {
    const bytes = (await this.#read()) as Uint8Array<ArrayBuffer>;
    const type = this.headers.get('content-type') ?? '';
    // Form data is parsed by the platform.
    return new globalThis.Response(bytes, { headers: { 'content-type': type } }).formData();
  }

  readable(): Readable {
    this.#checkUnused();
    return (this.#body ?? emptyBody).readable();
  }

  #read(): Uint8Array | Promise<Uint8Array> {
    this.#checkUnused();
    return this.#body === null ? emptyBytes : this.#body.read();
  }

  #checkUnused(): void {
    if (this.#body?.used === true || this.#body?.locked === true) {
      throw new TypeError('Response body is already used');
    }
  }

  get [Symbol.toStringTag](): string {
    return 'Response';
  }

  /** Shows no headers and no body, because both may hold secrets. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const { status, redirected, bodyUsed } = this;
    return `Response { status: ${status}, url: '${redactUrl(this.#raw.url)}', redirected: ${redirected}, bodyUsed: ${bodyUsed} }`;
  }
}

/** The bytes are copied where they share their memory with other parts of the connection's buffer. */
function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes);
}

const emptyBytes = new Uint8Array(0);
const emptyBody = { readable: (): Readable => Readable.from([]) };

const noHeaders: ReadonlySet<string> = new Set();
const encodingHeaders: ReadonlySet<string> = new Set(['content-encoding', 'content-length']);

/** Decodes UTF-8 and drops the byte order mark, as Fetch's "UTF-8 decode" does. As in fetch, charsets are ignored. */
function toText(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
