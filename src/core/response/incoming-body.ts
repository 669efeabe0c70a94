import type { Readable } from 'node:stream';
import { RequestError } from '../errors.ts';
import { decodeError, tooLarge, unwanted } from './body-errors.ts';
import { ByteStream } from './byte-stream.ts';
import type { Decoding, ResumableSink, Sink } from './decode.ts';
import { decodeArrived } from './decode-arrived.ts';
import { decodeStream } from './expansion.ts';
import { KeptPieces } from './kept-pieces.ts';
import { createReadable, sinkOf } from './readable-sink.ts';
import type { ArrivingBody, BodySettings, Flow, ResponseBody } from './response-body.ts';
import { isDisturbed, readStream, takenStream, teeStream, toReadable } from './stream-body.ts';

/** Bytes that are kept without a reader, before the connection is paused. */
const unreadLimit = 65_536;
/** Bytes of a discarded body that are read to make its connection reusable. */
const discardLimit = 65_536;
/** Milliseconds that a discarded body may take before its connection is ended. */
const discardTime = 1000;

/**
 * The body of a response as it arrives. It is kept in memory until it is read whole or as a stream. A stream is
 * created on demand.
 */
export class IncomingBody implements ArrivingBody {
  #onDone: ((failure: { readonly reason: unknown } | null) => void) | null = null;
  #used = false;
  #settings: BodySettings;
  #flow: Flow;
  readonly #kept = new KeptPieces();
  #buffered = 0;
  /** `decoding`: all bytes have arrived, and the limits of the call still apply. `complete`: they no longer apply. */
  #state: 'open' | 'decoding' | 'complete' | 'failed' = 'open';
  #error: unknown;
  #whole: PromiseWithResolvers<Uint8Array> | null = null;
  #sink: Sink | null = null;
  #decoder: ResumableSink | null = null;
  #stream: ReadableStream<Uint8Array> | null = null;
  #discardTimer: NodeJS.Timeout | null = null;
  #decoding: Decoding | null = null;
  #isReopened = false;

  constructor(settings: BodySettings, flow: Flow) {
    this.#settings = settings;
    this.#flow = flow;
  }

  get used(): boolean {
    // A stream that was requested but not read is not used. Fetch Standard, "disturbed".
    return this.#used || (this.#stream !== null && isDisturbed(this.#stream));
  }

  get decoded(): boolean {
    return this.#settings.undoesContent;
  }

  get locked(): boolean {
    return this.#stream?.locked === true;
  }

  whenDone(callback: (failure: { readonly reason: unknown } | null) => void): void {
    this.#onDone = callback;
    if (this.#state === 'complete' || this.#state === 'failed') this.#tellDone();
  }

  #tellDone(): void {
    // A discarded body does not make its call fail.
    const isFailure = this.#state === 'failed' && this.#discardTimer === null;
    this.#onDone?.(isFailure ? { reason: this.#error } : null);
    this.#onDone = null;
  }

