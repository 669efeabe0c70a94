import type { Duplex } from 'node:stream';
import { WebSocket } from 'undici';
import { checkNumber, checkOneOf, checkOptions, own } from '../checks.ts';
import { invalidOption, RequestError, type RequestErrorDetails, redactUrl } from '../errors.ts';
import { CookieDispatcher, type CookieLink, type ExchangeWatcher } from '../flow/cookie-dispatcher.ts';
import { headOf } from '../flow/preset-stage.ts';
import { type HeaderEntry, isToken } from '../http.ts';
import type { Preset } from '../presets/index.ts';
import { findHeader, type HeadersInput } from '../request/headers.ts';
import { readInit } from '../request/init.ts';
import { type RequestBase, type ResolvedRequest, resolveRequest } from '../request/resolve.ts';
import { HeadAuthor } from '../transport/head/author.ts';
import { translateError } from '../transport/undici-errors.ts';

/** Options of {@link Session.websocket}. Unknown keys are refused. */
export interface WebSocketOptions {
  /** Subprotocols in order of preference; the server's choice is the socket's `protocol`. */
  readonly protocols?: string | readonly string[] | undefined;
  /** Over the preset's, as in fetch; what begins with Sec-WebSocket- is not for the caller to say. */
  readonly headers?: HeadersInput | null | undefined;
  /**
   * URL of the page that opens the socket; its origin is the Origin header.
   * @default the root page of the target's own origin
   */
  readonly referrer?: string | URL | undefined;
  /** @default 'blob' */
  readonly binaryType?: 'blob' | 'arraybuffer' | undefined;
  /**
   * Most bytes of one message, unpacked; a longer one ends the connection.
   * @default 134217728 (128 MiB)
   */
  readonly maxMessageSize?: number | undefined;
  /**
   * Milliseconds until the socket is open, `false` for no limit.
   * @default the session's total
   */
  readonly timeout?: number | false | undefined;
  /** Gives up the opening; an open socket is closed by its `close()`. */
  readonly signal?: AbortSignal | null | undefined;
}

/** What a session lends to its sockets. */
export interface SocketHost {
  readonly link: CookieLink;
  readonly options: RequestBase;
  readonly preset: Preset | null;
  /** False where heads are not ours to write. */
  readonly ordersHeads: boolean;
}

/** A socket, and how its session ends it. */
export interface OpenSocket {
  readonly socket: WebSocket;
  /** Closes with code 1000; cuts the connection of a server that does not answer that. */
  close(): Promise<void>;
}

/** Milliseconds that a server has to answer a close frame when the session ends. */
const closeLimit = 1000;

/**
 * Opens a WebSocket on a session's connections. The protocol is undici's; the handshake's head is the preset's.
 *
 * @throws RequestError by code; a caller's abort rejects with the signal's reason
 */
export async function openWebSocket(
  host: SocketHost,
  url: string | URL,
  given: WebSocketOptions,
): Promise<OpenSocket> {
  const { request, protocols, binaryType, maxMessageSize } = resolveSocket(host, url, given);
  request.settings.signal?.throwIfAborted();
  const handshake = new Handshake(request);
  const dispatcher = new HandshakeDispatcher(host, request, handshake, maxMessageSize);
  const target = new URL(request.url);
  target.protocol = target.protocol === 'https:' ? 'wss:' : 'ws:';
  const cookie = request.cookie === null ? {} : { headers: { cookie: request.cookie } };
  const socket = new WebSocket(target, { protocols, dispatcher, ...cookie });
  socket.binaryType = binaryType;
  await handshake.opened(socket);
  return { socket, close: () => closeSocket(socket, handshake) };
}

async function closeSocket(socket: WebSocket, handshake: Handshake): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => handshake.cut(), closeLimit);
    socket.addEventListener('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(1000, 'Session has been closed');
  });
}

interface ResolvedSocket {
  readonly request: ResolvedRequest;
  readonly protocols: string[];
  readonly binaryType: 'blob' | 'arraybuffer';
  readonly maxMessageSize: number | undefined;
}

const socketKeys: ReadonlySet<string> = new Set([
  ...['protocols', 'headers', 'referrer', 'binaryType', 'maxMessageSize', 'timeout', 'signal'],
]);
const fixedKeys = ['browser', 'os', 'emulation', 'proxy', 'insecure', 'trustStore'] as const;

