import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { parseCookieDate } from '../core/cookies/jar/dates.ts';
import { RequestError, type RequestErrorCode } from '../core/errors.ts';
import { encodeHeaderText } from '../core/header-text.ts';
import type { HeaderEntry } from '../core/http.ts';
import { type Coding, maxCodings, parseCodings } from '../core/response/codings.ts';
import type { GivenAnswer } from './answering-dispatcher.ts';
import type { HarContent, HarEntry } from './har-format.ts';

/** The recorded answer of an exchange. */
export interface AnswerContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** True for a recording by a program that writes text for bytes of other encodings. */
  readonly isForeign: boolean;
}

/**
 * The answer of a recorded exchange, with its dates moved to now.
 *
 * @throws the failure of the exchange, where it had no answer
 */
export function answerOfEntry(entry: HarEntry, context: AnswerContext): GivenAnswer {
  const { response } = entry;
  if (!(response.status >= 100)) throw failureOf(entry);
  const body = bodyOf(entry);
  const codings = parseCodings(fieldOf(entry, 'content-encoding')) ?? null;
  // More codings are refused by who reads the answer.
  const isEncoded = codings !== null && codings.length <= maxCodings;
  const bytes = body !== null && isEncoded ? codings.reduceRight(encode, body) : body;
  return {
    status: response.status,
    statusText: response.statusText ?? '',
    headers: headersOf(entry, context, codings === null, bytes),
    body: streamOf(entry, bytes),
  };
}

function fieldOf({ response }: HarEntry, name: string): string {
  return response.headers.find((field) => field.name.toLowerCase() === name)?.value ?? '';
}

const coders: Readonly<Record<Coding, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  // The best quality takes a thousand times as long.
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: (bytes) => zstdCompressSync(bytes),
};

/** A recording has the decoded body: it is encoded again, so that the real decoder runs. */
function encode(bytes: Buffer, coding: Coding): Buffer {
  return coders[coding](bytes);
}

/** `null` where the recording left the body out. */
function bodyOf({ response, request }: HarEntry): Buffer | null {
  const { text, encoding, size }: Partial<HarContent> = response.content ?? {};
  if (text !== undefined && text !== '') return Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
  const hasBody = request.method !== 'HEAD' && response.status !== 204 && response.status !== 304;
  return hasBody && Number(size) > 0 && text === undefined ? null : Buffer.alloc(0);
}

function streamOf({ response, request }: HarEntry, bytes: Buffer | null): ReadableStream<Uint8Array> | null {
  if (request.method === 'HEAD' || response.status === 204 || response.status === 304) return null;
  const failure = bytes === null ? leftOut() : response._error ? lost(response._error) : null;
  return ReadableStream.from(piecesOf(bytes, failure));
}

async function* piecesOf(bytes: Buffer | null, failure: Error | null): AsyncGenerator<Uint8Array> {
  if (bytes !== null && bytes.length > 0) yield bytes;
  if (failure !== null) throw failure;
}

function leftOut(): Error {
  return Object.assign(new Error('The recording has no body for this response'), { code: 'ECONNRESET' });
}

/** Names of fields with a date, in the past or future. */
const timeFields: ReadonlySet<string> = new Set(['date', 'expires', 'retry-after']);

