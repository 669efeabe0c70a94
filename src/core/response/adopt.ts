import { RequestError } from '../errors.ts';
import type { RawHeaders } from '../http.ts';
import type { Timings } from '../transport/timings.ts';
import { IncomingBody } from './incoming-body.ts';
import type { RawResponse } from './raw.ts';
import type { Flow } from './response-body.ts';

/** The properties of a call that a Response from elsewhere does not have. */
export interface Adoption {
  readonly method: string;
  readonly url: URL;
  readonly maxBodyBytes: number;
  /** The last response of a server in this call. The new response takes over its URL, hops and timings. */
  readonly last: RawResponse | null;
}

/** A response of a call, created from another Response. */
export interface Adopted {
  readonly raw: RawResponse;
  /** Ends the body early; does nothing once it is complete. */
  fail(reason: unknown): void;
}

/** Recognises a Response of any realm or copy of undici. */
export function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && Object.prototype.toString.call(value) === '[object Response]';
}

/**
 * Creates a response of a call from any Response. Its body is read on demand. Cookies in its headers are not stored,
 * because no server set them in this call.
 *
 * @throws RequestError ERR_INVALID_BODY for a Response whose body is already used
 */
export function adoptResponse(response: Response, { method, url, maxBodyBytes, last }: Adoption): Adopted {
  const { status, statusText, body: stream } = response;
  if (response.bodyUsed || stream?.locked === true) {
    throw new RequestError('ERR_INVALID_BODY', 'A middleware returned a Response whose body is already used');
  }
  const source = stream === null ? null : new StreamSource(stream, maxBodyBytes);
  const own = {
    ...{ method, url: last?.url ?? url, sent: null, status, statusText },
    ...{ headers: rawHeaders(response.headers), body: source?.body ?? null, setCookies: [] },
  };
  return {
    raw: {
      ...own,
      hops: last?.hops ?? [own],
      timings: last?.timings ?? noTimings,
      attempts: last?.attempts ?? 1,
    },
    fail: (reason) => source?.fail(reason),
  };
}

const noTimings: Timings = {
  ...{ queued: 0, dns: null, connect: null, tls: null },
  ...{ sent: null, headers: null, body: null },
};

function rawHeaders(headers: Headers): RawHeaders {
  const raw: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of headers) if (name !== 'set-cookie') raw[name] = value;
  const lines = headers.getSetCookie();
  if (lines.length > 0) raw['set-cookie'] = lines;
  return raw;
}

/** Moves the bytes of a stream into a body, as fast as the reader of the body takes them. */
class StreamSource implements Flow {
  readonly body: IncomingBody;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #isPaused = false;
  #isReading = false;

  constructor(stream: ReadableStream<Uint8Array>, maxBytes: number) {
    this.#reader = stream.getReader();
    this.body = new IncomingBody(
      { codings: [], undoesContent: false, maxBytes, describe: () => ({}), fromSocket: false },
      this,
    );
    void this.#read();
  }

  fail(reason: unknown): void {
    this.body.fail(reason);
    this.#cancel(reason);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    void this.#read();
  }

  abort(reason: Error): void {
    this.#cancel(reason);
  }

  /** Nothing is decoded here. */
  reopen(): void {}

  close(): void {}

  #cancel(reason: unknown): void {
    this.#isPaused = true;
    this.#reader.cancel(reason).catch(() => {});
  }

  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (!this.#isPaused) {
        const { done, value } = await this.#reader.read();
        if (done) return this.body.finish();
        this.body.push(value);
      }
    } catch (error) {
      this.body.fail(error);
    } finally {
      this.#isReading = false;
    }
  }
}
