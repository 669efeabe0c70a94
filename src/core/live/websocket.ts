import type { Duplex } from 'node:stream';
import { WebSocket } from 'undici';
import { RequestError, redactUrl } from '../errors.ts';
import { Call } from '../flow/call.ts';
import type { CallRequest, Send, Stage } from '../flow/pipeline.ts';
import type { CallWatch } from '../flow/watch.ts';
import { isFileLike } from '../request/file-like.ts';
import type { ResolvedRequest } from '../request/resolve.ts';
import type { RawResponse } from '../response/raw.ts';
import { Handshake } from './handshake.ts';
import type { ResolvedSocket } from './websocket-options.ts';

/** The functions of the session that a socket needs. */
export interface SocketHost {
  /** The stages once per opening. A handshake follows no redirects: Fetch Standard, "WebSocket opening handshake". */
  readonly withRetry: Stage;
  /** The stages of one hop: preset, cookies, exchange. */
  readonly send: Send;
  /** The browser's Sec-WebSocket-Extensions, `''` for none; `null` keeps undici's. */
  readonly extensions: string | null;
  /** The watch of a new opening; `null` without observers. */
  readonly watch: (request: ResolvedRequest) => CallWatch | null;
}

/** A socket, and how its session ends it. */
export interface LiveSocket {
  readonly socket: WebSocket;
  /** Closes with code 1000, and cuts the connection where the server does not answer. */
  close(): Promise<void>;
}

/** Milliseconds that a server has to answer a close frame when the session ends. */
const sessionCloseLimit = 1000;

/** Milliseconds that a server has to end the connection after our close frame. RFC 6455 section 7.1.1 has no figure. */
const closeLimit = 30_000;

/** The same after the server's own close frame, when no more data can follow. As in Chromium. */
const answeredCloseLimit = 2000;

/**
 * Opens a WebSocket on a session's connections. undici implements the protocol; the handshake passes the session's
 * stages.
 *
 * @throws RequestError by code; a caller's abort rejects with the signal's reason
 */
export async function openWebSocket(host: SocketHost, resolved: ResolvedSocket): Promise<LiveSocket> {
  const call = new Call(resolved.request, host.watch(resolved.request));
  try {
    const opened = await open(host, resolved, call.request);
    call.release();
    return opened;
  } catch (error) {
    call.fail(error);
    throw error;
  }
}

async function open(host: SocketHost, resolved: ResolvedSocket, first: CallRequest): Promise<LiveSocket> {
  const { protocols, binaryType, maxMessageSize } = resolved;
  const target = new URL(first.url);
  target.protocol = target.protocol === 'https:' ? 'wss:' : 'ws:';
  let socket: SessionWebSocket | undefined;
  // Each attempt has a new WebSocket of undici, because each needs a new key. RFC 6455 section 4.1.
  const attempt: Send = (request) => {
    const dispatcher = new Handshake({ ...host, maxMessageSize }, request);
    socket = new SessionWebSocket(target, { protocols, dispatcher });
    socket.watch = request.watch;
    socket.binaryType = binaryType;
    return dispatcher.opened(socket);
  };
  const response = await host.withRetry(attempt)(first);
  if (socket === undefined || response.socket === undefined) throw refusal(first, response);
  const connection = response.socket;
  socket.bound(connection);
  const { failure } = first.deadline;
  if (failure === undefined) return { socket, close: () => closeSocket(socket, connection) };
  // The call ended in the same turn of the event loop in which the socket opened.
  connection.destroy();
  throw failure.reason;
}

function refusal({ method, url }: CallRequest, { status, body }: RawResponse): RequestError {
  body?.discard();
  return new RequestError('ERR_PROTOCOL', `The server refused the WebSocket (${status})`, {
    phase: 'headers',
    request: { method, url: redactUrl(url) },
    status,
  });
}

async function closeSocket(socket: WebSocket | undefined, connection: Duplex): Promise<void> {
  if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => connection.destroy(), sessionCloseLimit);
    socket.addEventListener('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(1000, 'Session has been closed');
  });
}

/** A WebSocket whose closing handshake has a time limit. undici waits for the server without a limit. */
class SessionWebSocket extends WebSocket {
  watch: CallWatch | null = null;
  #connection: Duplex | null = null;
  #timer: NodeJS.Timeout | undefined;

  /** @param connection is ended when the closing handshake takes too long */
  bound(connection: Duplex): void {
    this.#connection = connection;
    // undici has no event for a close frame of the server. It handles the frame with a piece of data, or after a
    // message that takes time to decompress.
    const look = (): void => {
      if (this.readyState === WebSocket.CLOSING) this.#startTimer(answeredCloseLimit);
    };
    connection.on('data', look);
    if (this.extensions !== '') this.addEventListener('message', () => setImmediate(look));
    this.addEventListener('close', () => clearTimeout(this.#timer));
    if (this.watch !== null) this.#tell(this.watch);
  }

  #tell(watch: CallWatch): void {
    this.addEventListener('message', ({ data }) => watch.message({ direction: 'received', data }));
    this.addEventListener('close', ({ wasClean }) => {
      const message = 'The WebSocket was lost before both sides had closed it';
      watch.end(wasClean ? null : { reason: new RequestError('ERR_CONNECTION_LOST', message) });
    });
  }

  override send(data: Parameters<WebSocket['send']>[0]): void {
    // The class converts any object that it does not support to a string: "[object Blob]".
    if (isFileLike(data) && !(data instanceof Blob)) throw otherBlob();
    super.send(data);
    this.watch?.message({ direction: 'sent', data });
  }

  override close(code?: number, reason?: string): void {
    super.close(code, reason);
    if (this.readyState === WebSocket.CLOSING) this.#startTimer(closeLimit);
  }

  #startTimer(milliseconds: number): void {
    this.#timer ??= setTimeout(() => this.#connection?.destroy(), milliseconds);
  }
}

function otherBlob(): RequestError {
  const message =
    'data is a Blob of another class, which a WebSocket cannot read: send what its arrayBuffer() gives';
  return new RequestError('ERR_INVALID_OPTION', message);
}
