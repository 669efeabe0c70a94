import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { checkNumber, checkOneOf, checkOptions, own } from '../core/checks.ts';
import { invalidOption } from '../core/errors.ts';
import type { ObservedExchange, Observer } from '../core/flow/observer.ts';
import { copiesBytes } from '../core/flow/watch.ts';
import { Session } from '../core/session/session.ts';
import { packageVersion } from '../core/version.ts';
import { entryOf, type TakenBody, type TakenExchange } from './har-entry.ts';
import type { Har } from './har-format.ts';
import { Redactor } from './redactor.ts';

/** Options of {@link recordHar}. */
export interface RecordHarOptions {
  /** Where {@link HarRecording.stop} writes the file, readable only by its owner; no file when left out. */
  readonly path?: string | URL | undefined;
  /**
   * Whether bodies are kept: `embed` keeps them, `omit` keeps their sizes.
   * @default 'embed'
   */
  readonly content?: 'embed' | 'omit' | undefined;
  /**
   * Largest recorded body in bytes, both on the wire and decoded; larger bodies are left out, and event streams are
   * cut.
   * @default 1048576
   */
  readonly maxBody?: number | undefined;
  /**
   * How secrets are handled: cookie values, credentials, tokens and passwords in headers, queries, forms, JSON,
   * multipart bodies and pages. Each is replaced by a mark; equal secrets have equal marks within a recording. `{
   * names }` are further names of secret parameters, fields and headers. `false` keeps secrets: the recording is then
   * as secret as they are.
   * @default true
   */
  readonly redact?: boolean | { readonly names: readonly string[] } | undefined;
  /** Selects the exchanges to record; called at their start. @default all */
  readonly filter?: ((exchange: ObservedExchange) => boolean) | undefined;
}

/** A running recording. */
export interface HarRecording extends AsyncDisposable {
  /**
   * Ends the recording and returns it as HAR 1.2, after it has been written to the file, if there is one. Running
   * exchanges are included as far as they have progressed. A second call returns the same.
   *
   * @throws the error of the file system where the file cannot be written; another call tries again
   */
  stop(): Promise<Har>;
}

const keys: ReadonlySet<string> = new Set(['path', 'content', 'maxBody', 'redact', 'filter']);

/**
 * Records what a session sends and receives from now on: one entry for each hop of each attempt, with the heads as
 * sent and received, WebSockets and event streams included.
 *
 * @throws RequestError ERR_INVALID_OPTION, ERR_SESSION_CLOSED
 * @example
 * const recording = recordHar(session, { path: 'login.har' });
 * await session.fetch('https://shop.example/login', { method: 'POST', form: { user, password } });
 * await recording.stop();
 */
export function recordHar(session: Session, options: RecordHarOptions = {}): HarRecording {
  if (!(session instanceof Session)) throw invalidOption('session', 'a Session of createSession()', session);
  checkOptions(options, 'recordHar options', keys);
  const path = own(options, 'path');
  const filter = own(options, 'filter');
  if (path !== undefined && !(path instanceof URL) && (typeof path !== 'string' || path === '')) {
    throw invalidOption('path', 'a path, or a file: URL', path);
  }
  if (filter !== undefined && typeof filter !== 'function')
    throw invalidOption('filter', 'a function', filter);
  const recorder = new Recorder({
    embeds: checkOneOf('content', own(options, 'content') ?? 'embed', ['embed', 'omit']) === 'embed',
    maxBody: checkNumber('maxBody', own(options, 'maxBody') ?? 2 ** 20, { least: 0, integer: true }),
    redactor: resolveRedactor(own(options, 'redact') ?? true),
    filter: filter ?? null,
  });
  const end = session.observe(recorder.observer);
  let har: Har | undefined;
  const finish = async (): Promise<Har> => {
    har ??= recorder.write();
    if (path !== undefined) await writeWhole(path instanceof URL ? fileURLToPath(path) : path, har);
    return har;
  };
  let stopped: Promise<Har> | undefined;
  const stop = (): Promise<Har> => {
    end();
    stopped ??= finish().catch((error: unknown) => {
      stopped = undefined;
      throw error;
    });
    return stopped;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

function resolveRedactor(redact: unknown): Redactor | null {
  if (redact === false) return null;
  if (redact === true) return new Redactor([]);
  const { names }: { names?: unknown } = Object(redact);
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw invalidOption('redact', 'true, false or { names: [...] }', redact);
  }
  return new Redactor(names);
}

/** Written to another name first, so that readers see either the old file or the whole new one. */
async function writeWhole(path: string, har: Har): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(har, null, 2));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

