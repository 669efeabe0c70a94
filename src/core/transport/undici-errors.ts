import {
  type FailedRequest,
  placeOfRequest,
  RequestError,
  type RequestErrorCode,
  type RequestErrorDetails,
} from '../errors.ts';
import { hostAndPort } from './proxy.ts';

/** The code and message for a failure of undici, `node:net`, `node:tls` or `node:dns`. */
interface Meaning {
  readonly code: RequestErrorCode;
  readonly message: string;
}

const lost: Meaning = { code: 'ERR_CONNECTION_LOST', message: 'The connection was lost' };
const truncated: Meaning = { code: 'ERR_BODY_TRUNCATED', message: 'The response body ended too early' };
const protocol: Meaning = { code: 'ERR_PROTOCOL', message: 'The server does not speak HTTP as it should' };
const dns: Meaning = { code: 'ERR_DNS', message: 'The host name could not be resolved' };
const refused: Meaning = { code: 'ERR_CONNECT', message: 'No connection could be made' };
const closed: Meaning = { code: 'ERR_TRANSPORT_CLOSED', message: 'Transport has been closed' };
const proxy: Meaning = { code: 'ERR_PROXY', message: 'No connection could be made to the proxy' };
const misuse: Meaning = { code: 'ERR_INVALID_OPTION', message: 'The request cannot be sent as it is' };
const headersTooLarge: Meaning = {
  code: 'ERR_HEADERS_TOO_LARGE',
  message: 'The response headers are larger than 65536 bytes, and no option raises that limit',
};
const timeout: Meaning = { code: 'ERR_TIMEOUT', message: 'The request timed out' };

/** By the `code` of an error. A test checks that each of undici's exported errors is here. */
export const meanings: Readonly<Record<string, Meaning>> = {
  UND_ERR: lost,
  UND_ERR_ABORT: lost,
  UND_ERR_ABORTED: lost,
  UND_ERR_BODY_TIMEOUT: timeout,
  UND_ERR_BPL_MISSING_UPSTREAM: refused,
  UND_ERR_CLOSED: closed,
  UND_ERR_CONNECT_TIMEOUT: timeout,
  UND_ERR_DESTROYED: closed,
  UND_ERR_HEADERS_OVERFLOW: headersTooLarge,
  UND_ERR_HEADERS_TIMEOUT: timeout,
  UND_ERR_HTTP_PARSER: protocol,
  UND_ERR_INFO: lost,
  UND_ERR_INVALID_ARG: misuse,
  UND_ERR_INVALID_RETURN_VALUE: misuse,
  UND_ERR_MAX_ORIGINS_REACHED: refused,
  UND_ERR_NOT_SUPPORTED: misuse,
  UND_ERR_PRX_CONN: proxy,
  UND_ERR_PRX_TLS: proxy,
  UND_ERR_REDIRECT_MAX: { code: 'ERR_TOO_MANY_REDIRECTS', message: 'Too many redirects' },
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: {
    code: 'ERR_INVALID_BODY',
    message: 'The request body differs in length from its content-length',
  },
  UND_ERR_REQ_RETRY: lost,
  UND_ERR_RESPONSE: protocol,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: truncated,
  UND_ERR_RES_EXCEEDED_MAX_SIZE: { code: 'ERR_BODY_TOO_LARGE', message: 'The response body is too large' },
  UND_ERR_SOCKET: lost,
  UND_ERR_SOCKS5: proxy,
  ERR_WEBASSEMBLY_NOT_SUPPORTED: misuse,
  UND_ERR_WS_MESSAGE_SIZE_EXCEEDED: protocol,
  UND_MOCK_ERR_MOCK_NOT_MATCHED: {
    code: 'ERR_CONNECT',
    message: 'No interceptor of the MockAgent matches the request; the cause describes the request',
  },
  ENOTFOUND: dns,
  EAI_AGAIN: dns,
  EAI_FAIL: dns,
  EAI_NODATA: dns,
  ENODATA: dns,
  ESERVFAIL: dns,
  EREFUSED: dns,
  EBADRESP: dns,
  ETIMEOUT: dns,
  ECONNREFUSED: refused,
  EHOSTUNREACH: refused,
  ENETUNREACH: refused,
  EADDRNOTAVAIL: refused,
  EACCES: refused,
  EMFILE: refused,
  ENFILE: refused,
  ETIMEDOUT: refused,
  ECONNRESET: lost,
  ECONNABORTED: lost,
  EPIPE: lost,
};

