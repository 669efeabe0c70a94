import { AsyncResource } from 'node:async_hooks';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { RequestError, type RequestErrorDetails, type RequestPhase, redactUrl } from '../errors.ts';
import { ownFields, type RawHeaders } from '../http.ts';
import type { RawResponse } from '../response/raw.ts';
import type { Flow } from '../response/response-body.ts';
import { releaseSocket } from '../transport/head/client.ts';
import type { SentHead } from '../transport/head/sent.ts';
import { headNotSeen } from '../transport/head/slot.ts';
import type { Lease, LeaseTaker, LeaseWait } from '../transport/lease.ts';
import type { Route } from '../transport/routes.ts';
import { ExchangeTimings } from '../transport/timings.ts';
import type { Transport } from '../transport/transport.ts';
import { proxyAuthError } from '../transport/tunnel.ts';
import { isTlsAlert, translateError } from '../transport/undici-errors.ts';
import { endUnsent } from '../transport/upload.ts';
import { Answer, bodyOf, streamReset } from './answer.ts';
import type { DeadlineWatcher } from './deadline.ts';
import type { CallRequest, Send } from './pipeline.ts';
import { isRace } from './replay.ts';
import { Sending, uploadError } from './sending.ts';
import { ExchangeWatch } from './watch.ts';

/** For a request without a body. */
const unheard = (): void => {};

/** The end of every pipeline: exactly one HTTP exchange on a leased connection. */
export function exchange(transport: Transport): Send {
  return (request) =>
    new Promise((resolve, reject) => {
      new Exchange(transport, request, resolve, reject).start();
    });
}

/**
 * Follows one exchange through undici. Its promise settles with the response head; later data goes to the body. It is
 * an AsyncResource, so that later work runs in the async context of the call: events of a connection carry the
 * context of the call that opened it.
 */
