import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Coding } from './codings.ts';
import { ZstdFrames } from './zstd-frames.ts';

/** Bodies up to this many bytes are decoded synchronously: a thread costs more than the work. */
const syncLimit = 32_768;
/** Most bytes that synchronous decoding may produce. It blocks the process while it runs. */
const syncOutputLimit = 1_048_576;

/** A body that is being decoded in threads. */
export interface Decoding {
  readonly result: Promise<Uint8Array>;
  /** Stops the work; `result` rejects with `reason`. */
  cancel(reason: unknown): void;
}

/**
 * Decodes all codings of a whole body; never produces more than `maxBytes` (zlib's ERR_BUFFER_TOO_LARGE).
 *
 * @returns the bytes where the work is small, else the decoding that continues in threads
 */
export function decodeWhole(
  bytes: Uint8Array,
  codings: readonly Coding[],
  maxBytes: number,
): Uint8Array | Decoding {
  // A body without bytes is treated as empty, whatever its header says.
  if (codings.length === 0 || bytes.length === 0) return bytes;
  const [coding] = codings;
  if (coding !== undefined && codings.length === 1 && bytes.length <= syncLimit) {
    const decoded = decodeAtOnce(bytes, coding, maxBytes);
    if (decoded !== null) return decoded;
  }
  return decodeInThreads(bytes, codings, maxBytes);
}

/** `null` where it would be more than {@link syncOutputLimit} bytes. */
function decodeAtOnce(bytes: Uint8Array, coding: Coding, maxBytes: number): Uint8Array | null {
  checkWhole(coding, bytes);
  const chunkSize = coding === 'gzip' ? gzipChunk(bytes) : undefined;
  const options = {
    maxOutputLength: Math.min(maxBytes, syncOutputLimit),
    info: true as const,
    ...(chunkSize !== undefined && { chunkSize }),
  };
  try {
    const { whole } = decoders[variant(coding, bytes)];
    const { buffer, engine } = whole(bytes, options) as Decoded;
    checkEnd(coding, engine, bytes.length);
    return buffer;
  } catch (error) {
    if (maxBytes > syncOutputLimit && Object(error).code === 'ERR_BUFFER_TOO_LARGE') return null;
    throw error;
  }
}

/**
 * Bytes to allocate at once: the size that the gzip trailer gives (RFC 1952 section 2.3.1), in place of Node's 16
 * KiB. The size is only a hint: a false one must not cut a large body into tiny pieces.
 */
function gzipChunk(input: Uint8Array): number | undefined {
  const { buffer, byteOffset, length } = input;
  if (length < 4) return undefined;
  const said = new DataView(buffer, byteOffset + length - 4).getUint32(0, true);
  // One byte more: after a full chunk zlib would allocate another one to detect the end.
  return said < largestChunk ? Math.max(zlib.constants.Z_MIN_CHUNK, length, said + 1) : largestChunk;
}

const largestChunk = 131_072;

function decodeInThreads(bytes: Uint8Array, codings: readonly Coding[], maxBytes: number): Decoding {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stop = (reason: unknown): void => {
    reject(reason);
    decoder.destroy();
  };
  const target: Sink = {
    push(chunk) {
      size += chunk.length;
      if (size > maxBytes) {
        stop(
          Object.assign(new RangeError('The decoded body is too large'), { code: 'ERR_BUFFER_TOO_LARGE' }),
        );
        return false;
      }
      chunks.push(chunk);
      return true;
    },
    end: () => resolve(Buffer.concat(chunks, size)),
    fail: stop,
  };
  const decoder = decodePieces(codings, target, () => {});
  decoder.push(bytes);
  decoder.end();
  return { result: promise, cancel: stop };
}

function checkWhole(coding: Coding, input: Uint8Array): void {
  if (coding !== 'zstd') return;
  const frames = new ZstdFrames();
  frames.push(input);
  const fault = faultOf(frames);
  if (fault !== null) throw fault;
}

/** The error of zstd data that is not complete; `null` when it is. */
function faultOf(frames: ZstdFrames): Error | null {
  if (frames.isWhole && !frames.hasSeveral) return null;
  const reason = frames.hasSeveral
    ? 'several zstd frames, of which one would be undone'
    : 'unexpected end of zstd data';
  return Object.assign(new Error(reason), { code: 'Z_BUF_ERROR' });
}

/**
 * Refuses data after the end of deflate and Brotli data, which Node.js ignores. After gzip data Node.js accepts zeros
 * and refuses anything else itself, and zstd frames are counted before.
 */
function checkEnd(coding: Coding, { bytesWritten }: ZlibStream, given: number): void {
  if ((coding !== 'deflate' && coding !== 'br') || bytesWritten === given) return;
  const message = `${given - bytesWritten} bytes behind the end of the ${coding} data`;
  throw Object.assign(new Error(message), { code: 'Z_DATA_ERROR' });
}

/** The part of a `node:zlib` decoder that gives the number of bytes that it consumed. */
type ZlibStream = Pick<zlib.Zlib, 'bytesWritten'>;