/** Error codes of OpenSSL's certificate checks in Node's names that have no common prefix. */
const certificateCode =
  /^(CERT_|CRL_|ERROR_IN_C|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH|UNSPECIFIED)/;
const tlsCode = /^(ERR_TLS_|ERR_SSL_|EPROTO)/;

/**
 * Translates an error of the layers below into a RequestError. A RequestError gets its missing details.
 *
 * @param responded true when the response head had arrived: a lost connection is a truncated body then
 */
export function translateError(
  error: unknown,
  responded: boolean,
  details: RequestErrorDetails,
): RequestError {
  if (error instanceof RequestError) return complete(error, details);
  const cause = firstCause(error);
  const errorCode = String(Object(cause).code ?? '');
  const { code, message } = meaningOf(cause, errorCode, responded);
  // Only the code is added, because the message may show a URL or a header.
  const said = [placeOf(code, cause, details.request), errorCode].filter((each) => each !== '').join(', ');
  return new RequestError(code, said === '' ? message : `${message} (${said})`, {
    ...details,
    cause: withoutPayload(error),
  });
}

/** Whether an error is one that undici or Node.js report for a connection, by its code. */
export function isTransportFailure(error: unknown): boolean {
  const code = String(Object(firstCause(error)).code ?? '');
  const known = [certificateCode, tlsCode, /^(HPE_|UND_ERR_|ERR_HTTP2_)/];
  return Object.hasOwn(meanings, code) || known.some((pattern) => pattern.test(code));
}

/** Failures whose host and port help the operator. */
const placedCodes: ReadonlySet<RequestErrorCode> = new Set<RequestErrorCode>([
  ...(['ERR_CONNECT', 'ERR_TLS', 'ERR_CONNECTION_LOST', 'ERR_PROTOCOL', 'ERR_BODY_TRUNCATED'] as const),
]);

/** The destination of a connection: the host that was looked up, or host and port, and the address that was tried. */
function placeOf(code: RequestErrorCode, cause: unknown, request: FailedRequest | undefined): string {
  const { hostname, address, port }: Readonly<Record<string, unknown>> = Object(cause);
  if (code === 'ERR_DNS') return typeof hostname === 'string' ? hostname : '';
  if (!placedCodes.has(code)) return '';
  const place = request === undefined ? '' : placeOfRequest(request);
  if (code !== 'ERR_CONNECT' || typeof address !== 'string' || typeof port !== 'number') return place;
  const tried = hostAndPort(address, port);
  return place === '' || place === tried ? tried : `${place} at ${address}`;
}

/**
 * Whether the connection of a request was lost without an HTTP error. A damaged TLS record or an alert ends it as a
 * reset does.
 */
export function isLostConnection(error: unknown): boolean {
  const code = String(Object(error).code);
  return lostCodes.has(code) || tlsCode.test(code);
}

/**
 * Whether an HTTP/2 server did not process a request, as it reports by GOAWAY or REFUSED_STREAM. Such a request may
 * be sent again with any method. RFC 9113 section 8.7.
 */
export function isRefused(error: unknown): boolean {
  const { message, http2ErrorCode }: { message?: unknown; http2ErrorCode?: unknown } = Object(error);
  return http2ErrorCode === refusedStream || String(message).startsWith('HTTP/2: "GOAWAY" frame received');
}

/** RFC 9113 section 7. */
const refusedStream = 7;

const lostCodes: ReadonlySet<string> = new Set([
  ...['UND_ERR_SOCKET', 'ECONNRESET', 'ECONNABORTED', 'EPIPE'],
  ...['ERR_HTTP2_INVALID_SESSION', 'ERR_HTTP2_GOAWAY_SESSION'],
]);

/** undici puts pieces of the response, which may hold cookies, into some errors. */
const payloadKeys = ['data', 'headers', 'body'];

/**
 * Keeps name, message, code and stack of an error that contains a piece of the response; any other is kept unchanged.
 */
function withoutPayload(error: unknown): unknown {
  if (!(error instanceof Error) || !payloadKeys.some((key) => Object.hasOwn(error, key))) return error;
  const { name, message, stack } = error;
  const code: unknown = Reflect.get(error, 'code');
  return Object.assign(new Error(message), { name, stack }, code === undefined ? {} : { code });
}

