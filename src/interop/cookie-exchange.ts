import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { CookieAccess } from '../core/cookies/adapter/index.ts';
import { receiveContext } from '../core/cookies/same-site.ts';
import { concernsCookies, storeCookies } from '../core/cookies/set-cookie-lines.ts';
import { ownFields } from '../core/http.ts';
import type { DispatchedRequest } from './dispatched-request.ts';

/**
 * Stores the cookies of a response before the handler gets the response. While an asynchronous jar stores them, later
 * events wait in order.
 */
export class CookieExchange implements Dispatcher.DispatchHandler {
  readonly #cookies: CookieAccess;
  readonly #request: DispatchedRequest;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #onEnd: () => void;
  #waiting: (() => void)[] | null = null;
  #isOver = false;

  /** @param onEnd called once, when the request has its response or failed */
  constructor(
    cookies: CookieAccess,
    request: DispatchedRequest,
    handler: Dispatcher.DispatchHandler,
    onEnd: () => void,
  ) {
    this.#cookies = cookies;
    this.#request = request;
    this.#handler = handler;
    this.#onEnd = onEnd;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    socket: Duplex,
  ): void {
    this.#store(headers);
    this.#pass(() => this.#handler.onRequestUpgrade?.(controller, status, headers, socket));
    this.#end();
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText?: string,
  ): void {
    // An informational response sets nothing, as in session.fetch. RFC 9110 section 15.2.
    if (status >= 200) this.#store(headers);
    this.#pass(() => this.#handler.onResponseStart?.(controller, status, headers, statusText));
    if (status >= 200) this.#end();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#pass(() => this.#handler.onResponseData?.(controller, chunk));
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#pass(() => this.#handler.onResponseEnd?.(controller, trailers));
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.#pass(() => this.#handler.onResponseError?.(controller, error));
    this.#end();
  }

  onBodySent(chunk: Buffer): void {
    this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }

  #store(received: IncomingHttpHeaders): void {
    const headers = ownFields(received);
    if (!concernsCookies(headers)) return;
    const { url } = this.#request;
    const stored = storeCookies(this.#cookies, headers, url, receiveContext(this.#request));
    if (!(stored instanceof Promise)) return;
    this.#waiting = [];
    const resume = (): void => {
      const waiting = this.#waiting ?? [];
      this.#waiting = null;
      for (const pass of waiting) pass();
    };
    // When the jar fails, the cookies are lost, but not the response.
    stored.then(resume, resume);
  }

  #pass(event: () => void): void {
    if (this.#waiting === null) event();
    else this.#waiting.push(event);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
  }
}