class Exchange
  extends AsyncResource
  implements Dispatcher.DispatchHandler, LeaseTaker, DeadlineWatcher, Flow
{
  readonly #transport: Transport;
  readonly #request: CallRequest;
  readonly #resolve: (response: RawResponse) => void;
  readonly #reject: (error: unknown) => void;
  readonly #times = new ExchangeTimings();
  #route: Route | null = null;
  /** Its place in the queue for a connection. */
  #wait: LeaseWait | null = null;
  #sending: Sending | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  /** The head of the response, once it has arrived; kept when the response is refused. */
  #answer: Answer | null = null;
  /** True once a byte of the response has arrived. */
  #hasAnswer = false;
  #responded = false;
  #isResent = false;
  #isDropped = false;
  #failed: { readonly reason: unknown } | null = null;
  /** The watch of the exchange; `null` without observers. */
  #watch: ExchangeWatch | null = null;

  constructor(
    transport: Transport,
    request: CallRequest,
    resolve: (response: RawResponse) => void,
    reject: (error: unknown) => void,
  ) {
    super('JarfetchExchange');
    this.#transport = transport;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { deadline, url, method, upgrade } = this.#request;
    if (deadline.failure !== undefined) {
      this.#fail(deadline.failure.reason);
      return;
    }
    deadline.watch(this);
    if (this.#request.watch !== null) {
      this.#watch = new ExchangeWatch(this.#request.watch, this.#request, this.#times, this.#isResent);
    }
    this.#times.markQueued(deadline.enter('queue'));
    this.#route ??= this.#transport.route(url, upgrade !== undefined);
    this.#wait = this.#route.acquire(url, method, this.#isResent, this);
  }

  onLease(lease: Lease): void {
    // After a wait the lease comes from an event of another call's connection, with its async context.
    if (this.#wait === null) this.#dispatch(lease);
    else this.runInAsyncScope(this.#dispatch, this, lease);
  }

  #dispatch(lease: Lease): void {
    this.#wait = null;
    try {
      // A transport may leave heads as undici writes them, see Transport.ordersHeads.
      const ordersHead = lease.ordersHeads && this.#transport.ordersHeads;
      const route = this.#route as Route;
      this.#sending = new Sending(this.#request, route, lease, ordersHead, this.#bodyErrorListener());
      this.#sending.dispatch(this);
    } catch (error) {
      lease.release(false);
      this.onResponseError(null, error as Error);
    }
  }

  onLeaseFailure(error: Error): void {
    this.#fail(translateError(error, false, this.#details()));
  }

  get queuePhase(): RequestPhase {
    return this.#sending?.lease.attempt?.phase ?? 'queue';
  }

  onDeadline(reason: unknown): void {
    this.#stop(reason);
  }

  /** Does not wait until undici requests more of the body: it never does while the server does not read. */
  #bodyErrorListener(): (cause: unknown) => void {
    if (this.#request.body === null) return unheard;
    return (cause) => this.#stop(uploadError(cause, this.#details()));
  }

  /** Ends the call and its connection, or its wait for one. */
  #stop(reason: unknown): void {
    this.#fail(reason);
    if (this.#controller === null) this.#giveUpConnection();
    // undici requires an Error; the caller gets the reason itself.
    this.abort(reason instanceof Error ? reason : new Error('aborted', { cause: reason }));
  }

  #giveUpConnection(): void {
    this.#wait?.cancel();
    this.#wait = null;
    this.#sending?.lease.abandon();
  }

  /** Ends the call for its caller, once; undici may still report something later. */
  #fail(reason: unknown): void {
    if (this.#failed !== null) return;
    this.#failed = { reason };
    this.#request.deadline.unwatch(this);
    if (this.#sending?.upload == null) endUnsent(this.#request.body, reason);
    else this.#sending.upload.end(reason);
    this.#told?.end(this.#failed);
    if (this.#responded) this.#answer?.body?.fail(reason);
    else this.#reject(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#failed !== null) {
      // An error thrown here drops the request and keeps the open connection.
      this.#isDropped = true;
      throw new Error('no longer wanted');
    }
    this.#controller = controller;
    const { isReused = false, attempt = null } = this.#sending?.lease ?? {};
    this.#times.markStarted(this.#request.deadline.enter('headers'), isReused ? null : attempt);
    this.#sending?.announce();
  }

  /** Ends the exchange if its head was sent, but not by its author. Returns false then. */
  #checkHead(): boolean {
    if (this.#sending === null || this.#sending.isHeadSeen) return true;
    this.#stop(translateError(headNotSeen(), false, this.#details()));
    return false;
  }

  onBodySent(chunk: Buffer): void {
    if (!this.#checkHead()) return;
    if (this.#request.body !== null) this.#told?.sent(chunk);
  }

  onRequestSent(): void {
    // undici reports the end of an empty stream before it writes the head.
    if (this.#sending?.upload == null && !this.#checkHead()) return;
    this.#times.markSent();
    this.#told?.sentAll();
  }

  onRequestUpgrade(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: RawHeaders,
    socket: Duplex,
  ): void {
    // From here on the socket belongs to the caller, and this exchange does not end it.
    releaseSocket(socket);
    this.#sending?.lease.release(false);
    this.#controller = null;
    const { deadline } = this.#request;
    this.#times.markResponded(deadline.enter('body'));
    deadline.unwatch(this);
    const watch = this.#told;
    watch?.responded(status, '', controller.rawHeaders, headers);
    if (watch !== null) socket.once('close', () => watch.end(null));
    const answer = new Answer(status, '', ownFields(headers), null);
    this.#answerWith({ ...answer.respond(this.#request, this.#times, this.#sent), socket });
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
    // Informational responses are not the final response. RFC 9110 section 15.2.
    if (status < 200) {
      this.#told?.informed(status, controller.rawHeaders, headers);
      return;
    }
    this.#controller = controller;
    this.#responded = true;
    const answer = new Answer(status, statusText, ownFields(headers), this.#sending);
    this.#answer = answer;
    this.#times.markResponded(this.#request.deadline.enter('body'));
    const fault = this.#sending?.faultOf(headers) ?? null;
    if (fault !== null) {
      this.#refuse(translateError(fault, false, this.#details()));
      return;
    }
    this.#told?.responded(status, statusText, controller.rawHeaders, headers);
    const forwarder = this.#route?.forwarder ?? null;
    if (status === 407 && forwarder !== null) {
      this.#refuse(proxyAuthError(forwarder, this.#details()));
      return;
    }
    const body = bodyOf(this.#request, answer, () => this.#details(), this.#sending, this);
    if (body instanceof RequestError) {
      this.#refuse(body);
      return;
    }
    answer.body = body;
    this.#answerWith(answer.respond(this.#request, this.#times, this.#sent));
    // The response is not returned, and its body must not hold the connection. Invariant: no stranded body.
    if (status === 205) body?.discard();
  }

  #answerWith(response: RawResponse): void {
    this.#watch?.answered(response);
    this.#resolve(response);
  }

  /** Treats a response as a failure of the call, and ends its connection. */
  #refuse(error: RequestError): void {
    this.#responded = false;
    this.#fail(error);
    this.abort(error);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const answer = this.#answer;
    if (answer !== null) answer.downloaded += chunk.length;
    this.#request.deadline.touch();
    // Before the body, which may transfer the memory of the piece to its reader.
    this.#watch?.received(chunk);
    answer?.body?.push(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: RawHeaders): void {
    const answer = this.#answer;
    const failure =
      answer?.endsWithConnection === true
        ? (this.#sending?.lease.failure ?? null)
        : (this.#sending?.faultOfTrailers(trailers) ?? null);
    if (failure !== null) {
      this.onResponseError(controller, failure);
      return;
    }
    this.#sending?.lease.release(true);
    this.#watch?.trailed(controller.rawTrailers);
    if (answer !== null && this.#sending?.wasReset(answer) === true) {
      this.#fail(translateError(streamReset(), true, this.#details()));
    } else this.#end();
  }

  #end(): void {
    this.#times.markEnded();
    this.#sending?.endUpload();
    // The connection may carry another request now, so a failure while the body is decoded does not end it.
    this.#controller = null;
    // What remains is work in this process. The idle limit is for a silent server.
    this.#request.deadline.hold(true);
    this.#watch?.end(null);
    this.#answer?.body?.finish();
  }

  /** Called by the body, as are the next two: it waits for its reader. */
  pause(): void {
    this.#controller?.pause();
    this.#request.deadline.hold(true);
  }

  resume(): void {
    // Once everything has arrived, nothing is expected from the server.
    if (this.#controller === null) return;
    this.#request.deadline.hold(false);
    this.#controller.resume();
  }

  reopen(): void {
    this.#request.deadline.watch(this);
    this.#request.deadline.reopen();
  }

  close(): void {
    this.#request.deadline.end();
  }

  abort(reason: Error): void {
    if (this.#controller !== null) this.#sending?.cut(this.#controller, reason);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, told: Error): void {
    // With TLS 1.3 an alert may arrive after the handshake; undici reports the end of the connection that follows it.
    const failure = this.#sending?.lease.failure ?? null;
    const error = failure !== null && isTlsAlert(failure) ? failure : told;
    // After any other error an HTTP/1.1 connection is closed or unusable.
    this.#sending?.lease.release(this.#isDropped);
    if (this.#failed !== null) return;
    // A server that closes the connection after the last byte has sent the whole body.
    if (this.#responded && this.#answer !== null && this.#sending?.isWhole(this.#answer) === true) {
      this.#end();
      return;
    }
    const isFirst = !this.#isResent && !this.#hasAnswer;
    if (isFirst && isRace(error, this.#request, this.#sending))
      this.#sendAfresh(translateError(error, false, this.#details()));
    else this.#fail(translateError(error, this.#responded, this.#details()));
  }

  /** @param reason why the first sending failed */
  #sendAfresh(reason: RequestError): void {
    this.#told?.end({ reason });
    const { attempt, watch } = this.#request;
    watch?.retry({ attempt, wait: 0, status: null, error: reason });
    this.#isResent = true;
    this.#controller = null;
    this.#sending?.upload?.end(new Error('The request is sent again'));
    this.#sending = null;
    this.runInAsyncScope(this.start, this);
  }

  #details(): RequestErrorDetails {
    const { method, url } = this.#request;
    const phase = this.#responded ? 'body' : this.#controller === null ? this.queuePhase : 'headers';
    return { phase, request: { method, url: redactUrl(url) } };
  }

  get #sent(): SentHead | null {
    return this.#sending?.sent ?? null;
  }

  /** The watch, after it was given the written head: observers get the head before any later event. */
  get #told(): ExchangeWatch | null {
    const watch = this.#watch;
    if (watch === null) return null;
    const sent = this.#sent;
    if (sent === null || watch.record.request !== null || this.#controller === null) return watch;
    watch.requested(sent, this.#sending?.lease ?? null, this.#request.url);
    return watch;
  }
}
