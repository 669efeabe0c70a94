import type { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import {
  type BrowserProfile,
  type CookieAttributes,
  type CookieFilter,
  createSession,
  createTransport,
  type FetchInit,
  fetch,
  type OperatingSystem,
  type RequestInit,
  Session,
  type SessionCookie,
  type SessionCookieInit,
  type SessionOptions,
  type SessionResponse,
  type Transport,
  type TransportOptions,
  withSession,
} from 'jarfetch';
import { cookieDispatcher, cookieFetch } from 'jarfetch/interop';
import type { CookieJar } from 'tough-cookie';
import type { Dispatcher } from 'undici';
import { describe, expectTypeOf, it } from 'vitest';

declare const session: Session;
declare const response: SessionResponse;

/** The Dispatcher of another undici: that of Node.js's own fetch, as @types/node has it. */
type OtherDispatcher = NonNullable<globalThis.RequestInit['dispatcher']>;

describe('an undici of another version', () => {
  it('takes the dispatcher of a session', () => {
    expectTypeOf(globalThis.fetch).toBeCallableWith('https://a.example/', {
      dispatcher: cookieDispatcher(session),
    });
    expectTypeOf(cookieDispatcher(session)).toEqualTypeOf<Dispatcher>();
    // @ts-expect-error -- a string is no dispatcher
    const text: string = cookieDispatcher(session);
    expectTypeOf(text).toEqualTypeOf<string>();
  });

  it('gives a transport its dispatcher', () => {
    expectTypeOf(createTransport).toBeCallableWith({ dispatcher: {} as OtherDispatcher });
    // @ts-expect-error -- an agent of node:http dispatches nothing
    createTransport({ dispatcher: {} as Agent });
  });
});

describe('the fetch of a session', () => {
  it('stands in the place of the fetch of Node.js', () => {
    const instead: typeof globalThis.fetch = session.fetch;
    expectTypeOf(instead).toEqualTypeOf<typeof globalThis.fetch>();
    expectTypeOf(session.fetch).toBeCallableWith('/', {} as globalThis.RequestInit);
    expectTypeOf(cookieFetch(session, globalThis.fetch)).toEqualTypeOf<typeof globalThis.fetch>();
  });
});

describe('the entry points', () => {
  it('promise what they create', () => {
    expectTypeOf(createSession).toEqualTypeOf<(options?: SessionOptions) => Promise<Session>>();
    expectTypeOf(createTransport).toEqualTypeOf<(options?: TransportOptions) => Promise<Transport>>();
    expectTypeOf(fetch).toEqualTypeOf<
      (input: string | URL | Request, init?: FetchInit | null) => Promise<SessionResponse>
    >();
  });

  it('give back what the function of withSession returns', () => {
    expectTypeOf(withSession((own) => own.id)).toEqualTypeOf<Promise<string>>();
    expectTypeOf(withSession(async () => 5)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(withSession((own) => own.fetch('https://a.example/'))).toEqualTypeOf<
      Promise<SessionResponse>
    >();
  });

  it('take the place of the global fetch', () => {
    expectTypeOf(fetch).toExtend<(input: string | URL | Request) => Promise<Response>>();
    expectTypeOf(session.fetch).toExtend<(input: string | URL | Request) => Promise<Response>>();
  });
});

describe('Session', () => {
  it('has read-only facts', () => {
    expectTypeOf<Pick<Session, 'id' | 'closed' | 'browser' | 'os' | 'cookieJar'>>().toEqualTypeOf<{
      readonly id: string;
      readonly closed: boolean;
      readonly browser: BrowserProfile | null;
      readonly os: OperatingSystem;
      readonly cookieJar: CookieJar;
    }>();
  });

  it('has cookie verbs that answer at once', () => {
    expectTypeOf<Session['getCookies']>().toEqualTypeOf<(url: string | URL) => Record<string, string>>();
    expectTypeOf<Session['getAllCookies']>().toEqualTypeOf<() => SessionCookie[]>();
    expectTypeOf<Session['setCookie']>().toEqualTypeOf<
      (name: string, value: string, url: string | URL, attributes?: CookieAttributes) => void
    >();
    expectTypeOf<Session['setCookies']>().toEqualTypeOf<
      (cookies: readonly SessionCookieInit[], url?: string | URL) => void
    >();
  });

  it('clears cookies and closes with promises', () => {
    expectTypeOf<Session['clearCookies']>().toEqualTypeOf<(filter?: CookieFilter) => Promise<void>>();
    expectTypeOf<Session['close']>().toEqualTypeOf<() => Promise<void>>();
    expectTypeOf<Session>().toExtend<AsyncDisposable>();
  });

  it('gives cookies that it takes back', () => {
    expectTypeOf<SessionCookie>().toExtend<SessionCookieInit>();
    expectTypeOf<SessionCookie['sameSite']>().toEqualTypeOf<'lax' | 'strict' | 'none' | undefined>();
    expectTypeOf<SessionCookie['expiresAtMs']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<SessionCookie['hostOnly']>().toEqualTypeOf<boolean>();
  });

  it('fetches with its own options', () => {
    expectTypeOf<Session['fetch']>().toEqualTypeOf<
      (input: string | URL | Request, init?: RequestInit | null) => Promise<SessionResponse>
    >();
  });

  it('is told apart from what looks like one', () => {
    expectTypeOf<{ id: string; fetch: Session['fetch'] }>().not.toExtend<Session>();
    expectTypeOf(session).toExtend<Session>();
    expectTypeOf(Session).toBeConstructibleWith({ browser: 'chrome' });
  });
});

describe('Transport', () => {
  it('has an id, a state, a dispatcher and an end', () => {
    expectTypeOf<Pick<Transport, 'id' | 'closed' | 'dispatcher'>>().toEqualTypeOf<{
      readonly id: string;
      readonly closed: boolean;
      readonly dispatcher: Dispatcher;
    }>();
    expectTypeOf<Transport['close']>().toEqualTypeOf<() => Promise<void>>();
    expectTypeOf<Transport>().toExtend<AsyncDisposable>();
  });
});

describe('SessionResponse', () => {
  it('is a Response', () => {
    expectTypeOf<SessionResponse>().toExtend<Response>();
    expectTypeOf(response.json()).resolves.toEqualTypeOf<unknown>();
    expectTypeOf(response.json<{ id: number }>()).resolves.toEqualTypeOf<{ id: number }>();
    expectTypeOf(response.text()).resolves.toBeString();
    expectTypeOf(response.body).toEqualTypeOf<Response['body']>();
  });

  it('tells more than a Response', () => {
    expectTypeOf(response.hops[0]?.url).toEqualTypeOf<string | undefined>();
    expectTypeOf(response.hops[0]?.status).toEqualTypeOf<number | undefined>();
    expectTypeOf(response.hops[0]?.headers).toEqualTypeOf<Headers | undefined>();
    expectTypeOf(response.cookies).toEqualTypeOf<Readonly<Record<string, string | string[]>>>();
    expectTypeOf(response.contentLength).toEqualTypeOf<number | null>();
    expectTypeOf(response.timings.connect).toEqualTypeOf<number | null>();
    expectTypeOf(response.readable()).toEqualTypeOf<Readable>();
    expectTypeOf(response.clone()).toEqualTypeOf<SessionResponse>();
  });

  it('reads bytes', () => {
    expectTypeOf(response.bytes()).resolves.toExtend<Uint8Array>();
  });
});
