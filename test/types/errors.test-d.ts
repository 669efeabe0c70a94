import {
  type FailedRequest,
  isRequestError,
  RequestError,
  type RequestErrorCode,
  type RequestPhase,
} from 'jarfetch';
import { describe, expectTypeOf, it } from 'vitest';

declare const error: RequestError;

describe('RequestError', () => {
  it('is a TypeError', () => {
    expectTypeOf<RequestError>().toExtend<TypeError>();
    expectTypeOf(RequestError).toBeConstructibleWith('ERR_DNS', 'no such host', { status: 5 });
  });

  it('has these codes and no others', () => {
    expectTypeOf<RequestErrorCode>().toEqualTypeOf<
      | 'ERR_INVALID_URL'
      | 'ERR_INVALID_OPTION'
      | 'ERR_INVALID_HEADER'
      | 'ERR_INVALID_COOKIE'
      | 'ERR_INVALID_BODY'
      | 'ERR_SESSION_CLOSED'
      | 'ERR_TRANSPORT_CLOSED'
      | 'ERR_TIMEOUT'
      | 'ERR_DNS'
      | 'ERR_CONNECT'
      | 'ERR_ADDRESS_FORBIDDEN'
      | 'ERR_TLS'
      | 'ERR_PROXY'
      | 'ERR_PROXY_AUTH'
      | 'ERR_CONNECTION_LOST'
      | 'ERR_PROTOCOL'
      | 'ERR_HEADERS_TOO_LARGE'
      | 'ERR_BODY_TRUNCATED'
      | 'ERR_BODY_TOO_LARGE'
      | 'ERR_DECODE'
      | 'ERR_REDIRECT'
      | 'ERR_TOO_MANY_REDIRECTS'
      | 'ERR_INVALID_REDIRECT'
      | 'ERR_BODY_NOT_REPLAYABLE'
      | 'ERR_RATE_LIMITED'
      | 'ERR_INVALID_DOCUMENT'
      | 'ERR_SESSION_NOT_FOUND'
      | 'ERR_SESSION_EXISTS'
      | 'ERR_TOO_MANY_SESSIONS'
      | 'ERR_REGISTRY_CLOSED'
      | 'ERR_LOGIN_FAILED'
      | 'ERR_NO_ACCOUNT'
      | 'ERR_POOL_CLOSED'
      | 'ERR_STORE'
      | 'ERR_STORE_CONFLICT'
      | 'ERR_STORE_KEY'
      | 'ERR_STORE_LOCKED'
      | 'ERR_STORE_VERSION'
      | 'ERR_NOT_HTML'
      | 'ERR_PAGE_TOO_LARGE'
      | 'ERR_INVALID_SELECTOR'
      | 'ERR_NOT_FOUND'
      | 'ERR_AMBIGUOUS'
      | 'ERR_NOT_NAVIGABLE'
      | 'ERR_FORM_INVALID'
      | 'ERR_CONTROL_VALUE'
      | 'ERR_FIELD_MISSING'
      | 'ERR_STATUS'
      | 'ERR_CHECKSUM'
      | 'ERR_FILE'
      | 'ERR_MOCK_FAILED'
      | 'ERR_REPLAY_NO_MATCH'
    >();
  });

  it('has these phases', () => {
    expectTypeOf<RequestPhase>().toEqualTypeOf<'queue' | 'connect' | 'tls' | 'proxy' | 'headers' | 'body'>();
  });

  it('carries what is known, read-only', () => {
    expectTypeOf(error.code).toEqualTypeOf<RequestErrorCode>();
    expectTypeOf(error.phase).toEqualTypeOf<RequestPhase | undefined>();
    expectTypeOf(error.request).toEqualTypeOf<FailedRequest | undefined>();
    expectTypeOf<FailedRequest>().toEqualTypeOf<{ readonly method: string; readonly url: string }>();
    expectTypeOf(error.status).toEqualTypeOf<number | undefined>();
    expectTypeOf(error.timeout).toEqualTypeOf<number | undefined>();
    expectTypeOf(error.hops).toEqualTypeOf<readonly string[] | undefined>();
    // @ts-expect-error a code is for good
    error.code = 'ERR_DNS';
  });
});

describe('isRequestError', () => {
  it('narrows what was caught', () => {
    const caught: unknown = error;
    if (isRequestError(caught)) expectTypeOf(caught).toEqualTypeOf<RequestError>();
    if (isRequestError(caught, 'ERR_TIMEOUT')) expectTypeOf(caught).toExtend<RequestError>();
  });

  it('takes a code that exists', () => {
    expectTypeOf(isRequestError).toBeCallableWith(null, 'ERR_TLS');
    // @ts-expect-error no code of this name
    expectTypeOf(isRequestError).toBeCallableWith(null, 'ETIMEDOUT');
  });
});
