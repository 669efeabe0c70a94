import type { Dispatcher } from 'undici';
import { RequestError, type RequestErrorDetails, redactUrl } from '../errors.ts';
import type {
  CallEvent,
  DeadlinePhase,
  DeadlineWatcher,
  RawHeaders,
  RawResponse,
  ResolvedRequest,
  Send,
} from '../pipeline.ts';
import { type Coding, maxCodings, parseCodings } from '../response/decode.ts';
import { type BodySettings, type Flow, IncomingBody } from '../response/incoming-body.ts';
import { contentLengthOf } from '../response/response.ts';
import { type Making, repeatableMethods } from '../transport/connection-pool.ts';
import {
  announceHead,
  type HeadAuthor,
  type HeadSlot,
  type OrderedDispatchOptions,
} from '../transport/head/client.ts';
import { dispatchHeaders, writeHead } from '../transport/head/compose.ts';
import { ExchangeTimings } from '../transport/timings.ts';
import type { Transport } from '../transport/transport.ts';
import { isLostConnection, translateError } from '../transport/undici-errors.ts';
import { bodyLength, cutUpload, endSource, toDispatchBody } from '../transport/upload.ts';

/** The end of every pipeline: exactly one HTTP exchange on the transport's dispatcher. */
export function exchange(transport: Transport): Send {
  return (request) =>
    new Promise((resolve, reject) => {
      new Exchange(transport, request, resolve, reject).start();
    });
}

/**
 * Follows one exchange through undici. Its promise settles with the response head; what comes later goes to the body.
 */
class Exchange implements Dispatcher.DispatchHandler, HeadAuthor, DeadlineWatcher, Flow {
  connection: HeadSlot | null = null;
  stream: unknown = null;
  readonly #transport: Transport;
  readonly #request: ResolvedRequest;
  readonly #resolve: (response: RawResponse) => void;
  readonly #reject: (error: unknown) => void;
  readonly #times = new ExchangeTimings();
  #controller: Dispatcher.DispatchController | null = null;
  #body: IncomingBody | null = null;
  #responded = false;
  #failed: { readonly reason: unknown } | null = null;
  #contentLength: number | null = null;
  #downloaded = 0;
  #uploaded = 0;

