import { maxTimerDelay } from '../checks.ts';
import { hasFieldControl } from '../http.ts';

/** One event of a stream. HTML Standard, "server-sent events". */
export interface ServerSentEvent {
  /** `message` where the server names none. */
  readonly type: string;
  readonly data: string;
  /** Id of the last event that had one, this one included; a reconnect sends it as Last-Event-ID. */
  readonly lastEventId: string;
}

/** The state that a stream keeps across its connections. */
export interface EventState {
  lastEventId: string;
  /** Milliseconds before a reconnect, `null` while the server has sent none. */
  retry: number | null;
}

/** HTML Standard, section 9.2.5: a CR, an LF or both end a line. */
const lineEnds = /\r\n?|\n/g;

/** Longest event id that is kept, in bytes of UTF-8: it is sent to the server in a header. */
const maxIdBytes = 4096;

/**
 * Whether the Last-Event-ID header can carry an id: no control characters, and not too long. The HTML Standard
 * ignores ids with NUL for the same reason.
 */
export function isEventId(id: string): boolean {
  return id.length <= maxIdBytes && Buffer.byteLength(id) <= maxIdBytes && !hasFieldControl(id);
}

/**
 * Parses the bytes of an event stream as they arrive. HTML Standard, "interpreting an event stream". An event that
 * the end of the stream cuts off is dropped.
 */
export class EventParser {
  readonly #state: EventState;
  readonly #maxEventBytes: number;
  readonly #decoder = new TextDecoder();
  readonly #data: string[] = [];
  #type = '';
  #id: string;
  /** The bytes since the last line end, in the pieces in which they arrived; joined when a line ends. */
  #pieces: string[] = [];
  #pending = 0;
  #size = 0;
  /** True after a CR that ended the last piece: an LF at the start of the next one belongs to it. */
  #skipsLineFeed = false;

  /** @param state updated from the stream, and passed on to the next connection */
  constructor(state: EventState, maxEventBytes: number) {
    this.#state = state;
    this.#id = state.lastEventId;
    this.#maxEventBytes = maxEventBytes;
  }

  /** True when the current event is larger than allowed. */
  get isTooLarge(): boolean {
    return this.#size + this.#pending > this.#maxEventBytes;
  }

  /** Parses bytes and returns the events that they complete. */
  push(chunk: Uint8Array): ServerSentEvent[] {
    const piece = this.#decode(chunk);
    this.#pieces.push(piece);
    this.#pending += piece.length;
    // The start of a long line is not searched again with each piece.
    if (!/[\r\n]/.test(piece)) return [];
    const text = this.#pieces.join('');
    const events: ServerSentEvent[] = [];
    let from = 0;
    for (const { 0: end, index } of text.matchAll(lineEnds)) {
      const event = this.#line(text.slice(from, index));
      if (event !== null) events.push(event);
      from = index + end.length;
    }
    this.#pieces = [text.slice(from)];
    this.#pending = text.length - from;
    return events;
  }

  #decode(chunk: Uint8Array): string {
    const piece = this.#decoder.decode(chunk, { stream: true });
    if (piece === '') return piece;
    const text = this.#skipsLineFeed && piece.startsWith('\n') ? piece.slice(1) : piece;
    this.#skipsLineFeed = piece.endsWith('\r');
    return text;
  }

  #line(line: string): ServerSentEvent | null {
    if (line === '') return this.#dispatch();
    this.#size += line.length;
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line.charCodeAt(colon + 1) === 0x20 ? 2 : 1));
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id' && isEventId(value)) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value))
      this.#state.retry = Math.min(Number(value), maxTimerDelay);
    return null;
  }

  #dispatch(): ServerSentEvent | null {
    this.#state.lastEventId = this.#id;
    const [type, data] = [this.#type, this.#data.splice(0)];
    this.#type = '';
    this.#size = 0;
    if (data.length === 0) return null;
    return { type: type === '' ? 'message' : type, data: data.join('\n'), lastEventId: this.#id };
  }
}