function resolveSocket(host: SocketHost, url: string | URL, given: WebSocketOptions): ResolvedSocket {
  const fixed = fixedKeys.find((key) => Object.hasOwn(Object(given), key));
  if (fixed !== undefined) {
    const message = `\`${fixed}\` is not supported in session.websocket(); it is fixed when the session is created`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  checkOptions(given, 'WebSocket options', socketKeys);
  const [headers, referrer] = [own(given, 'headers'), own(given, 'referrer')];
  const [timeout, signal] = [own(given, 'timeout'), own(given, 'signal')];
  const request = resolveRequest(
    httpUrl(url),
    readInit({ headers, mode: 'websocket', referrer, timeout, signal }),
    host.options,
  );
  const forbidden = request.headers.find(([name]) => name.toLowerCase().startsWith('sec-websocket-'));
  if (forbidden !== undefined) {
    const message = `the header ${forbidden[0]} cannot be set: protocols are an option, the rest is the handshake's`;
    throw new RequestError('ERR_INVALID_HEADER', message);
  }
  const maxMessageSize = own(given, 'maxMessageSize');
  return {
    request,
    protocols: checkProtocols(own(given, 'protocols')),
    binaryType: checkOneOf('binaryType', own(given, 'binaryType') ?? 'blob', ['blob', 'arraybuffer']),
    maxMessageSize:
      maxMessageSize === undefined
        ? undefined
        : checkNumber('maxMessageSize', maxMessageSize, { least: 1, integer: true }),
  };
}

/** The URL of the handshake, which is HTTP. */
function httpUrl(url: unknown): string | URL {
  if (typeof url !== 'string' && !(url instanceof URL)) {
    throw new RequestError('ERR_INVALID_URL', 'Invalid URL: expected a ws: or wss: url');
  }
  const text = String(url);
  if (text.includes('#')) {
    throw new RequestError('ERR_INVALID_URL', 'WebSocket URL must not include a hash fragment');
  }
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && !['ws', 'wss', 'http', 'https'].includes(scheme)) {
    throw new RequestError('ERR_INVALID_URL', 'Invalid URL: expected a ws: or wss: url');
  }
  const http = text.replace(/^\s*ws(s?):/i, 'http$1:');
  return typeof url === 'string' ? http : new URL(http);
}

