/** A part of a response of HTTP/1.1. */
export type Message =
  | {
      readonly kind: 'head';
      readonly status: number;
      /** Without those that are about the connection. RFC 9113 section 8.2.2. */
      readonly fields: readonly (readonly [name: string, value: string])[];
    }
  | { readonly kind: 'body'; readonly bytes: Buffer }
  | { readonly kind: 'end' };

/** Reads one response, the informational ones before it included. Of what is no HTTP it makes a head without a status. */
export class MessageReader {
  readonly #isHead: boolean;
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  #state: 'head' | 'length' | 'size' | 'chunk' | 'trailers' | 'connection' | 'over' = 'head';

  /** @param isHead true where the request was HEAD */
  constructor(isHead: boolean) {
    this.#isHead = isHead;
  }

  get hasHead(): boolean {
    return this.#state !== 'head';
  }

  get endsWithConnection(): boolean {
    return this.#state === 'connection';
  }

  push(chunk: Buffer): Message[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const messages: Message[] = [];
    for (let next = this.#next(); next !== null; next = this.#next()) messages.push(next);
    return messages;
  }

  #next(): Message | null {
    switch (this.#state) {
      case 'head':
        return this.#head();
      case 'size':
        return this.#size();
      case 'trailers':
        return this.#line() === null ? null : this.#end();
      case 'over':
        return null;
      default:
        return this.#body();
    }
  }

  /** Takes what stands before `mark`, which it takes too; `null` while more must come. */
  #until(mark: string): string | null {
    const at = this.#pending.indexOf(mark);
    if (at < 0) return null;
    const text = this.#pending.toString('latin1', 0, at);
    this.#pending = this.#pending.subarray(at + mark.length);
    return text;
  }

  #line(): string | null {
    return this.#until('\r\n');
  }

  #head(): Message | null {
    const text = this.#until('\r\n\r\n');
    if (text === null) return null;
    const [line = '', ...lines] = text.split('\r\n');
    const status = Number(line.split(' ')[1]);
    const all = lines.map((each): [string, string] => {
      const colon = each.indexOf(':');
      return [each.slice(0, colon).toLowerCase(), each.slice(colon + 1).trim()];
    });
    const fieldOf = (wanted: string) => all.find(([name]) => name === wanted)?.[1];
    if (status >= 200) this.#startBody(status, fieldOf('transfer-encoding'), fieldOf('content-length'));
    return { kind: 'head', status, fields: all.filter(([name]) => !ofConnection.has(name)) };
  }

  #startBody(status: number, coding: string | undefined, length: string | undefined): void {
    if (this.#isHead || status === 204 || status === 304) this.#left = 0;
    else if (coding !== undefined) this.#state = 'size';
    else if (length === undefined) this.#state = 'connection';
    else this.#left = Number(length);
    if (this.#state === 'head') this.#state = 'length';
  }

  #size(): Message | null {
    const line = this.#line();
    if (line === null) return null;
    this.#left = Number.parseInt(line, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    return this.#next();
  }

  #body(): Message | null {
    const { length } = this.#pending;
    if (this.#state === 'connection') return length === 0 ? null : this.#take(length);
    if (this.#left > 0) {
      const bytes = Math.min(this.#left, length);
      this.#left -= bytes;
      return bytes === 0 ? null : this.#take(bytes);
    }
    if (this.#state === 'length') return this.#end();
    // Behind a chunk.
    if (this.#line() === null) return null;
    this.#state = 'size';
    return this.#next();
  }

  #take(length: number): Message {
    const bytes = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return { kind: 'body', bytes };
  }

  #end(): Message {
    this.#state = 'over';
    return { kind: 'end' };
  }
}

const ofConnection: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'],
]);
