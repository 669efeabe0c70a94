import { errors, MockAgent } from 'undici';
import { describe, expect, it } from 'vitest';
import type { RequestErrorCode } from '../../../src/core/errors.ts';
import { meanings, translateError } from '../../../src/core/transport/undici-errors.ts';
import { createSession, createTransport, RequestError } from '../../../src/index.ts';

/** What each error class of undici is to a caller, before there is a response. */
const expected: Readonly<Record<string, RequestErrorCode>> = {
  AbortError: 'ERR_CONNECTION_LOST',
  BalancedPoolMissingUpstreamError: 'ERR_CONNECT',
  BodyTimeoutError: 'ERR_TIMEOUT',
  ClientClosedError: 'ERR_TRANSPORT_CLOSED',
  ClientDestroyedError: 'ERR_TRANSPORT_CLOSED',
  ConnectTimeoutError: 'ERR_TIMEOUT',
  HTTPParserError: 'ERR_PROTOCOL',
  HeadersOverflowError: 'ERR_HEADERS_TOO_LARGE',
  HeadersTimeoutError: 'ERR_TIMEOUT',
  InformationalError: 'ERR_CONNECTION_LOST',
  InvalidArgumentError: 'ERR_INVALID_OPTION',
  InvalidReturnValueError: 'ERR_INVALID_OPTION',
  MaxOriginsReachedError: 'ERR_CONNECT',
  MaxRedirectsError: 'ERR_TOO_MANY_REDIRECTS',
  MessageSizeExceededError: 'ERR_PROTOCOL',
  NotSupportedError: 'ERR_INVALID_OPTION',
  ProxyConnectionError: 'ERR_PROXY',
  RequestAbortedError: 'ERR_CONNECTION_LOST',
  RequestContentLengthMismatchError: 'ERR_INVALID_BODY',
  RequestRetryError: 'ERR_CONNECTION_LOST',
  ResponseContentLengthMismatchError: 'ERR_PROTOCOL',
  ResponseError: 'ERR_PROTOCOL',
  ResponseExceededMaxSizeError: 'ERR_BODY_TOO_LARGE',
  SecureProxyConnectionError: 'ERR_PROXY',
  SocketError: 'ERR_CONNECTION_LOST',
  Socks5ProxyError: 'ERR_PROXY',
  UndiciError: 'ERR_CONNECTION_LOST',
  WebAssemblyNotSupportedError: 'ERR_INVALID_OPTION',
};

const names = Object.keys(errors);

/** Classes that are made for a response: their constructors want its status and parts. */
const ofResponse: ReadonlySet<string> = new Set(['RequestRetryError', 'ResponseError']);

function make(name: string): Error & { code?: string } {
  const ErrorClass = Reflect.get(errors, name) as new (...args: unknown[]) => Error;
  const parts = ofResponse.has(name) ? [500, { headers: {}, data: '', body: '' }] : [];
  return new ErrorClass('from below', ...parts);
}

const translate = (error: unknown, responded = false): RequestError => translateError(error, responded, {});

function coded(code: string, message = 'from below'): Error {
  return Object.assign(new Error(message), { code });
}

