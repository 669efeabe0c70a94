import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBoolean, ownCopy, unknownOption } from '../core/checks.ts';
import { invalidOption, RequestError, redactUrl } from '../core/errors.ts';
import { nearName } from '../core/near-names.ts';
import type { RequestInit, Session, SessionResponse } from '../index.ts';
import { type Checksum, type ExpectedDigest, parseChecksum, verify } from './download/checksum.ts';
import { type DownloadFiles, fileError, PartFile, systemFiles } from './download/part-file.ts';
import { DownloadProgress } from './download/progress.ts';
import { continuation, type KeptPart, validatorOf } from './download/validator.ts';
import { plainHeaders } from './navigate/visit-init.ts';
import { checkSession } from './open-page.ts';

/** The options of `session.fetch`, and of the file. `onProgress` also counts the bytes of an earlier download. */
export interface DownloadOptions extends RequestInit {
  /**
   * True: continues an earlier download of this URL to this path, where the server still has the same version. Only
   * for GET; the request accepts no content coding.
   * @default false
   */
  readonly resume?: boolean | undefined;
  /**
   * The expected checksum: `sha256:…` in hexadecimal or Base64, or `{ algorithm, value }`. A file with another
   * checksum is removed, and the error is ERR_CHECKSUM.
   * @default not checked
   */
  readonly checksum?: string | Checksum | undefined;
}

/** A complete downloaded file. */
export interface DownloadedFile {
  /** An absolute path. */
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes of it from an earlier download. */
  readonly resumedFrom: number;
  /** The response of the server. Its body has been read. */
  readonly response: SessionResponse;
}

/** Statuses whose body is the file or a part of it. */
const wholeStatuses: ReadonlySet<number> = new Set([200, 201, 203]);

/** Paths that this process writes to at the moment. */
const busy = new Set<string>();

/**
 * Downloads a file. It is written as `path.part`, synced to the disk, and renamed when it is complete; it replaces a
 * file of the same name. After a failure the part stays if it can be continued, else it is removed.
 *
 * @param path the path of the file, or a file: URL; its folder must exist
 * @throws RequestError ERR_STATUS for a response without a file, ERR_BODY_TRUNCATED, ERR_CHECKSUM, ERR_FILE for a
 * file that cannot be written, ERR_INVALID_OPTION, and what `session.fetch` throws
 * @example
 * await download(session, '/reports/7.csv', './report.csv', { resume: true, checksum: 'sha256:9f86…' });
 */
export function download(
  session: Session,
  url: string | URL,
  path: string | URL,
  options: DownloadOptions = {},
): Promise<DownloadedFile> {
  return downloadWith(systemFiles, session, url, path, options);
}

/** @param files replaces the file system in tests */
export async function downloadWith(
  files: DownloadFiles,
  session: Session,
  url: string | URL,
  path: string | URL,
  options: DownloadOptions,
): Promise<DownloadedFile> {
  checkSession(session);
  const { resume = false, checksum, ...init } = ownCopy('options', options);
  if (checkBoolean('resume', resume)) checkResumable(init);
  checkNames(init);
  checkHeaders(init);
  const expected = parseChecksum(checksum);
  const target = await placeOf(path, files);
  // Two downloads to one path would remove each other's file.
  if (busy.has(target)) throw fileError(target, 'another download to this path is running');
  busy.add(target);
  try {
    const part = new PartFile(target, files);
    return await new Download(session, url, init, part).run(target, resume, expected);
  } finally {
    busy.delete(target);
  }
}

function checkResumable({ method, body, json, form }: RequestInit): void {
  const isGet = method === undefined || method.toUpperCase() === 'GET';
  if (isGet && body == null && json === undefined && form === undefined) return;
  // RFC 9110, section 14.2: Range is defined only for GET.
  throw new RequestError('ERR_INVALID_OPTION', 'resume is for GET without a body: leave it out');
}

/** fetch ignores unknown keys, but a misspelt checksum must not go unnoticed. */
function checkNames(init: RequestInit): void {
  const names = ['resume', 'checksum'];
  for (const key of Object.keys(init)) {
    const near = nearName(key, names, () => 2);
    if (near !== undefined) throw unknownOption('options', key, `did you mean ${near}?`);
  }
}

function checkHeaders({ method, headers }: RequestInit): void {
  if (method?.toUpperCase() === 'HEAD') throw invalidOption('method', 'one whose answer has a body', 'HEAD');
  const names = Object.keys(plainHeaders(headers)).map((name) => name.toLowerCase());
  const taken = names.find((name) => name === 'range' || name === 'if-range');
  if (taken === undefined) return;
  const message = `headers must not have ${taken}: a download is of the whole file, and resume decides which part is requested`;
  throw new RequestError('ERR_INVALID_OPTION', message);
}

/** The absolute path of a file, whose folder must exist. */
async function placeOf(path: string | URL, files: DownloadFiles): Promise<string> {
  const isUrl = path instanceof URL && path.protocol === 'file:';
  if (!isUrl && (typeof path !== 'string' || path === ''))
    throw invalidOption('path', 'the path of a file', path);
  const whole = resolve(isUrl ? fileURLToPath(path) : String(path));
  let target: string;
  try {
    target = join(await files.realpath(dirname(whole)), basename(whole));
  } catch (cause) {
    throw fileError(whole, 'its folder does not exist', cause);
  }
  const found = await files.lstat(target).catch(() => null);
  if (found?.isDirectory()) throw fileError(target, 'it is a folder; path must have the name of the file');
  return target;
}

