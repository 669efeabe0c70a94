import { maxTimerDelay } from '../checks.ts';

/** One event of a stream. HTML Standard, "server-sent events". */
export interface ServerSentEvent {
  /** `message` where the server names none. */
  readonly type: string;
  readonly data: string;
  /** Identity of the last event that had one, this one included; what a reconnect tells the server. */
  readonly lastEventId: string;
}

/** What a block of lines has said so far, and what outlives it. */
export interface EventState {
  lastEventId: string;
  /** Milliseconds before a reconnect, `null` while the server has named none. */
  retry: number | null;
}

/** A CR at the very end may be half of a CRLF, and is left for the next piece to decide. */
const lineEnds = /\r\n|\n|\r(?!$)/g;

/**
 * Parses the bytes of an event stream as they come. HTML Standard, "interpreting an event stream"; an event that the
 * end of the stream cuts off is never told.
 */
export class EventParser {
  readonly #state: EventState;
  readonly #maxEventBytes: number;
  readonly #decoder = new TextDecoder();
  readonly #data: string[] = [];
  #type = '';
  #id: string;
  /** What came since the last line end, in the pieces in which it came; joined once a line ends. */
  #pieces: string[] = [];
  #pending = 0;
  #size = 0;

  /** @param state written to as the server says so; it goes from one connection to the next */
  constructor(state: EventState, maxEventBytes: number) {
    this.#state = state;
    this.#id = state.lastEventId;
    this.#maxEventBytes = maxEventBytes;
  }

  /** True when the event under way is larger than allowed; what comes next would only make it larger. */
  get isTooLarge(): boolean {
    return this.#size + this.#pending > this.#maxEventBytes;
  }

  /** Takes bytes, gives the events that they complete. */
  push(chunk: Uint8Array): ServerSentEvent[] {
    const piece = this.#decoder.decode(chunk, { stream: true });
    const isUndecided = this.#pieces.at(-1)?.endsWith('\r') === true;
    this.#pieces.push(piece);
    this.#pending += piece.length;
    // A long line is not searched anew with each piece.
    if (!isUndecided && !/[\r\n]/.test(piece)) return [];
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

  #line(line: string): ServerSentEvent | null {
    if (line === '') return this.#dispatch();
    this.#size += line.length;
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line.charCodeAt(colon + 1) === 0x20 ? 2 : 1));
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
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