interface RecorderSettings {
  readonly embeds: boolean;
  readonly maxBody: number;
  readonly redactor: Redactor | null;
  readonly filter: ((exchange: ObservedExchange) => boolean) | null;
}

/** Keeps all events. Reading, decoding and redacting happen at the end. */
class Recorder {
  readonly observer: Observer;
  readonly #settings: RecorderSettings;
  readonly #taken = new Map<ObservedExchange, TakenExchange>();
  readonly #callNumbers = new Map<number, number>();
  readonly #pieces = new KeptPieces();

  constructor(settings: RecorderSettings) {
    this.#settings = settings;
    const taken = this.#taken;
    this.observer = {
      onExchangeStart: (exchange) => this.#start(exchange),
      onMessage: (exchange, message) => {
        if (settings.embeds) taken.get(exchange)?.messages.push({ message, time: Date.now() });
      },
      onExchangeEnd: (exchange) => {
        const ended = taken.get(exchange);
        if (ended !== undefined) ended.endedAt = Date.now();
      },
      // Without these methods the bodies are not copied.
      ...(settings.embeds && {
        onRequestData: (exchange, chunk) => this.#take(taken.get(exchange)?.sent, chunk),
        onResponseData: (exchange, chunk) => this.#take(taken.get(exchange)?.received, chunk),
        [copiesBytes]: true,
      }),
    };
  }

  write(): Har {
    const { redactor } = this.#settings;
    const entries = [...this.#taken.values()].map((taken) =>
      entryOf(taken, { ...this.#settings, callNumbers: this.#callNumbers }),
    );
    this.#taken.clear();
    const creator = { name: 'jarfetch', version: packageVersion };
    // Without `pages`, which may be left out, Firefox's network panel reads no file.
    const log = { version: '1.2', creator, pages: [] };
    // Last, because a page can show a secret before a form marks it as one.
    return { log: { ...log, entries: redactor?.sweep(entries) ?? entries } };
  }

  #start(exchange: ObservedExchange): void {
    if (this.#settings.filter?.(exchange) === false) return;
    const { id } = exchange.call;
    if (!this.#callNumbers.has(id)) this.#callNumbers.set(id, this.#callNumbers.size + 1);
    const body = (): TakenBody => ({ chunks: [], length: 0, isCut: false });
    this.#taken.set(exchange, { exchange, sent: body(), received: body(), messages: [], endedAt: null });
  }

  #take(body: TakenBody | undefined, chunk: Uint8Array): void {
    if (body === undefined || body.isCut) return;
    body.isCut = body.length + chunk.length > this.#settings.maxBody;
    if (body.isCut) return;
    body.chunks.push(this.#pieces.keep(chunk));
    body.length += chunk.length;
  }
}

/** Bytes of one block, in which small pieces are kept: an ArrayBuffer of its own costs a piece more than its copy. */
const blockSize = 65_536;

/** Copies of pieces of bodies. */
class KeptPieces {
  #block = Buffer.alloc(0);

  keep(piece: Uint8Array): Uint8Array {
    if (piece.length > blockSize / 4) return new Uint8Array(piece);
    if (piece.length > this.#block.length) this.#block = Buffer.allocUnsafeSlow(blockSize);
    const kept = this.#block.subarray(0, piece.length);
    this.#block = this.#block.subarray(piece.length);
    kept.set(piece);
    return kept;
  }
}