/** RFC 6455 section 4.1: tokens, each once. */
function checkProtocols(given: unknown): string[] {
  const protocols: unknown[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
  const names = protocols.map((protocol) => {
    if (typeof protocol === 'string' && isToken(protocol)) return protocol;
    throw invalidOption('protocols', 'a token or an array of tokens', protocol);
  });
  if (new Set(names.map((name) => name.toLowerCase())).size !== names.length) {
    throw new RequestError('ERR_INVALID_OPTION', 'protocols must not name one twice');
  }
  return names;
}

/** Follows one opening: says why it failed, and holds back the server until somebody listens. */
class Handshake implements ExchangeWatcher {
  abandon: (() => void) | null = null;
  readonly #request: ResolvedRequest;
  #connection: Duplex | null = null;
  #failure: RequestError | null = null;

  constructor(request: ResolvedRequest) {
    this.#request = request;
  }

  onUpgrade(socket: Duplex): void {
    this.#connection = socket;
  }

  onResponse(status: number): void {
    this.#failure = new RequestError('ERR_PROTOCOL', `The server refused the WebSocket (${status})`, {
      ...this.#details(),
      status,
    });
  }

  onError(error: Error): void {
    this.#failure ??= translateError(error, false, this.#details());
  }

  #details(): RequestErrorDetails {
    const { method, url } = this.#request;
    return { phase: 'headers', request: { method, url: redactUrl(url) } };
  }

  /** Ends the connection at once. */
  cut(): void {
    this.#connection?.destroy();
  }

  /** Resolves when the socket is open. */
  async opened(socket: WebSocket): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (reason: unknown): void => {
      reject(reason);
      this.abandon?.();
      socket.close();
    };
    const { signal, timeout } = this.#request.settings;
    const onAbort = (): void => giveUp(signal?.reason);
    const { total } = timeout;
    const timer =
      total === false ? undefined : setTimeout(() => giveUp(this.#timeoutError(total)), total).unref();
    socket.addEventListener('open', () => {
      // A first message may have come with the answer: it must not be told before the caller has the socket.
      this.#connection?.pause();
      resolve();
    });
    socket.addEventListener('error', ({ error }) => reject(this.#reason(error)));
    signal?.addEventListener('abort', onAbort);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
    setImmediate(() => this.#connection?.resume());
  }

  #timeoutError(limit: number): RequestError {
    const message = `WebSocket timed out after ${limit} ms before it was open`;
    return new RequestError('ERR_TIMEOUT', message, { ...this.#details(), timeout: limit });
  }

  #reason(cause: unknown): RequestError {
    if (this.#failure !== null) return this.#failure;
    const said = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : '';
    return new RequestError('ERR_PROTOCOL', `The WebSocket handshake failed${said}`, {
      ...this.#details(),
      cause,
    });
  }
}

/** Fields of the handshake that undici gives in lower case. */
const spellings: Readonly<Record<string, string>> = {
  'sec-websocket-key': 'Sec-WebSocket-Key',
  'sec-websocket-version': 'Sec-WebSocket-Version',
  'sec-websocket-protocol': 'Sec-WebSocket-Protocol',
  'sec-websocket-extensions': 'Sec-WebSocket-Extensions',
};

/** Sends the one handshake of a socket with the browser's head. */
class HandshakeDispatcher extends CookieDispatcher {
  /** Where undici's WebSocket looks for its limits. */
  readonly webSocketOptions: { readonly maxPayloadSize?: number };

  constructor(
    host: SocketHost,
    request: ResolvedRequest,
    watcher: ExchangeWatcher,
    maxMessageSize: number | undefined,
  ) {
    super(host.link, (_target, given, cookie) => {
      const headers = handshakeHeaders(host.preset, request, given, cookie);
      const sent = headers.filter((header) => !isWrittenByUndici(header, request.url));
      if (!host.ordersHeads) return { headers: sent, watcher };
      const source = { headers, head: null, http1Head: null, cookie: null, upgrade: 'websocket' };
      return {
        headers: sent,
        author: ({ method, path }) => new HeadAuthor(source, method, path),
        watcher,
      };
    });
    this.webSocketOptions = maxMessageSize === undefined ? {} : { maxPayloadSize: maxMessageSize };
  }
}

/** A Host that says nothing new would only be taken for a name to check the certificate against. */
function isWrittenByUndici([name, value]: HeaderEntry, url: URL): boolean {
  const key = name.toLowerCase();
  return key === 'connection' || key === 'upgrade' || (key === 'host' && value === url.host);
}

/** The whole head. Of undici's headers only the protocol's own count: the others are those of its fetch. */
function handshakeHeaders(
  preset: Preset | null,
  request: ResolvedRequest,
  given: readonly HeaderEntry[],
  cookie: string,
): readonly HeaderEntry[] {
  const protocol = given.flatMap(([name, value]): HeaderEntry[] => {
    const spelling = spellings[name.toLowerCase()];
    if (spelling === undefined) return [];
    const said = spelling === 'Sec-WebSocket-Extensions' ? offerOf(preset, value) : value;
    return said === '' ? [] : [[spelling, said]];
  });
  const host: HeaderEntry[] =
    findHeader(request.headers, 'host') === null ? [['Host', request.url.host]] : [];
  const upgrade: HeaderEntry[] = [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
  ];
  const own = [...host, ...upgrade, ...protocol, ...request.headers];
  const head = preset === null ? null : headOf(preset, false, { ...request, headers: own });
  const { headers, cookieIndex } = head ?? { headers: own, cookieIndex: own.length };
  return cookie === '' ? headers : headers.toSpliced(cookieIndex, 0, ['Cookie', cookie]);
}

/** The browser's extensions, as far as undici offers them itself: an offer may be cut short, never widened. */
function offerOf(preset: Preset | null, offer: string): string {
  const wanted = preset?.webSocketExtensions ?? offer;
  return offer.startsWith(wanted) ? wanted : offer;
}
