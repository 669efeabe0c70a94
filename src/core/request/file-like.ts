import { readParts } from '../transport/piece-sources.ts';

/** A Blob or File of any class: this realm's, another's, or a package's (fetch-blob, formdata-node, node-fetch). */
export interface FileLike {
  readonly size: number;
  readonly type: string;
  readonly name?: unknown;
  stream?(): unknown;
  arrayBuffer?(): Promise<ArrayBuffer>;
}

/** Recognises a Blob or File by its tag and members, because the classes of packages have no common ancestor. */
export function isFileLike(input: unknown): input is FileLike {
  if (input instanceof Blob) return true;
  if (typeof input !== 'object' || input === null) return false;
  const tag = Object.prototype.toString.call(input);
  if (tag !== '[object Blob]' && tag !== '[object File]') return false;
  const { size, stream, arrayBuffer }: Partial<FileLike> = input;
  return typeof size === 'number' && (typeof stream === 'function' || typeof arrayBuffer === 'function');
}

/** The file as part of a body: itself where it is a Blob, else an object that reads it piece by piece. */
export function toBlob(file: FileLike): Blob {
  return file instanceof Blob ? file : (new ForeignFile(file) as unknown as Blob);
}

/**
 * The parts as one Blob. A Blob cannot contain a file of another class; with one the result is an object that reads
 * all parts.
 */
export function joinParts(parts: readonly (Uint8Array | Blob)[]): Blob {
  if (parts.every((part) => part instanceof Uint8Array || part instanceof Blob)) {
    return new Blob(parts as ConstructorParameters<typeof Blob>[0]);
  }
  const blobs = parts.map((part) => (part instanceof Uint8Array ? part : toBlob(part)));
  const sizes = parts.map((part) => (part instanceof Uint8Array ? part.byteLength : part.size));
  const size = sizes.reduce((sum, each) => sum + each, 0);
  return toBlob({ size, type: '', stream: () => readParts(blobs) });
}

/** A file of another class with the members of a Blob that are used here. */
class ForeignFile {
  readonly #file: FileLike;

  constructor(file: FileLike) {
    this.#file = file;
  }

  get size(): number {
    return this.#file.size;
  }

  get type(): string {
    return this.#file.type;
  }

  /** The tag by which it is recognised as a body. */
  get [Symbol.toStringTag](): string {
    return 'Blob';
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.stream()) chunks.push(chunk);
    return new Uint8Array(Buffer.concat(chunks)).buffer;
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const stream = this.#file.stream?.();
    if (stream === undefined) yield new Uint8Array((await this.#file.arrayBuffer?.()) ?? new ArrayBuffer(0));
    else yield* piecesOf(stream);
  }
}

/** The pieces of a stream of any class: some older ones have a reader and are not iterable. */
export async function* piecesOf(stream: unknown): AsyncGenerator<Uint8Array> {
  if (Symbol.asyncIterator in Object(stream)) {
    yield* stream as AsyncIterable<Uint8Array>;
    return;
  }
  const reader = (stream as ReadableStream<Uint8Array>).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}
