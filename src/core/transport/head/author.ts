import type { HeadSource } from './compose.ts';
import { upgradeHead, writeHead } from './compose.ts';
import type { SentHead } from './sent.ts';
import { headNotSeen } from './slot.ts';
import { composeFields, type StreamFields } from './stream-fields.ts';

/** Writes the head of one request, and records whether that has happened. */
export class HeadAuthor {
  readonly #source: HeadSource | null;
  readonly #method: string;
  readonly #path: string;
  #sent: SentHead | null = null;
  #stream: unknown = null;

  /**
   * @param source `null` leaves the head as undici writes it
   * @param path the target of the request line: an absolute URL for a proxy that forwards
   */
  constructor(source: HeadSource | null, method: string, path: string) {
    this.#source = source;
    this.#method = method;
    this.#path = path;
  }

  /** True once the head has been handed to the connection. */
  get isWritten(): boolean {
    return this.#sent !== null;
  }

  /** The head as it was written, `null` before. */
  get sent(): SentHead | null {
    return this.#sent;
  }

  /** On HTTP/2 the stream of the request (`node:http2`), otherwise `null`. */
  get stream(): unknown {
    return this.#stream;
  }

  /** Turns the fields that undici gives to the HTTP/2 stream into those that are sent. */
  fields(given: StreamFields): StreamFields | readonly string[] {
    const { head = null, cookie = null } = this.#source ?? {};
    return head === null ? given : composeFields(given, head, cookie);
  }

  /**
   * Turns undici's head into the one that is sent.
   * @throws RequestError ERR_PROTOCOL for the head of another request
   */
  write(text: string): string {
    const pathAt = this.#method.length + 1;
    const isOwn =
      text.startsWith(this.#method) &&
      text.startsWith(this.#path, pathAt) &&
      text.startsWith(' HTTP/1.1\r\n', pathAt + this.#path.length);
    if (!isOwn) throw headNotSeen();
    const sent = this.#compose(text);
    this.#sent = sent;
    return sent;
  }

  #compose(text: string): string {
    if (this.#source === null) return text;
    return this.#source.upgrade === undefined
      ? writeHead(this.#source, text)
      : upgradeHead(this.#source, text);
  }

  /** Records the stream on which the request was opened, and its fields. */
  opened(stream: unknown, fields: SentHead): void {
    this.#sent = fields;
    this.#stream = stream;
  }
}