type Variant = Coding | 'deflate-raw';

interface WholeOptions {
  readonly maxOutputLength: number;
  readonly chunkSize?: number;
  readonly info: true;
}

/** What the functions of `node:zlib` return with the option `info`, which is missing from their types. */
interface Decoded {
  readonly buffer: Uint8Array;
  readonly engine: ZlibStream;
}

interface Decoder {
  readonly whole: (input: Uint8Array, options: WholeOptions) => unknown;
  pieces(options: { readonly chunkSize: number }): Transform & ZlibStream;
}

const decoders: Readonly<Record<Variant, Decoder>> = {
  gzip: { whole: zlib.gunzipSync, pieces: zlib.createGunzip },
  deflate: { whole: zlib.inflateSync, pieces: zlib.createInflate },
  'deflate-raw': { whole: zlib.inflateRawSync, pieces: zlib.createInflateRaw },
  br: { whole: zlib.brotliDecompressSync, pieces: zlib.createBrotliDecompress },
  zstd: { whole: zlib.zstdDecompressSync, pieces: zlib.createZstdDecompress },
};

/** Bytes of a piece. Each piece costs one task of a thread. */
const pieceSize = 65_536;

/** Servers send both forms of deflate; the low four bits of a zlib header are 8 (RFC 1950 section 2.2). */
function variant(coding: Coding, input: Uint8Array): Variant {
  return coding === 'deflate' && ((input[0] ?? 0) & 0x0f) !== 8 ? 'deflate-raw' : coding;
}

/** The destination of a body's bytes, piece by piece. */
export interface Sink {
  /** Returns false when the target has enough for now. */
  push(chunk: Uint8Array): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** A sink that stops when its target has enough, until resume() is called. */
export interface ResumableSink extends Sink {
  resume(): void;
  /** Passes nothing more to the target. */
  destroy(): void;
}

/**
 * A sink in front of `target` that decodes the codings piece by piece.
 *
 * @param onDrain called when more may be pushed after push() returned false
 */
export function decodePieces(codings: readonly Coding[], target: Sink, onDrain: () => void): ResumableSink {
  // Ordered from the target upwards. Each is resumed by the one below it, and the lowest by the reader.
  const sinks: DecodingSink[] = [];
  for (const coding of codings.toReversed()) {
    const above = sinks.length + 1;
    const resumeAbove = above === codings.length ? onDrain : () => sinks[above]?.resume();
    sinks.push(new DecodingSink(coding, sinks.at(-1) ?? target, resumeAbove));
  }
  const [last] = sinks;
  const first = sinks.at(-1);
  if (first === undefined || last === undefined) throw new TypeError('no coding to undo');
  return {
    push: (chunk) => first.push(chunk),
    end: () => first.end(),
    fail: (error) => first.fail(error),
    resume: () => last.resume(),
    destroy: () => {
      for (const sink of sinks) sink.destroy();
    },
  };
}

/** Decodes one coding. The decoder is created when the first bytes have arrived, which show the form of the coding. */
class DecodingSink implements Sink {
  readonly #coding: Coding;
  readonly #target: Sink;
  readonly #onDrain: () => void;
  readonly #frames: ZstdFrames | null;
  #decoder: (Transform & ZlibStream) | null = null;
  /** Bytes that the decoder was given. */
  #given = 0;

  constructor(coding: Coding, target: Sink, onDrain: () => void) {
    this.#coding = coding;
    this.#frames = coding === 'zstd' ? new ZstdFrames() : null;
    this.#target = target;
    this.#onDrain = onDrain;
  }

  push(chunk: Uint8Array): boolean {
    this.#frames?.push(chunk);
    this.#given += chunk.length;
    return (this.#decoder ?? this.#start(chunk)).write(chunk);
  }

  resume(): void {
    this.#decoder?.resume();
  }

  end(): void {
    if (this.#decoder === null) this.#target.end();
    else this.#decoder.end();
  }

  fail(error: unknown): void {
    this.#target.fail(error);
    this.destroy();
  }

  destroy(): void {
    this.#decoder?.destroy();
  }

  #start(firstChunk: Uint8Array): Transform & ZlibStream {
    const decoder = decoders[variant(this.#coding, firstChunk)].pieces({ chunkSize: pieceSize });
    decoder.on('data', (decoded: Uint8Array) => {
      if (!this.#target.push(decoded)) decoder.pause();
    });
    decoder.on('end', () => {
      const fault = this.#frames === null ? null : faultOf(this.#frames);
      if (fault !== null) this.#target.fail(fault);
      else this.#end(decoder);
    });
    decoder.on('error', (error) => this.#target.fail(error));
    decoder.on('drain', this.#onDrain);
    this.#decoder = decoder;
    return decoder;
  }

  #end(decoder: ZlibStream): void {
    try {
      checkEnd(this.#coding, decoder, this.#given);
    } catch (error) {
      this.#target.fail(error);
      return;
    }
    this.#target.end();
  }
}