/** `node:net` tries several addresses and reports all errors together. The first one decides. */
function firstCause(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}

function meaningOf(error: unknown, errorCode: string, responded: boolean): Meaning {
  if (certificateCode.test(errorCode) || errorCode === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      code: 'ERR_TLS',
      message: `The server's certificate is not accepted: ${certificateReason(errorCode)}`,
    };
  }
  if (tlsCode.test(errorCode)) return tlsMeaning(errorCode, responded);
  // The parser's errors have a code for their reason, or none.
  if (errorCode.startsWith('HPE_') || Object(error).name === 'HTTPParserError') {
    // A chunked body that ends with its connection: with `Connection: close` the parser reports it, and not the socket.
    const isCut =
      errorCode === 'HPE_INVALID_EOF_STATE' || String(Object(error).message).includes('Invalid EOF state');
    return responded && isCut ? truncated : protocol;
  }
  if (errorCode.startsWith('UND_ERR_SOCKS5')) return proxy;
  if (errorCode.startsWith('ERR_HTTP2_')) return http2Meaning(error, responded);
  const meaning = (Object.hasOwn(meanings, errorCode) ? meanings[errorCode] : undefined) ?? lost;
  // A peer that closes the connection before TLS is ready is a lost connection like any other.
  if (
    Object(error).message ===
    'Client network socket disconnected before secure TLS connection was established'
  ) {
    return {
      code: 'ERR_CONNECTION_LOST',
      message: 'The server closed the connection during the TLS handshake',
    };
  }
  return atStage(meaning, responded);
}

function http2Meaning(error: unknown, responded: boolean): Meaning {
  if (responded) return truncated;
  const { code, http2ErrorCode, message }: Partial<Record<string, unknown>> = Object(error);
  // With ERR_HTTP2_SESSION_ERROR it is the server that asked for calm.
  if (http2ErrorCode === enhanceYourCalm && code === 'ERR_HTTP2_STREAM_ERROR') return tooManyFields;
  return String(message).startsWith('Too many CONTINUATION frames') ? headersTooLarge : lost;
}

/**
 * RFC 9113 section 7. Node.js ends a stream this way when its head has more fields than it reads. A server that ends
 * the stream this way cannot be told from it.
 */
const enhanceYourCalm = 11;

const tooManyFields: Meaning = {
  code: 'ERR_HEADERS_TOO_LARGE',
  message:
    'The response has more than the 127 header fields that Node.js reads over HTTP/2, or the server reset the stream with ENHANCE_YOUR_CALM',
};

/** After the head, the rest of the body is lost. Before it, a wrong length is a contradiction in the head. */
function atStage(meaning: Meaning, responded: boolean): Meaning {
  if (meaning === lost && responded) return truncated;
  return meaning === truncated && !responded ? protocol : meaning;
}

/** In a body it has the same meaning as a reset. */
function tlsMeaning(errorCode: string, responded: boolean): Meaning {
  return responded ? truncated : { code: 'ERR_TLS', message: tlsMessage(errorCode) };
}

/** The name of the alert that the server sent. RFC 8446 section 6. */
function tlsMessage(errorCode: string): string {
  const alert = /^ERR_SSL_.*_ALERT_(.+)$/s.exec(errorCode)?.[1];
  if (alert === undefined) return 'The TLS connection failed';
  return `The server ended the TLS connection: ${alert.toLowerCase().replaceAll('_', ' ')}`;
}

/** Whether a socket failed because of a TLS alert of the server. */
export function isTlsAlert(error: unknown): boolean {
  return /^ERR_SSL_.*_ALERT_/.test(String(Object(error).code));
}

function certificateReason(errorCode: string): string {
  return certificateReasons[errorCode] ?? 'it cannot be verified';
}

const certificateReasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'it was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends at an unknown root',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is unknown',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is unknown',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another host',
};

function complete(error: RequestError, details: RequestErrorDetails): RequestError {
  if (error.request !== undefined) return error;
  const { code, message, cause, phase, status, timeout } = error;
  return new RequestError(code, message, {
    ...details,
    ...(cause === undefined ? {} : { cause }),
    ...(phase === undefined ? {} : { phase }),
    ...(status === undefined ? {} : { status }),
    ...(timeout === undefined ? {} : { timeout }),
  });
}
