import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { ZstdFrames } from './zstd-frames.ts';

/** A content coding that can be undone. RFC 9110 section 8.4.1, RFC 8878. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** Longest chain of codings that is undone; past it a response is refused. */
export const maxCodings = 5;

const known: Readonly<Record<string, Coding>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
};

/**
 * The codings of a Content-Encoding header in the order in which they are undone.
 * `[]`: nothing to undo; `null`: an unknown coding, so the bytes are handed on as they are, as browsers do.
 */
export function parseCodings(header: string | string[] | undefined): Coding[] | null {
  if (header === undefined) return [];
  const codings: Coding[] = [];
  for (const name of String(header).split(',')) {
    const token = name.trim().toLowerCase();
    if (token === '' || token === 'identity') continue;
    const coding = Object.hasOwn(known, token) ? known[token] : undefined;
    if (coding === undefined) return null;
    codings.unshift(coding);
  }
  return codings;
}

/** Bodies up to this many bytes are decoded at once: a thread costs more than the work. */
const syncLimit = 32_768;

/** Undoes all codings of a whole body; never yields more than `maxBytes` (zlib's ERR_BUFFER_TOO_LARGE). */
export function decodeWhole(
  bytes: Uint8Array,
  codings: readonly Coding[],
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  // A body without a byte is taken as empty, whatever its header says.
  if (codings.length === 0 || bytes.length === 0) return bytes;
  if (bytes.length > syncLimit) return decodeInThread(bytes, codings, maxBytes);
  return codings.reduce<Uint8Array>((input, coding) => {
    checkWhole(coding, input);
    const chunkSize = coding === 'gzip' ? gzipChunk(input) : undefined;
    const limit = { maxOutputLength: maxBytes, ...(chunkSize !== undefined && { chunkSize }) };
    return whole[variant(coding, input)].now(input, limit);
  }, bytes);
}

/**
 * Bytes to make room for at once: as many as the end of gzip data says it has (RFC 1952 section 2.3.1), in place of
 * Node's 16 KiB. What it says is taken for a hint and no more: a lie must not cut a large body into tiny pieces.
 */
function gzipChunk(input: Uint8Array): number | undefined {
  const { buffer, byteOffset, length } = input;
  if (length < 4) return undefined;
  const said = new DataView(buffer, byteOffset + length - 4).getUint32(0, true);
  // One more, for else it would look for more in another piece.
  return said < largestChunk ? Math.max(zlib.constants.Z_MIN_CHUNK, length, said + 1) : largestChunk;
}

const largestChunk = 131_072;

async function decodeInThread(
  bytes: Uint8Array,
  codings: readonly Coding[],
  maxBytes: number,
): Promise<Uint8Array> {
  let output = bytes;
  for (const coding of codings) {
    checkWhole(coding, output);
    const { later } = whole[variant(coding, output)];
    output = await new Promise<Uint8Array>((resolve, reject) => {
      later(output, { maxOutputLength: maxBytes }, (error, result) =>
        error === null ? resolve(result) : reject(error),
      );
    });
  }
  return output;
}

function checkWhole(coding: Coding, input: Uint8Array): void {
  if (coding !== 'zstd') return;
  const frames = new ZstdFrames();
  frames.push(input);
  const fault = faultOf(frames);
  if (fault !== null) throw fault;
}

/** Why the end of zstd data is none; `null` when it is one. */
function faultOf(frames: ZstdFrames): Error | null {
  if (frames.isWhole && !frames.hasSeveral) return null;
  const reason = frames.hasSeveral
    ? 'several zstd frames, of which one would be undone'
    : 'unexpected end of zstd data';
  return Object.assign(new Error(reason), { code: 'Z_BUF_ERROR' });
}

type Variant = Coding | 'deflate-raw';
type Limit = { readonly maxOutputLength: number; readonly chunkSize?: number };

interface WholeDecoder {
  now(input: Uint8Array, limit: Limit): Uint8Array;
  later(input: Uint8Array, limit: Limit, callback: (error: Error | null, result: Uint8Array) => void): void;
}

const whole: Readonly<Record<Variant, WholeDecoder>> = {
  gzip: { now: zlib.gunzipSync, later: zlib.gunzip },
  deflate: { now: zlib.inflateSync, later: zlib.inflate },
  'deflate-raw': { now: zlib.inflateRawSync, later: zlib.inflateRaw },
  br: { now: zlib.brotliDecompressSync, later: zlib.brotliDecompress },
  zstd: { now: zlib.zstdDecompressSync, later: zlib.zstdDecompress },
};

const streaming: Readonly<Record<Variant, () => Transform>> = {
  gzip: zlib.createGunzip,
  deflate: zlib.createInflate,
  'deflate-raw': zlib.createInflateRaw,
  br: zlib.createBrotliDecompress,
  zstd: zlib.createZstdDecompress,
};

/** Servers send both forms of deflate; the low four bits of a zlib header are 8 (RFC 1950 section 2.2). */
function variant(coding: Coding, input: Uint8Array): Variant {
  return coding === 'deflate' && ((input[0] ?? 0) & 0x0f) !== 8 ? 'deflate-raw' : coding;
}

/** Where the bytes of a body go, piece by piece. */
export interface Sink {
  /** False: enough for now. */
  push(chunk: Uint8Array): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** A sink that holds back when its target has enough, until resume(). */
export interface ResumableSink extends Sink {
  resume(): void;
  /** Nothing more reaches the target. */
  destroy(): void;
}

/**
 * A sink in front of `target` that undoes the codings piece by piece.
 *
 * @param onDrain called when more may come after push() said enough
 */
export function decodePieces(codings: readonly Coding[], target: Sink, onDrain: () => void): ResumableSink {
  // From the target upwards; each is resumed by the one below it, the lowest by whoever reads.
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

/** Undoes one coding; its decoder is made when the first bytes tell which form of the coding they are. */
class DecodingSink implements Sink {
  readonly #coding: Coding;
  readonly #target: Sink;
  readonly #onDrain: () => void;
  readonly #frames: ZstdFrames | null;
  #decoder: Transform | null = null;

  constructor(coding: Coding, target: Sink, onDrain: () => void) {
    this.#coding = coding;
    this.#frames = coding === 'zstd' ? new ZstdFrames() : null;
    this.#target = target;
    this.#onDrain = onDrain;
  }

  push(chunk: Uint8Array): boolean {
    this.#frames?.push(chunk);
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

  #start(firstChunk: Uint8Array): Transform {
    const decoder = streaming[variant(this.#coding, firstChunk)]();
    decoder.on('data', (decoded: Uint8Array) => {
      if (!this.#target.push(decoded)) decoder.pause();
    });
    decoder.on('end', () => {
      const fault = this.#frames === null ? null : faultOf(this.#frames);
      if (fault === null) this.#target.end();
      else this.#target.fail(fault);
    });
    decoder.on('error', (error) => this.#target.fail(error));
    decoder.on('drain', this.#onDrain);
    this.#decoder = decoder;
    return decoder;
  }
}