  push(chunk: Uint8Array): void {
    // undici passes an empty piece when it resumes after a pause. A byte stream does not accept one.
    if (chunk.length === 0) return;
    if (this.#sink !== null) {
      if (!this.#sink.push(chunk)) this.#flow.pause();
      return;
    }
    this.#buffered += chunk.length;
    if (this.#discardTimer !== null) {
      if (this.#buffered > discardLimit) this.#cut();
      return;
    }
    this.#kept.add(chunk);
    if (this.#whole !== null) {
      if (this.#buffered > this.#settings.maxBytes) this.#refuse(tooLarge(this.#settings, null));
    } else if (this.#buffered >= unreadLimit) {
      this.#flow.pause();
    }
  }

  finish(): void {
    if (this.#state !== 'open') return;
    if (this.#whole !== null) {
      this.#state = 'decoding';
      this.#decodeInto(this.#whole);
    } else if (this.#sink !== null && this.#settings.codings.length > 0) {
      // The decoder reports the end.
      this.#state = 'decoding';
      this.#sink.end();
    } else {
      this.#sink?.end();
      this.#complete();
    }
  }

  fail(error: unknown): void {
    if (this.#state === 'complete' || this.#state === 'failed') return;
    this.#state = 'failed';
    this.#error = error;
    this.#kept.clear();
    this.#decoding?.cancel(error);
    this.#sink?.fail(error);
    this.#whole?.reject(error);
    this.#settled();
  }

  #complete(): void {
    this.#state = 'complete';
    this.#settled();
  }

  #settled(): void {
    if (this.#discardTimer !== null) clearTimeout(this.#discardTimer);
    this.#tellDone();
    if (this.#isReopened) this.#flow.close();
    this.#isReopened = false;
  }

  /** Starts to decode a body that arrived unread. The call was over, so its limits are started again. */
  #reopen(): void {
    this.#state = 'decoding';
    this.#isReopened = true;
    this.#flow.reopen();
  }

  /** Ends the transfer: the reader gets `error`, and the connection is closed. */
  #refuse(error: Error): void {
    this.fail(error);
    this.#flow.abort(error);
  }

  #cut(): void {
    this.#refuse(unwanted(this.#settings));
  }

  read(): Uint8Array | Promise<Uint8Array> {
    if (this.#stream !== null) return readStream(this.#stream, this.#settings);
    this.#used = true;
    if (this.#state === 'failed') return Promise.reject(this.#error);
    if (this.#state === 'complete') return this.#readArrived();
    this.#whole = Promise.withResolvers<Uint8Array>();
    if (this.#buffered > this.#settings.maxBytes) this.#refuse(tooLarge(this.#settings, null));
    else this.#flow.resume();
    return this.#whole.promise;
  }

  /** The bytes that have arrived: a plain value where no thread is used. */
  #readArrived(): Uint8Array | Promise<Uint8Array> {
    const decoded = this.#decode();
    if (decoded instanceof Uint8Array) return decoded;
    this.#whole = Promise.withResolvers<Uint8Array>();
    this.#follow(decoded, this.#whole);
    this.#reopen();
    return this.#whole.promise;
  }

  #decodeInto(whole: PromiseWithResolvers<Uint8Array>): void {
    let decoded: Uint8Array | Decoding;
    try {
      decoded = this.#decode();
    } catch (error) {
      this.fail(error);
      return;
    }
    if (!(decoded instanceof Uint8Array)) {
      this.#follow(decoded, whole);
      return;
    }
    whole.resolve(decoded);
    this.#complete();
  }

  /** Settles `whole` with a decoding in threads, which is stopped early when the call must end. */
  #follow(decoding: Decoding, whole: PromiseWithResolvers<Uint8Array>): void {
    this.#decoding = decoding;
    decoding.result.then(
      (bytes) => {
        if (this.#state !== 'decoding') return;
        whole.resolve(bytes);
        this.#complete();
      },
      (cause) => {
        if (this.#state === 'decoding') this.fail(decodeError(this.#settings, cause));
      },
    );
  }

  #decode(): Uint8Array | Decoding {
    return decodeArrived(this.#kept.join(), this.#settings);
  }

  stream(): ReadableStream<Uint8Array> {
    if (this.#stream !== null) return this.#stream;
    if (this.#used) {
      this.#stream = takenStream();
      return this.#stream;
    }
    let resume = (): void => {};
    const target = new ByteStream(
      { pull: () => resume(), cancel: () => this.discard() },
      unreadLimit,
      this.#settings.fromSocket && this.#settings.codings.length === 0,
    );
    this.#stream = target.stream;
    resume = this.#attach(target);
    return this.#stream;
  }

  readable(): Readable {
    if (this.#stream !== null) return toReadable(this.#stream);
    this.#used = true;
    let resume = (): void => {};
    const pull = { read: () => resume(), cancel: () => this.discard() };
    const readable = createReadable(unreadLimit, pull);
    resume = this.#attach(sinkOf(readable));
    return readable;
  }

  /**
   * Sends the bytes that have arrived, and later ones, to `target`, decoded. Returns a function that resumes it.
   */
  #attach(target: Sink): () => void {
    const { codings } = this.#settings;
    const resumeFlow = (): void => this.#flow.resume();
    let resume = resumeFlow;
    let sink = target;
    if (codings.length > 0) {
      const failing: Sink = {
        push: (chunk) => target.push(chunk),
        end: () => {
          target.end();
          if (this.#state === 'decoding') this.#complete();
        },
        fail: (error) => {
          const isOurs = error instanceof RequestError || this.#state === 'failed';
          const failure = isOurs ? error : decodeError(this.#settings, error);
          target.fail(failure);
          if (this.#state === 'open') this.#refuse(failure as Error);
          else if (this.#state === 'decoding') this.fail(failure);
        },
      };
      const decoder = decodeStream(this.#settings, failing, resumeFlow);
      this.#decoder = decoder;
      sink = decoder;
      resume = () => decoder.resume();
    }
    let wantsMore = true;
    for (const chunk of this.#kept.take()) wantsMore = sink.push(chunk);
    if (this.#state === 'complete') {
      if (codings.length > 0) {
        this.#sink = sink;
        this.#reopen();
      }
      sink.end();
    } else if (this.#state === 'failed') sink.fail(this.#error);
    else {
      this.#sink = sink;
      if (wantsMore) this.#flow.resume();
    }
    return resume;
  }

  discard(): void {
    this.#used = true;
    this.#kept.clear();
    this.#sink = null;
    // Data that is decoded later has no reader.
    this.#decoder?.destroy();
    if (this.#state === 'decoding') this.#complete();
    if (this.#state !== 'open' || this.#discardTimer !== null) return;
    this.#discardTimer = setTimeout(() => this.#cut(), discardTime);
    this.#discardTimer.unref();
    if (this.#buffered > discardLimit) this.#cut();
    else this.#flow.resume();
  }

  tee(): [ResponseBody, ResponseBody] {
    if (this.#state !== 'complete' || this.#stream !== null || this.#settings.codings.length > 0)
      return teeStream(this.stream(), this.#settings);
    const copy = new IncomingBody(this.#settings, this.#flow);
    // Each stream gets copies, because a byte stream takes over the memory of its chunks.
    for (const chunk of this.#kept.pieces) copy.#kept.add(new Uint8Array(chunk));
    copy.#state = 'complete';
    return [this, copy];
  }
}