describe('an error class of undici', () => {
  it('has a row in this table', () => {
    expect(names.toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  it.each(names)('%s becomes the code that was chosen for it', (name) => {
    expect(translate(make(name)).code).toBe(expected[name]);
  });

  it.each(names.filter((name) => name !== 'HTTPParserError'))('%s has an entry of its own', (name) => {
    expect(Object.keys(meanings)).toContain(make(name).code);
  });

  it('HTTPParserError is recognised by its name, because it may have no code', () => {
    expect(translate(new errors.HTTPParserError('bad'))).toMatchObject({ code: 'ERR_PROTOCOL' });
  });
});

describe('an error of the layers below', () => {
  it.each<[string, RequestErrorCode]>([
    ['ENOTFOUND', 'ERR_DNS'],
    ['EAI_AGAIN', 'ERR_DNS'],
    ['ECONNREFUSED', 'ERR_CONNECT'],
    ['EHOSTUNREACH', 'ERR_CONNECT'],
    ['ENETUNREACH', 'ERR_CONNECT'],
    ['ETIMEDOUT', 'ERR_CONNECT'],
    ['EMFILE', 'ERR_CONNECT'],
    ['ECONNRESET', 'ERR_CONNECTION_LOST'],
    ['EPIPE', 'ERR_CONNECTION_LOST'],
    ['CERT_HAS_EXPIRED', 'ERR_TLS'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_TLS'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_TLS'],
    ['EPROTO', 'ERR_TLS'],
    ['HPE_INVALID_HEADER_TOKEN', 'ERR_PROTOCOL'],
    ['ERR_HTTP2_STREAM_ERROR', 'ERR_CONNECTION_LOST'],
    ['UND_ERR_SOCKS5_AUTH_FAILED', 'ERR_PROXY'],
    ['SOMETHING_NEW', 'ERR_CONNECTION_LOST'],
  ])('%s becomes %s', (code, ours) => {
    expect(translate(coded(code)).code).toBe(ours);
  });

  it.each([
    'ECONNRESET',
    'UND_ERR_SOCKET',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    'ERR_HTTP2_STREAM_ERROR',
    'SOMETHING_NEW',
  ])('%s is a truncated body once the response has begun', (code) => {
    expect(translate(coded(code), true).code).toBe('ERR_BODY_TRUNCATED');
  });

  it('that is about a certificate has a message that matches certificate, SSL or TLS', () => {
    expect(translate(coded('CERT_HAS_EXPIRED')).message).toMatch(/certificate.*expired/);
  });

  it('F13 that is a hang-up during the handshake is a lost connection', () => {
    const message = 'Client network socket disconnected before secure TLS connection was established';
    expect(translate(coded('ECONNRESET', message))).toMatchObject({
      code: 'ERR_CONNECTION_LOST',
      message: expect.stringContaining('during the TLS handshake'),
    });
  });

  it('that reports several addresses is described by the first', () => {
    expect(translate(new AggregateError([coded('ECONNREFUSED'), coded('ETIMEDOUT')])).message).toContain(
      'ECONNREFUSED',
    );
  });

  it('names the host that was looked up, and the address that was tried', () => {
    const lookup = Object.assign(coded('ENOTFOUND'), { hostname: 'shop.test' });
    const tried = Object.assign(coded('ECONNREFUSED'), { address: '::1', port: 81 });
    expect(translate(lookup).message).toBe('The host name could not be resolved (shop.test, ENOTFOUND)');
    expect(translate(tried).message).toBe('No connection could be made ([::1]:81, ECONNREFUSED)');
  });

  it.each([
    [
      'http://shop.test/a?token=…',
      'ECONNREFUSED',
      'No connection could be made (shop.test:80 at ::1, ECONNREFUSED)',
    ],
    ['http://[::1]:81/', 'ECONNREFUSED', 'No connection could be made ([::1]:81, ECONNREFUSED)'],
    ['https://shop.test/', 'ECONNRESET', 'The connection was lost (shop.test:443, ECONNRESET)'],
    [
      'https://shop.test:8443/',
      'ERR_SSL_NO_CIPHER',
      'The TLS connection failed (shop.test:8443, ERR_SSL_NO_CIPHER)',
    ],
    [
      'http://shop.test/',
      'HPE_INVALID_VERSION',
      'The server does not speak HTTP as it should (shop.test:80, HPE_INVALID_VERSION)',
    ],
  ])('names host and port of %s with %s', (url, code, message) => {
    const tried = Object.assign(coded(code), { address: '::1', port: 81 });
    expect(translateError(tried, false, { request: { method: 'GET', url } }).message).toBe(message);
  });

  it('F14 that is an alert of TLS has its name', () => {
    expect(translate(coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'))).toMatchObject({
      code: 'ERR_TLS',
      message: expect.stringContaining('certificate required'),
    });
  });

  it('is kept as the cause', () => {
    const error = coded('ECONNRESET');
    expect(translate(error).cause).toBe(error);
  });

  it('has its code and never its message', () => {
    const { message } = translate(coded('ECONNRESET', 'GET https://ada:secret@example.com/'));
    expect(message).toBe('The connection was lost (ECONNRESET)');
  });

  it.each(['data', 'headers', 'body'])('is kept as the cause without its %s', (key) => {
    const error = Object.assign(coded('HPE_INVALID_CONSTANT'), { [key]: 'sid=secret' });
    const { cause } = translate(error);
    expect(cause).toMatchObject({ message: 'from below', code: 'HPE_INVALID_CONSTANT' });
    expect(cause).not.toHaveProperty(key);
    expect(error).toHaveProperty(key, 'sid=secret');
  });

  it('that is ours already keeps its code and gains the request', () => {
    const request = { method: 'GET', url: 'https://example.com/' };
    const ours = new RequestError('ERR_PROXY_AUTH', 'other credentials', { status: 407, phase: 'proxy' });
    expect(translateError(ours, false, { request, phase: 'connect' })).toMatchObject({
      code: 'ERR_PROXY_AUTH',
      status: 407,
      phase: 'proxy',
      request,
    });
  });
});

it('a MockAgent without a matching interceptor is distinguished from a lost connection', async () => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  agent.get('http://shop.test').intercept({ path: '/a' }).reply(200);
  await using transport = await createTransport({ dispatcher: agent });
  await using session = await createSession({ transport });
  await expect(session.fetch('http://shop.test/b')).rejects.toMatchObject({
    code: 'ERR_CONNECT',
    message: expect.stringMatching(/^No interceptor of the MockAgent .*shop\.test:80/),
    cause: { message: expect.stringContaining("path '/b'") },
  });
  await agent.close();
});
