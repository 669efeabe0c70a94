import { checkNumber, checkOneOf, checkOptions, own } from '../checks.ts';
import { describe, invalidOption, RequestError } from '../errors.ts';
import { adviceOn } from '../foreign-options.ts';
import { isToken } from '../http.ts';
import { optionsIn } from '../option-row.ts';
import type { RequestEvent } from '../request/events.ts';
import type { HeadersInput } from '../request/headers.ts';
import { readInit } from '../request/init.ts';
import { optionTable } from '../request/option-table.ts';
import { type RequestBase, type ResolvedRequest, resolveRequest } from '../request/resolve.ts';
import type { TimeoutInput } from '../request/settings.ts';
import { urlFirst } from '../request/url.ts';

/** Options of {@link Session.websocket}. Unknown keys are refused. */
export interface WebSocketOptions {
  /** Subprotocols in order of preference; the server's choice is the socket's `protocol`. */
  readonly protocols?: string | readonly string[] | undefined;
  /**
   * Headers of the handshake; they take precedence over the preset's, as in fetch. Names that begin with
   * Sec-WebSocket- are refused.
   */
  readonly headers?: HeadersInput | null | undefined;
  /**
   * URL of the page that opens the socket. Its origin is sent as the Origin header. For a page of another site only
   * SameSite=None cookies are sent and stored.
   * @default the root page of the target's own origin
   */
  readonly referrer?: string | URL | undefined;
  /** @default 'blob' */
  readonly binaryType?: 'blob' | 'arraybuffer' | undefined;
  /**
   * Most bytes of one message, decompressed; a longer one ends the connection.
   * @default 134217728 (128 MiB)
   */
  readonly maxMessageSize?: number | undefined;
  /**
   * Milliseconds until the socket is open, `false` for no limit; an object bounds the phases `connect` and `headers`.
   * @default the session's
   */
  readonly timeout?: TimeoutInput | undefined;
  /** Aborts the opening; an open socket is closed by its `close()`. */
  readonly signal?: AbortSignal | null | undefined;
  /** Called at each step of the opening, and when the socket is closed. */
  readonly onRequestEvent?: ((event: RequestEvent) => void) | undefined;
}

/** The options of a socket, complete. */
export interface ResolvedSocket {
  /** The handshake, without the fields that undici's WebSocket adds. */
  readonly request: ResolvedRequest;
  readonly protocols: string[];
  readonly binaryType: 'blob' | 'arraybuffer';
  readonly maxMessageSize: number | undefined;
}

const socketKeys: ReadonlySet<string> = new Set(optionsIn(optionTable, 'webSocket'));
const fixedKeys = optionsIn(optionTable, 'oneShot').filter((key) => 'called' in optionTable[key]);

/** The advice for options of other clients. */
function adviceOnSocket(key: string): string | undefined {
  const event = /^on(open|message|close|error)$/i.exec(key)?.[1]?.toLowerCase();
  return event === undefined
    ? adviceOn(key, 'call')
    : `write addEventListener('${event}', …) of the WebSocket that it resolves with`;
}

/** @throws RequestError ERR_INVALID_OPTION, ERR_INVALID_URL, ERR_INVALID_HEADER */
export function resolveSocket(
  url: string | URL,
  given: WebSocketOptions,
  session: RequestBase,
): ResolvedSocket {
  const fixed = fixedKeys.find((key) => Object.hasOwn(Object(given), key));
  if (fixed !== undefined) {
    const message = `\`${fixed}\` is not supported in session.websocket(); it is fixed when the session is created`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  checkOptions(given, 'WebSocket options', socketKeys, adviceOnSocket);
  const maxMessageSize = own(given, 'maxMessageSize');
  return {
    request: resolveHandshake(url, given, session),
    protocols: checkProtocols(own(given, 'protocols')),
    binaryType: checkOneOf('binaryType', own(given, 'binaryType') ?? optionTable.binaryType.default, [
      'blob',
      'arraybuffer',
    ]),
    maxMessageSize:
      maxMessageSize === undefined
        ? undefined
        : checkNumber('maxMessageSize', maxMessageSize, { least: 1, integer: true }),
  };
}

function resolveHandshake(url: string | URL, given: WebSocketOptions, session: RequestBase): ResolvedRequest {
  const [headers, referrer] = [own(given, 'headers'), own(given, 'referrer')];
  const [timeout, signal] = [own(given, 'timeout'), own(given, 'signal')];
  const onRequestEvent = own(given, 'onRequestEvent');
  const init = readInit({ headers, mode: 'websocket', referrer, timeout, signal, onRequestEvent });
  const request = resolveRequest(httpUrl(url), init, session);
  const forbidden = request.headers.find(([name]) => name.toLowerCase().startsWith('sec-websocket-'));
  if (forbidden === undefined) return request;
  const message = `the header ${forbidden[0]} cannot be set: give subprotocols as the option protocols; undici sets the other handshake headers`;
  throw new RequestError('ERR_INVALID_HEADER', message);
}

/** The URL of the handshake, which is HTTP. */
function httpUrl(url: unknown): string | URL {
  if (typeof url !== 'string' && !(url instanceof URL)) {
    const message = `Invalid URL: expected a ws: or wss: url, got ${describe(url)}${urlFirst(url, 'websocket')}`;
    throw new RequestError('ERR_INVALID_URL', message);
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
