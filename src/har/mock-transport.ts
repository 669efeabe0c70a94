import { describe, invalidOption, isRequestError, RequestError } from '../core/errors.ts';
import type { HeaderEntry } from '../core/http.ts';
import { isResponse } from '../core/response/adopt.ts';
import { Transport } from '../core/transport/transport.ts';
import { resolveTransport } from '../core/transport/transport-options.ts';
import { isTransportFailure } from '../core/transport/undici-errors.ts';
import { AnsweringDispatcher, type GivenAnswer, type GivenRequest } from './answering-dispatcher.ts';

/**
 * Answers a request instead of its server. `Response.error()` is a lost connection; a thrown error is the failure of
 * the call: with a code of Node.js or undici (`ECONNREFUSED`, `ENOTFOUND`, `UND_ERR_SOCKET`) it becomes the same
 * error as the failure of a network, a RequestError stays unchanged, and any other error is the cause of an
 * ERR_MOCK_FAILED.
 *
 * @param request as it would be sent, on each hop and attempt: with the browser's headers and the jar's cookies. Its
 * signal is aborted when the call ends before the answer.
 * @param n counts the requests of this transport from 1
 */
export type MockHandler = (request: Request, n: number) => Response | Promise<Response>;

/**
 * A transport without a network, for unit tests: `handler` answers every request. Everything above it is the real
 * code: cookies, redirects, decoding, retries, limits, abort, streams. It cannot open WebSockets.
 *
 * @throws RequestError ERR_INVALID_OPTION
 * @example
 * const session = await createSession({
 *   transport: mockTransport((request) =>
 *     request.url.endsWith('/login')
 *       ? new Response(null, { status: 302, headers: { location: '/', 'set-cookie': 'sid=1' } })
 *       : Response.json({ cookie: request.headers.get('cookie') }),
 *   ),
 * });
 */
export function mockTransport(handler: MockHandler): Transport {
  if (typeof handler !== 'function') throw invalidOption('handler', 'a function of a Request', handler);
  let count = 0;
  const dispatcher = new AnsweringDispatcher(async (given) => {
    const n = ++count;
    try {
      return answerOf(await handler(requestOf(given), n), n);
    } catch (error) {
      throw failureOf(error);
    }
  });
  return new Transport(resolveTransport({ dispatcher }));
}

function requestOf({ method, url, headers, body, signal }: GivenRequest): Request {
  const fields = headers.map(([name, value]): [string, string] => [name, value]);
  return new Request(url, { method, headers: fields, body, signal, duplex: 'half' });
}

function answerOf(response: unknown, n: number): GivenAnswer {
  if (!isResponse(response)) {
    throw mockFailure(`The handler of mockTransport must return a Response, got ${describe(response)}`);
  }
  const { status, statusText, headers, body } = response;
  if (response.type === 'error') throw Object.assign(new Error('Response.error()'), { code: 'ECONNRESET' });
  if (response.bodyUsed || body?.locked === true) {
    const message = `The Response that answers request ${n} was used before: make a new one for each request`;
    throw mockFailure(message);
  }
  return { status, statusText, headers: fieldsOf(headers), body };
}

/** Set-Cookie lines one by one: a Headers object would join them. */
function fieldsOf(headers: Headers): HeaderEntry[] {
  const fields = [...headers].filter(([name]) => name !== 'set-cookie');
  return [...fields, ...headers.getSetCookie().map((line): HeaderEntry => ['set-cookie', line])];
}

function failureOf(error: unknown): unknown {
  if (isRequestError(error) || isTransportFailure(error)) return error;
  const said = error instanceof Error ? error.message : describe(error);
  return mockFailure(`The handler of mockTransport threw: ${said}`, error);
}

function mockFailure(message: string, cause?: unknown): RequestError {
  return new RequestError('ERR_MOCK_FAILED', message, { cause });
}