class Download {
  readonly #session: Session;
  readonly #url: string | URL;
  readonly #init: RequestInit;
  readonly #part: PartFile;
  readonly #progress: DownloadProgress | null;

  constructor(session: Session, url: string | URL, init: RequestInit, part: PartFile) {
    this.#session = session;
    this.#url = url;
    this.#init = init;
    this.#part = part;
    this.#progress = typeof init.onProgress === 'function' ? new DownloadProgress(init.onProgress) : null;
  }

  async run(path: string, resume: boolean, expected: ExpectedDigest | null): Promise<DownloadedFile> {
    const part = this.#part;
    try {
      const { response, resumedFrom } = await this.#receive(resume);
      await part.sync();
      if (expected !== null) await this.#verify(expected);
      this.#init.signal?.throwIfAborted();
      await part.finish();
      return { path, size: part.position, resumedFrom, response };
    } catch (error) {
      await part.release();
      throw error;
    }
  }

  async #verify(expected: ExpectedDigest): Promise<void> {
    try {
      await verify(this.#part.chunks(), expected);
    } catch (error) {
      // A wrong file must not be continued.
      await this.#part.discard();
      throw error;
    }
  }

  async #receive(resume: boolean): Promise<Pick<DownloadedFile, 'response' | 'resumedFrom'>> {
    const kept = resume ? await this.#part.reopen() : null;
    let response = await this.#ask(resume, kept);
    if (kept !== null) {
      // The last byte is requested again, so that the range is not empty when all bytes are present.
      const start = kept.size - 1;
      const range = continuation(response, kept, start);
      if (range !== null && this.#part.isOf(requestedUrl(response))) {
        this.#part.continueAt(start);
        this.#progress?.begin(start, range.total);
        await this.#write(response, range.end + 1 - start);
        if (range.total !== null && range.end + 1 < range.total)
          throw truncated(response, range.end + 1, range.total);
        return { response, resumedFrom: start };
      }
      if (response.status === 206 || response.status === 416) {
        await drop(response);
        response = await this.#ask(resume, null);
      }
    }
    await this.#checkStatus(response);
    const length = response.contentLength;
    try {
      await this.#part.begin(validatorOf(response), length, requestedUrl(response));
    } catch (error) {
      await drop(response);
      throw error;
    }
    this.#progress?.begin(0, length);
    await this.#write(response, length);
    return { response, resumedFrom: 0 };
  }

  #ask(resume: boolean, kept: KeptPart | null): Promise<SessionResponse> {
    this.#progress?.restart();
    const init: RequestInit = { destination: 'document', ...this.#init };
    const onProgress = this.#progress?.tell ?? init.onProgress;
    if (!resume) return this.#session.fetch(this.#url, { ...init, onProgress });
    const given = plainHeaders(init.headers);
    const saysCoding = Object.keys(given).some((name) => name.toLowerCase() === 'accept-encoding');
    const headers = {
      ...given,
      // The range counts bytes of the file, so a compressed body could not be continued.
      ...(saysCoding ? {} : { 'accept-encoding': 'identity' }),
      ...(kept === null ? {} : { range: `bytes=${kept.size - 1}-`, 'if-range': kept.validator.value }),
    };
    return this.#session.fetch(this.#url, { ...init, onProgress, headers });
  }

  async #checkStatus(response: SessionResponse): Promise<void> {
    const { status, url } = response;
    if (wholeStatuses.has(status)) return;
    await drop(response);
    const message = `${redactUrl(new URL(url))} answered ${status}, which is not a file`;
    throw new RequestError('ERR_STATUS', message, { status });
  }

  /** @param length the expected number of bytes, `null` where it is not known */
  async #write(response: SessionResponse, length: number | null): Promise<void> {
    const limit = this.#init.maxBodyBytes;
    let size = 0;
    // Leaving the loop destroys the stream, so that the connection keeps no unread body. Invariant: no stranded body.
    for await (const chunk of response.readable()) {
      size += chunk.length;
      if (length !== null && size > length) throw tooLong(response, length);
      if (typeof limit === 'number' && this.#part.position + chunk.length > limit) {
        throw new RequestError(
          'ERR_BODY_TOO_LARGE',
          `The file has more than ${limit} bytes; raise maxBodyBytes`,
        );
      }
      await this.#part.write(chunk);
    }
    if (length !== null && size < length) throw truncated(response, size, length);
  }
}

/** An error of a body that is discarded does not matter. */
async function drop(response: SessionResponse): Promise<void> {
  await response.body?.cancel().catch(() => {});
}

/** The URL of the first request, with the parts that session and options add. */
function requestedUrl({ hops, url }: SessionResponse): string {
  return hops[0]?.url ?? url;
}

function truncated({ status }: SessionResponse, came: number, length: number): RequestError {
  const message = `${came} of ${length} bytes of the file came; download it again with resume: true for the rest`;
  return new RequestError('ERR_BODY_TRUNCATED', message, { status, phase: 'body' });
}

function tooLong({ status }: SessionResponse, length: number): RequestError {
  const message = `The server sent more than the ${length} bytes that its answer announced`;
  return new RequestError('ERR_PROTOCOL', message, { status, phase: 'body' });
}
