/** Most pieces that are kept separately; beyond it small ones are joined. */
const looseLimit = 512;

/** The pieces of a body before it is read. */
export class KeptPieces {
  readonly #pieces: Uint8Array[] = [];
  #loose = 0;
  #looseBytes = 0;

  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** A piece costs a hundred bytes besides its data, so pieces of a server that sends single bytes are joined. */
  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#loose++;
    this.#looseBytes += piece.length;
    if (this.#loose < looseLimit) return;
    if (this.#looseBytes < looseLimit * 1024) {
      this.#pieces.push(Buffer.concat(this.#pieces.splice(-this.#loose)));
    }
    this.#loose = 0;
    this.#looseBytes = 0;
  }

  take(): Uint8Array[] {
    return this.#pieces.splice(0);
  }

  /** Removes and returns everything as one piece, without a copy where it is one already. */
  join(): Uint8Array {
    const [only] = this.#pieces;
    const bytes = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces);
    this.clear();
    return bytes;
  }

  clear(): void {
    this.#pieces.length = 0;
  }
}