  constructor(
    transport: Transport,
    request: ResolvedRequest,
    resolve: (response: RawResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#transport = transport;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Set by the pool: gives up the place in the queue or the connection that is being made. */
  onCancel: (() => void) | null = null;
  /** Set by the pool. */
  isReused = false;
  /** Set by the pool. */
  making: Making | null = null;
  needsFresh = false;
  #hasAnswer = false;

  start(): void {
    const { deadline, url } = this.#request;
    if (deadline.failure !== undefined) {
      this.#fail(deadline.failure.reason);
      return;
    }
    deadline.watch(this);
    this.#times.markQueued(deadline.enter('queue'));
    try {
      const head = this.#transport.ordersHeads ? this : null;
      this.#transport.dispatch(url, toDispatchOptions(this.#request, head, this.#onBodyError), this);
    } catch (error) {
      this.#fail(translateError(error, false, this.#details()));
    }
  }

  get queuePhase(): DeadlinePhase {
    return this.making?.attempt?.phase ?? 'queue';
  }

  onDeadline(reason: unknown): void {
    this.#stop(reason);
  }

  /** Does not wait for undici to ask for more of the body: where the server does not read, it never does. */
  readonly #onBodyError = (cause: unknown): void => {
    const details = { ...this.#details(), cause };
    this.#stop(new RequestError('ERR_INVALID_BODY', 'Reading the request body failed', details));
  };

  /** Ends the call and its connection, or its wait for one. */
  #stop(reason: unknown): void {
    this.#fail(reason);
    if (this.#controller === null) this.onCancel?.();
    // undici wants an Error; the caller gets the reason itself.
    this.abort(reason instanceof Error ? reason : new Error('aborted', { cause: reason }));
  }

  /** Ends the call for its caller, once; undici may still report something later. */
  #fail(reason: unknown): void {
    if (this.#failed !== null) return;
    this.#failed = { reason };
    this.#request.deadline.unwatch(this);
    if (this.#request.body?.kind === 'stream') void endSource(this.#request.body.stream);
    if (this.#responded) this.#body?.fail(reason);
    else this.#reject(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Thrown here, an unwanted request is dropped and the warm connection stays.
    if (this.#failed !== null) throw new Error('no longer wanted');
    this.#controller = controller;
    const attempt = this.isReused ? null : (this.making?.attempt ?? null);
    this.#times.markStarted(this.#request.deadline.enter('headers'), attempt);
    announceHead(this);
  }

  get fieldOrder(): readonly string[] | undefined {
    return this.#request.head?.order;
  }

  writeHead(head: string): string {
    return writeHead(this.#request, head);
  }

  onBodySent(chunk: Buffer): void {
    const { onEvent, body } = this.#request;
    if (onEvent === null || body === null) return;
    this.#uploaded += chunk.length;
    const [uploadedBytes, total] = [this.#uploaded, bodyLength(body)];
    onEvent(this.#event({ type: 'body_progress', uploadedBytes, total }));
  }

  onRequestSent(): void {
    this.#times.markSent();
    this.#request.onEvent?.(this.#event({ type: 'request_sent' }));
  }

  onResponseStarted(): void {
    this.#hasAnswer = true;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
    statusText = '',
  ): void {
    // Informational responses are not the answer. RFC 9110 section 15.2.
    if (status < 200) return;
    this.#controller = controller;
    this.#responded = true;
    this.#contentLength = contentLengthOf(headers);
    this.#times.markResponded(this.#request.deadline.enter('body'));
    if (status === 407 && this.#transport.forwards(this.#request.url)) {
      this.#refuse(this.#proxyAuthError());
      return;
    }
    if (isFramed(this.#request.method, status)) {
      const settings = this.#bodySettings(headers);
      if (settings instanceof RequestError) {
        this.#refuse(settings);
        return;
      }
      this.#body = new IncomingBody(settings, this);
    }
    const contentLength = this.#contentLength;
    this.#request.onEvent?.(this.#event({ type: 'response_headers', status, contentLength }));
    this.#resolve({
      url: this.#request.url,
      status,
      statusText,
      headers,
      body: status === 205 ? null : this.#body,
      setCookies: [],
      hops: [],
      timings: this.#times,
    });
    // Nobody is shown it, and its connection may not be left holding it. Invariant 2.
    if (status === 205) this.#body?.discard();
  }

  /** Takes a response for a failure of the call, and ends its connection. */
  #refuse(error: RequestError): void {
    this.#responded = false;
    this.#fail(error);
    this.abort(error);
  }

  /** RFC 9110 section 15.5.8: what a forwarding proxy says for itself, as it would to CONNECT. */
  #proxyAuthError(): RequestError {
    const details = { ...this.#details(), phase: 'proxy' as const, status: 407 };
    return new RequestError('ERR_PROXY_AUTH', 'The proxy asks for other credentials (407)', details);
  }

  #bodySettings(headers: RawHeaders): BodySettings | RequestError {
    let codings: Coding[] = [];
    if (this.#request.settings.decompress) codings = parseCodings(headers['content-encoding']) ?? [];
    if (codings.length > maxCodings) {
      const message = `The response has ${codings.length} content codings, at most ${maxCodings} are undone`;
      return new RequestError('ERR_DECODE', message, { ...this.#details(), phase: 'headers' });
    }
    return {
      codings,
      maxBytes: this.#request.settings.maxBodyBytes,
      describe: () => this.#details(),
      // Neither true of a dispatcher of the caller's, which may keep what it hands out, nor of HTTP/2.
      fromSocket: this.connection?.isHttp1 === true,
    };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#downloaded += chunk.length;
    this.#request.deadline.touch();
    this.#body?.push(chunk);
    const { onEvent } = this.#request;
    if (onEvent === null) return;
    const [downloadedBytes, total] = [this.#downloaded, this.#contentLength];
    onEvent(this.#event({ type: 'body_progress', downloadedBytes, total }));
  }

  onResponseEnd(): void {
    if (this.#wasReset()) this.#fail(translateError(streamReset(), true, this.#details()));
    else this.#end();
  }

  /** undici takes the end of an HTTP/2 stream that the server cancelled for the end of its body. */
  #wasReset(): boolean {
    const code: unknown = this.stream === null ? null : Reflect.get(Object(this.stream), 'rstCode');
    const isWhole = this.#contentLength !== null && this.#downloaded === this.#contentLength;
    return typeof code === 'number' && code !== noError && !isWhole;
  }

  #end(): void {
    this.#times.markEnded();
    const downloadedBytes = this.#downloaded;
    this.#request.onEvent?.(this.#event({ type: 'body_complete', downloadedBytes }));
    this.#body?.finish();
  }

  /** Called by the body, as the next two: it waits for its reader. */
  pause(): void {
    this.#controller?.pause();
    this.#request.deadline.hold(true);
  }

  resume(): void {
    this.#request.deadline.hold(false);
    this.#controller?.resume();
  }

  abort(reason: Error): void {
    if (this.#controller === null) return;
    cutUpload(this.stream);
    this.#controller.abort(reason);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#failed !== null) return;
    // A server that hangs up after the last byte has sent a whole body.
    if (this.#responded && this.#contentLength !== null && this.#downloaded === this.#contentLength) {
      this.#end();
      return;
    }
    if (this.#isRace(error)) this.#sendAfresh();
    else this.#fail(translateError(error, this.#responded, this.#details()));
  }

  /**
   * The server ended an idle connection while we took it for this request: nothing of an answer came, and the request
   * may be repeated (RFC 9110 section 9.2.2, RFC 9112 section 9.3.1). Nothing else is ever sent twice by itself.
   */
  #isRace(error: unknown): boolean {
    const { method, body } = this.#request;
    const isRepeatable = repeatableMethods.has(method) && body?.kind !== 'stream';
    return this.isReused && !this.#hasAnswer && isRepeatable && isLostConnection(error);
  }

  #sendAfresh(): void {
    // A fresh connection is not reused, so this happens once.
    this.needsFresh = true;
    this.#controller = null;
    this.#uploaded = 0;
    this.start();
  }

  #details(): RequestErrorDetails {
    const { method, url } = this.#request;
    const phase = this.#responded ? 'body' : this.#controller === null ? this.queuePhase : 'headers';
    return { phase, request: { method, url: redactUrl(url) } };
  }

  #event(step: Omit<CallEvent, 'url'>): CallEvent {
    return { ...step, url: redactUrl(this.#request.url) };
  }
}

/** RFC 9112 section 6.3: the responses that never have a body. A 205 must not have one, but is framed like any other. */
function isFramed(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

function toDispatchOptions(
  request: ResolvedRequest,
  head: HeadAuthor | null,
  onBodyError: (cause: unknown) => void,
): OrderedDispatchOptions {
  const { url, method, body } = request;
  const flat = dispatchHeaders(request, head !== null);
  if (body?.kind === 'parts') flat.push('content-length', String(body.length));
  return {
    origin: url.origin,
    path: requestTarget(url),
    method,
    headers: flat,
    body: body === null ? null : toDispatchBody(body, onBodyError),
    // undici would end the connection after HEAD.
    reset: false,
    head,
    servername: serverName(url),
  };
}

/** The path and query of a request line. A URL that ends in `?` keeps it, though its query is empty. URL Standard. */
function requestTarget({ href, pathname, search, hash }: URL): string {
  if (search !== '') return pathname + search;
  return href.charCodeAt(href.length - hash.length - 1) === 0x3f ? `${pathname}?` : pathname;
}

/**
 * What undici takes for the name of the server, in place of a Host header of the caller's: when it changes, undici ends
 * the connection. Which name the certificate is checked against is our connector's to say.
 */
export function serverName({ protocol, hostname }: URL): string | undefined {
  return protocol === 'https:' ? hostname : undefined;
}

/** RFC 9113 section 7: a stream that was reset so has sent all that was meant. */
const noError = 0;

function streamReset(): Error {
  return Object.assign(new Error('The stream was reset'), { code: 'ERR_HTTP2_STREAM_ERROR' });
}