function headersOf(
  entry: HarEntry,
  { now, isForeign }: AnswerContext,
  isDecoded: boolean,
  bytes: Buffer | null,
): HeaderEntry[] {
  const shift = now - Date.parse(entry.startedDateTime);
  const fields = entry.response.headers.filter(({ name }) => /^[!#$%&'*+.^_`|~\w-]+$/.test(name));
  const headers = fields.flatMap(({ name, value }): HeaderEntry[] => {
    const key = name.toLowerCase();
    // Some browsers join Set-Cookie lines.
    if (key === 'set-cookie') return value.split('\n').map((line) => [name, moveExpires(line, shift, now)]);
    if (key === 'content-encoding' && isDecoded) return [];
    if (key === 'content-length' && bytes !== null && !isBodiless(entry)) return [[name, `${bytes.length}`]];
    if (key === 'content-type' && isForeign) return [[name, withCharset(value, entry)]];
    return [[name, timeFields.has(key) ? moveDate(value, shift) : value.replaceAll(/[\r\n\0]+/g, ', ')]];
  });
  const { redirectURL = '' } = entry.response;
  const isMoved = redirectURL !== '' && fieldOf(entry, 'location') === '';
  if (isMoved) headers.push(['location', redirectURL]);
  return headers.map(([name, value]) => [name, encodeHeaderText(value)]);
}

function isBodiless({ request, response }: HarEntry): boolean {
  return request.method === 'HEAD' || response.status === 304;
}

/** A browser records the decoded text, whatever the encoding was: it is sent as UTF-8. */
function withCharset(type: string, { response }: HarEntry): string {
  const { text = '', encoding } = response.content;
  if (encoding === 'base64' || !/[\u0080-\uffff]/.test(text)) return type;
  return `${type.replace(/;\s*charset=(?:"[^"]*"|[^;]*)/gi, '')}; charset=utf-8`;
}

/** A moved date; any other value unchanged. */
function moveDate(text: string, shift: number): string {
  const time = parseCookieDate(text);
  return time === undefined ? text : dateText(time + shift, text);
}

/** A cookie that was deleted with a date stays deleted. */
function moveExpires(line: string, shift: number, now: number): string {
  return line.replace(/(;\s*expires\s*=\s*)([^;]*)/gi, (whole, before: string, date: string) => {
    const time = parseCookieDate(date);
    if (time === undefined || time <= now - shift) return whole;
    return before + dateText(time + shift, date);
  });
}

/** A date that cannot be moved stays as it was. */
function dateText(time: number, text: string): string {
  const isDate = Number.isFinite(time) && time < Date.UTC(10_000, 0);
  return isDate ? new Date(time).toUTCString() : text;
}

/** Recorded failures that correspond to an error code of Node.js or undici. */
const failures: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/^ERR_DNS$|NAME_NOT_RESOLVED|NAME_RESOLUTION|UNKNOWN_HOST/, 'ENOTFOUND'],
  [/^ERR_CONNECT$|CONNECTION_REFUSED|CONNECTION_FAILED/, 'ECONNREFUSED'],
  [/ADDRESS_UNREACHABLE|INTERNET_DISCONNECTED|NETWORK_CHANGED/, 'EHOSTUNREACH'],
  [/TIMED_OUT|NET_TIMEOUT|ERR_CONNECTION_TIMEOUT/, 'ETIMEDOUT'],
  [/^ERR_TLS$|CERT|SSL|SEC_ERROR/, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [/PROXY/, 'UND_ERR_PRX_CONN'],
  [/^ERR_PROTOCOL$|INVALID_HTTP_RESPONSE|INVALID_RESPONSE|HTTP2_PROTOCOL/, 'HPE_INVALID_CONSTANT'],
];

/** Codes of this package that are replayed unchanged, because no failure of a connection corresponds to them. */
const ownCodes: ReadonlySet<string> = new Set<RequestErrorCode>([
  ...([
    'ERR_TIMEOUT',
    'ERR_TLS',
    'ERR_PROXY_AUTH',
    'ERR_HEADERS_TOO_LARGE',
    'ERR_ADDRESS_FORBIDDEN',
  ] as const),
  ...(['ERR_INVALID_BODY', 'ERR_BODY_TOO_LARGE', 'ERR_DECODE'] as const),
]);

function failureOf({ response }: HarEntry): Error {
  const said = response._error ?? textOf(Reflect.get(response, '_failureText')) ?? 'no answer';
  if (!ownCodes.has(said)) return lost(said);
  return new RequestError(said as RequestErrorCode, `The recorded exchange failed: ${said}`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function lost(said: string): Error {
  const code = failures.find(([pattern]) => pattern.test(said))?.[1] ?? 'ECONNRESET';
  return Object.assign(new Error(`The recorded exchange failed: ${said.slice(0, 80)}`), { code });
}
