import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'undici';
import { RequestError, redactUrl } from '../errors.ts';
import type { CallRequest, Send } from '../flow/pipeline.ts';
import type { HeaderEntry, RawHeaders } from '../http.ts';
import { findHeader } from '../request/headers.ts';
import type { RawResponse } from '../response/raw.ts';
import { Dispatcher } from '../undici.ts';

/** The settings of a handshake besides its request. */
export interface HandshakeSettings {
  /** The stages of one hop: preset, cookies, exchange. */
  readonly send: Send;
  /** The browser's Sec-WebSocket-Extensions, `''` for none; `null` keeps undici's. */
  readonly extensions: string | null;
  /** Most bytes of one message; undici's limit when left out. */
  readonly maxMessageSize: number | undefined;
}

/**
 * The dispatcher of one undici WebSocket. undici creates the key, checks the response and implements the protocol.
 * The request passes the stages of a fetch, and undici gets the upgraded connection.
 */
export class Handshake extends Dispatcher {
  /** undici's WebSocket reads its limits here. */
  readonly webSocketOptions: { readonly maxPayloadSize?: number };
  readonly #settings: HandshakeSettings;
  readonly #request: CallRequest;
  readonly #answered = Promise.withResolvers<RawResponse>();
  #response: RawResponse | null = null;

  constructor(settings: HandshakeSettings, request: CallRequest) {
    super();
    const { maxMessageSize } = settings;
    this.webSocketOptions = maxMessageSize === undefined ? {} : { maxPayloadSize: maxMessageSize };
    this.#settings = settings;
    this.#request = request;
    // The promise may reject before it is awaited. Without a handler that would end the process.
    this.#answered.promise.catch(() => {});
  }

  /**
   * Resolves with the response: a 101 that undici has accepted, or a server's refusal, whose body is still unread.
   *
   * @throws RequestError by code; a caller's abort rejects with the signal's reason
   */
  async opened(socket: WebSocket): Promise<RawResponse> {
    socket.addEventListener('open', () => this.#onOpen());
    socket.addEventListener('error', ({ error }) => this.#onError(error));
    const response = await this.#answered.promise;
    // A first message may have arrived with the response. It is delivered when the caller has the socket.
    setImmediate(() => response.socket?.resume());
    return response;
  }

  #onOpen(): void {
    if (this.#response === null) return;
    this.#response.socket?.pause();
    this.#answered.resolve(this.#response);
  }

  /** The server accepted the handshake and undici refused it, so the connection is ended here. RFC 6455 section 4.1. */
  #onError(cause: unknown): void {
    this.#response?.socket?.destroy();
    const { method, url } = this.#request;
    const said = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : '';
    const message = `The WebSocket handshake failed${said}`;
    const details = { phase: 'headers', request: { method, url: redactUrl(url) }, cause } as const;
    this.#answered.reject(new RequestError('ERR_PROTOCOL', message, details));
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const request = { ...this.#request, headers: this.#headers(options.headers), upgrade: 'websocket' };
    const sent = this.#settings.send(request).then((response) => this.#onResponse(response, handler));
    sent.catch((reason) => {
      this.#answered.reject(reason);
      fail(handler);
    });
    return true;
  }

  #onResponse(response: RawResponse, handler: Dispatcher.DispatchHandler): void {
    if (response.socket === undefined) {
      this.#answered.resolve(response);
      fail(handler);
      return;
    }
    this.#response = response;
    const { status, headers, socket } = response;
    const controller = new SocketController(socket, headers);
    handler.onRequestUpgrade?.(controller, status, headers as IncomingHttpHeaders, socket);
  }

  /** The headers of the WebSocket protocol. undici's other headers are those of its own fetch. */
  #headers(given: Dispatcher.DispatchOptions['headers']): readonly HeaderEntry[] {
    const { headers, url } = this.#request;
    const protocol = [...protocolFields(Object(given))].flatMap(([name, value]): HeaderEntry[] => {
      const said = name === 'Sec-WebSocket-Extensions' ? this.#offer(value) : value;
      return said === '' ? [] : [[name, said]];
    });
    return [
      ...(findHeader(headers, 'host') === null ? [['Host', url.host] as const] : []),
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ...protocol,
      ...headers,
    ];
  }

  /** The extensions that both the browser and undici offer. An offer may be reduced, but not extended. */
  #offer(undicis: string): string {
    const wanted = this.#settings.extensions ?? undicis;
    return undicis.startsWith(wanted) ? wanted : undicis;
  }
}

/** Fields of the handshake in undici's lower case, in the order in which undici adds them. */
const spellings = [
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
] as const;

function* protocolFields(given: Readonly<Record<string, unknown>>): Generator<[string, string]> {
  for (const name of spellings) {
    const value = given[name.toLowerCase()];
    if (typeof value === 'string') yield [name, value];
  }
}

/** Ends undici's side of a handshake; {@link Handshake.opened} has the outcome for the caller. */
function fail(handler: Dispatcher.DispatchHandler): void {
  handler.onResponseError?.(new SocketController(null, {}), new Error('the handshake failed'));
}

/** The controller that undici gets after the request is over. It can still end the connection. */
class SocketController implements Dispatcher.DispatchController {
  /** undici's fetch reads the headers of a response here: names and values in turn. */
  readonly rawHeaders: Buffer[];
  readonly #socket: Duplex | null;
  aborted = false;
  paused = false;
  reason: Error | null = null;

  constructor(socket: Duplex | null, headers: RawHeaders) {
    this.#socket = socket;
    this.rawHeaders = Object.entries(headers).flatMap(([name, value = []]) =>
      [value].flat().flatMap((line) => [Buffer.from(name, 'latin1'), Buffer.from(line, 'latin1')]),
    );
  }

  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
    this.#socket?.destroy();
  }

  pause(): void {}

  resume(): void {}
}
