import { isUtf8 } from 'node:buffer';
import { isRequestError } from '../core/errors.ts';
import type { ObservedExchange, ObservedMessage } from '../core/flow/observer.ts';
import type { HeaderEntry } from '../core/http.ts';
import { decodeContent } from './content-codings.ts';
import type {
  HarContent,
  HarCookie,
  HarEntry,
  HarField,
  HarPostData,
  HarRequest,
  HarResponse,
  HarTimings,
  HarWebSocketMessage,
} from './har-format.ts';
import { type Redactor, unescaped } from './redactor.ts';

/** A body as it was sent or received. */
export interface TakenBody {
  readonly chunks: Uint8Array[];
  /** Bytes in `chunks`. */
  length: number;
  /** True when the body is longer than the kept part. */
  isCut: boolean;
}

/** The data of an exchange until it is written. */
export interface TakenExchange {
  readonly exchange: ObservedExchange;
  readonly sent: TakenBody;
  readonly received: TakenBody;
  readonly messages: { readonly message: ObservedMessage; readonly time: number }[];
  /** Epoch milliseconds, `null` while it is running. */
  endedAt: number | null;
}

/** Options for writing entries. */
export interface EntryOptions {
  /** `null` to keep secrets. */
  readonly redactor: Redactor | null;
  readonly embeds: boolean;
  readonly maxBody: number;
  /** The number of each call in the recording. */
  readonly callNumbers: ReadonlyMap<number, number>;
}

export function entryOf(taken: TakenExchange, options: EntryOptions): HarEntry {
  const { exchange, messages, endedAt } = taken;
  const timings = timingsOf(exchange, endedAt ?? Date.now());
  const { remote = null, local = null } = exchange.connection ?? {};
  const { call, attempt, hop, isResent, startedAt } = exchange;
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time: totalOf(timings),
    request: requestOf(taken, options),
    response: responseOf(taken, options),
    cache: {},
    timings,
    ...(remote !== null && { serverIPAddress: remote.address.replace(/%.*/s, '') }),
    ...(local !== null && { connection: String(local.port) }),
    ...(endedAt === null && { comment: 'It was not over when the recording ended.' }),
    _resourceType: call.kind,
    _call: options.callNumbers.get(call.id) ?? 0,
    _attempt: attempt,
    _hop: hop,
    ...(isResent && { _resent: true }),
    ...(call.kind === 'websocket' && {
      _webSocketMessages: messages.map((each) => messageOf(each, options.redactor)),
    }),
  };
}

