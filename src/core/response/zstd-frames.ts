/**
 * Follows the frames of zstd data without decoding them, to find out whether the last one is complete. Older versions
 * of Node.js accept truncated data. RFC 8878 section 3.
 */
export class ZstdFrames {
  readonly #walk = walkFrames();
  #step: Step = { take: 0 };
  #taken: number[] = [];
  #skip = 0;
  #isBetween = true;
  #isBroken = false;
  #begun = -1;

  constructor() {
    this.#advance(new Uint8Array(0));
  }

  /** True when the data may end here. */
  get isWhole(): boolean {
    return this.#isBetween && this.#taken.length === 0 && this.#skip === 0 && !this.#isBroken;
  }

  /** True when there is more than one frame. Node.js decodes the first and silently ignores the others. */
  get hasSeveral(): boolean {
    return this.#begun > 1 || (this.#begun === 1 && !this.#isBetween);
  }

  push(chunk: Uint8Array): void {
    let index = 0;
    while (index < chunk.length && !this.#isBroken) {
      const skipped = Math.min(this.#skip, chunk.length - index);
      this.#skip -= skipped;
      index += skipped;
      while (this.#skip === 0 && this.#taken.length < this.#step.take && index < chunk.length) {
        this.#taken.push(chunk[index++] ?? 0);
      }
      if (this.#skip === 0 && this.#taken.length === this.#step.take) {
        this.#advance(Uint8Array.from(this.#taken.splice(0)));
      }
    }
  }

  #advance(bytes: Uint8Array): void {
    const { value, done } = this.#walk.next(bytes);
    if (done === true) {
      this.#isBroken = true;
      return;
    }
    this.#step = value;
    this.#skip = value.skip ?? 0;
    this.#isBetween = value.isBetween === true;
    if (this.#isBetween) this.#begun++;
  }
}

/** The next step: how many bytes to skip, then how many to read. */
interface Step {
  readonly skip?: number;
  readonly take: number;
  /** True where one frame has ended and another may begin. */
  readonly isBetween?: boolean;
}

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

function* walkFrames(): Generator<Step, void, Uint8Array> {
  for (;;) {
    const magic = number(yield { take: 4, isBetween: true });
    if (magic === frameMagic) yield* walkFrame();
    else if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
      const length = number(yield { take: 4 });
      if (length > 0) yield { skip: length - 1, take: 1 };
    } else return;
  }
}

const dictionaryBytes = [0, 1, 2, 4];
const sizeBytes = [0, 2, 4, 8];

function* walkFrame(): Generator<Step, void, Uint8Array> {
  const [descriptor = 0] = yield { take: 1 };
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const size = isSingleSegment && descriptor >> 6 === 0 ? 1 : (sizeBytes[descriptor >> 6] ?? 0);
  const header = (isSingleSegment ? 0 : 1) + (dictionaryBytes[descriptor & 3] ?? 0) + size;
  if (header > 0) yield { take: header };
  let isLast = false;
  while (!isLast) {
    const block = number(yield { take: 3 });
    isLast = (block & 1) === 1;
    const isRun = ((block >> 1) & 3) === 1;
    const length = isRun ? 1 : block >>> 3;
    if (length > 0) yield { skip: length - 1, take: 1 };
  }
  const hasChecksum = (descriptor & 4) !== 0;
  if (hasChecksum) yield { take: 4 };
}

/** Little-endian, unsigned. */
function number(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