function timingsOf({ timings, startedAt }: ObservedExchange, now: number): HarTimings {
  const { queued, dns, connect, tls, sent, headers, body } = timings;
  // When the response begins before the body is sent, the rest of the sending counts as receiving.
  const send = Math.min(sent ?? 0, headers ?? Number.POSITIVE_INFINITY);
  const before = queued + (dns ?? 0) + (connect ?? 0) + (tls ?? 0) + send;
  const rest = Math.max(0, now - startedAt - before);
  const wait = headers === null ? rest : headers - send;
  return {
    blocked: rounded(queued),
    dns: rounded(dns ?? -1),
    // In the format, TLS is part of `connect`.
    connect: rounded(connect === null ? -1 : connect + (tls ?? 0)),
    ssl: rounded(tls ?? -1),
    send: rounded(send),
    wait: rounded(wait),
    receive: rounded(body ?? (headers === null ? 0 : Math.max(0, rest - wait))),
  };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function totalOf({ blocked = -1, dns = -1, connect = -1, send, wait, receive }: HarTimings): number {
  const steps = [blocked, dns, connect, send, wait, receive].filter((step) => step >= 0);
  return rounded(steps.reduce((sum, step) => sum + step, 0));
}

function requestOf({ exchange, sent }: TakenExchange, options: EntryOptions): HarRequest {
  const { redactor } = options;
  const headers = redacted(exchange.request?.headers ?? [], redactor);
  const written = redactor === null ? exchange.url : redactor.url(exchange.url);
  const url = exchange.call.kind === 'websocket' ? written.replace(/^http/, 'ws') : written;
  const method = exchange.request?.method ?? exchange.method;
  const { search } = new URL(url);
  const mimeType = headerValue(exchange.request?.headers ?? [], 'content-type');
  const postData = options.embeds && exchange.sentBytes > 0 ? postDataOf(sent, mimeType, redactor) : null;
  return {
    method,
    url,
    httpVersion: versionOf(exchange),
    cookies: headerValue(headers, 'cookie').split(/; */).filter(Boolean).map(cookieOfPair),
    headers: headers.map(fieldOf),
    queryString: search.slice(1).split('&').filter(Boolean).map(queryField),
    ...(postData !== null && { postData }),
    headersSize: headSize(exchange, `${method} ${exchange.request?.target ?? ''} HTTP/1.1`, exchange.request),
    bodySize: isOfForeignFetch(exchange) && exchange.request?.bodyLength !== 0 ? -1 : exchange.sentBytes,
  };
}

function responseOf({ exchange, received }: TakenExchange, options: EntryOptions): HarResponse {
  const { response, failure, receivedBytes } = exchange;
  const headers = redacted(response?.headers ?? [], options.redactor);
  const { status = 0, statusText = '' } = response ?? {};
  const reason = failure?.reason;
  const error = failure === null ? null : isRequestError(reason) ? reason.code : 'aborted';
  return {
    status,
    statusText,
    httpVersion: versionOf(exchange),
    cookies: headers
      .filter(([name]) => name.toLowerCase() === 'set-cookie')
      .map(([, line]) => cookieOfLine(line)),
    headers: headers.map(fieldOf),
    content: contentOf(exchange, received, options),
    redirectURL: headerValue(headers, 'location'),
    headersSize: response === null ? -1 : headSize(exchange, `HTTP/1.1 ${status} ${statusText}`, response),
    bodySize: response === null || isOfForeignFetch(exchange) ? -1 : receivedBytes,
    ...(error !== null && { _error: error }),
  };
}

/** Tells an exchange of another client, whose bodies are not available here. */
function isOfForeignFetch({ call }: ObservedExchange): boolean {
  return call.kind === 'cookieFetch';
}

function contentOf(exchange: ObservedExchange, body: TakenBody, options: EntryOptions): HarContent {
  const raw = exchange.response?.headers ?? [];
  const mimeType = headerValue(raw, 'content-type') || 'x-unknown';
  const size = exchange.receivedBytes;
  if (isOfForeignFetch(exchange)) {
    return { size, mimeType, comment: 'Not known: the fetch that cookieFetch was given has the body.' };
  }
  if (!options.embeds || size === 0) return { size, mimeType };
  // The kept part of an event stream has whole events. A part of any other body is useless.
  const isUsable = !body.isCut || mimeType.startsWith('text/event-stream');
  const bytes = isUsable
    ? decodeContent(Buffer.concat(body.chunks), headerValue(raw, 'content-encoding'), options.maxBody)
    : null;
  if (bytes === null) {
    return { size, mimeType, comment: `Left out: larger than ${options.maxBody} bytes, or not decoded.` };
  }
  const compression = bytes.length - size;
  return {
    size: bytes.length,
    ...(compression !== 0 && { compression }),
    mimeType,
    ...textOf(bytes, mimeType, options.redactor, 'encoding'),
  };
}

function postDataOf(body: TakenBody, mimeType: string, redactor: Redactor | null): HarPostData {
  if (body.isCut) return { mimeType };
  return { mimeType, ...textOf(Buffer.concat(body.chunks), mimeType, redactor, '_encoding') };
}

/** A multipart body has text around its files. A body that is not UTF-8 is searched byte by byte. */
function textOf<Key extends 'encoding' | '_encoding'>(
  bytes: Uint8Array,
  mimeType: string,
  redactor: Redactor | null,
  key: Key,
): { text: string } & { [key in Key]?: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isText = isUtf8(buffer);
  const text = buffer.toString(isText ? 'utf8' : 'latin1');
  const isSecretive = isText || mimeType.startsWith('multipart/');
  const shown = redactor === null || !isSecretive ? text : redactor.body(text, mimeType);
  if (isText) return { text: shown } as { text: string } & { [key in Key]?: string };
  const encoded = { text: Buffer.from(shown, 'latin1').toString('base64'), [key]: 'base64' };
  return encoded as { text: string } & { [key in Key]?: string };
}

function messageOf(
  { message, time }: TakenExchange['messages'][number],
  redactor: Redactor | null,
): HarWebSocketMessage {
  const type = message.direction === 'sent' ? 'send' : 'receive';
  const { data } = message;
  if (typeof data === 'string') {
    return { type, time: time / 1000, opcode: 1, data: redactor?.body(data, 'application/json') ?? data };
  }
  return { type, time: time / 1000, opcode: 2, data: bytesOf(data).toString('base64') };
}

/** The bytes of a Blob cannot be read synchronously. */
function bytesOf(data: Exclude<ObservedMessage['data'], string>): Buffer {
  if (data instanceof Blob) return Buffer.alloc(0);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(data);
}

function redacted(headers: readonly HeaderEntry[], redactor: Redactor | null): readonly HeaderEntry[] {
  return redactor === null ? headers : redactor.headers(headers);
}

function versionOf({ connection }: ObservedExchange): string {
  const { protocol = null } = connection ?? {};
  if (protocol === null) return 'unknown';
  return protocol === 'h2' ? 'HTTP/2.0' : 'HTTP/1.1';
}

/** Bytes of a head with its first line and its end. The compressed size of HTTP/2 is not known. */
function headSize(
  { connection }: ObservedExchange,
  line: string,
  head: { readonly headers: readonly HeaderEntry[] } | null,
): number {
  if (head === null || connection?.protocol !== 'http/1.1') return -1;
  const lines = head.headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.byteLength(`${line}\r\n${lines.join('')}\r\n`);
}

/** The first value of a header, `''` without one. */
function headerValue(headers: readonly HeaderEntry[], name: string): string {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
}

function fieldOf([name, value]: HeaderEntry): HarField {
  return { name, value };
}

function queryField(pair: string): HarField {
  const equals = pair.indexOf('=');
  if (equals < 0) return { name: unescaped(pair), value: '' };
  return { name: unescaped(pair.slice(0, equals)), value: unescaped(pair.slice(equals + 1)) };
}

function cookieOfPair(pair: string): HarCookie {
  const equals = pair.indexOf('=');
  return { name: pair.slice(0, Math.max(0, equals)), value: pair.slice(equals + 1) };
}

function cookieOfLine(line: string): HarCookie {
  const [pair = '', ...attributes] = line.split(/; */);
  const said = new Map(
    attributes.map((each): [string, string] => {
      const { name, value } = each.includes('=') ? cookieOfPair(each) : { name: each, value: '' };
      return [name.toLowerCase(), value];
    }),
  );
  const expires = Date.parse(said.get('expires') ?? '');
  const [path, domain, sameSite] = ['path', 'domain', 'samesite'].map((name) => said.get(name));
  return {
    ...cookieOfPair(pair.trim()),
    ...(path !== undefined && { path }),
    ...(domain !== undefined && { domain }),
    ...(!Number.isNaN(expires) && { expires: new Date(expires).toISOString() }),
    httpOnly: said.has('httponly'),
    secure: said.has('secure'),
    ...(sameSite !== undefined && { sameSite }),
  };
}
