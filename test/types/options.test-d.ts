import {
  type BodyInput,
  type BrowserAlias,
  type BrowserProfile,
  type CookieLimits,
  createSession,
  createTransport,
  fetch,
  getEmulationHeaders,
  getOperatingSystems,
  getProfiles,
  type HeadersInput,
  type OperatingSystem,
  type RequestEvent,
  type RequestInit,
  resolveProfile,
  type Session,
  type SessionOptions,
  type TimeoutInput,
  type Transport,
  type TransportOptions,
  type TrustStore,
} from 'jarfetch';
import { CookieJar } from 'tough-cookie';
import { describe, expectTypeOf, it } from 'vitest';

declare const session: Session;
declare const transport: Transport;

describe('the names of browsers', () => {
  it('are literals', () => {
    expectTypeOf<'chrome_142'>().toExtend<BrowserProfile>();
    expectTypeOf<'chrome_1'>().not.toExtend<BrowserProfile>();
    expectTypeOf<string>().not.toExtend<BrowserProfile>();
    expectTypeOf<'chrome'>().not.toExtend<BrowserProfile>();
  });

  it('have ten families', () => {
    expectTypeOf<BrowserAlias>().toEqualTypeOf<
      | 'chrome'
      | 'edge'
      | 'firefox'
      | 'firefox_android'
      | 'firefox_private'
      | 'opera'
      | 'safari'
      | 'safari_ios'
      | 'safari_ipad'
      | 'okhttp'
    >();
  });

  it('run on five systems', () => {
    expectTypeOf<OperatingSystem>().toEqualTypeOf<'windows' | 'macos' | 'linux' | 'android' | 'ios'>();
  });

  it('are listed in arrays of the caller', () => {
    expectTypeOf(getProfiles).toEqualTypeOf<() => BrowserProfile[]>();
    expectTypeOf(getOperatingSystems).toEqualTypeOf<() => OperatingSystem[]>();
  });

  it('are resolved to a profile and to its headers', () => {
    expectTypeOf(resolveProfile('chrome')).toEqualTypeOf<BrowserProfile>();
    expectTypeOf(getEmulationHeaders('chrome_142', 'windows')).toEqualTypeOf<[string, string][]>();
    // @ts-expect-error no browser of this name
    expectTypeOf(resolveProfile).toBeCallableWith('netscape');
  });
});

describe('SessionOptions', () => {
  it('are all optional', () => {
    expectTypeOf<Record<never, never>>().toExtend<SessionOptions>();
  });

  it('may each be undefined', () => {
    expectTypeOf<{ [K in keyof SessionOptions]-?: undefined }>().toExtend<SessionOptions>();
  });

  it('are those of the documentation', () => {
    expectTypeOf<SessionOptions['browser']>().toEqualTypeOf<
      BrowserProfile | BrowserAlias | null | undefined
    >();
    expectTypeOf<SessionOptions['proxy']>().toEqualTypeOf<
      string | (() => string | null) | null | undefined
    >();
    expectTypeOf<SessionOptions['timeout']>().toEqualTypeOf<TimeoutInput | undefined>();
    expectTypeOf<SessionOptions['cookieJar']>().toEqualTypeOf<CookieJar | undefined>();
    expectTypeOf<SessionOptions['cookieLimits']>().toEqualTypeOf<Partial<CookieLimits> | undefined>();
    expectTypeOf<SessionOptions['transport']>().toEqualTypeOf<Transport | undefined>();
    expectTypeOf<SessionOptions['defaultHeaders']>().toEqualTypeOf<HeadersInput | undefined>();
    expectTypeOf<TrustStore>().toEqualTypeOf<'combined' | 'mozilla' | 'defaultPaths'>();
  });

  it('take what they should', () => {
    expectTypeOf(createSession).toBeCallableWith({
      browser: 'firefox',
      os: 'linux',
      proxy: 'env',
      timeout: { total: 5000, connect: false },
      insecure: true,
      trustStore: 'mozilla',
      ca: ['pem', Buffer.from('pem')],
      defaultHeaders: { 'x-count': 5, 'x-gone': null },
      sessionId: 'ada',
      cookieJar: new CookieJar(),
      baseUrl: new URL('https://shop.example/'),
      redirect: 'manual',
      maxRedirects: 5,
      maxBodyBytes: 1000,
      http2: true,
      acceptLanguage: 'de-DE, en',
    });
    expectTypeOf(createSession).toBeCallableWith({ timeout: false, browser: null, transport });
  });

  it('refuse what they should not take', () => {
    // @ts-expect-error no browser of this name
    expectTypeOf(createSession).toBeCallableWith({ browser: 'netscape' });
    // @ts-expect-error no system of this name
    expectTypeOf(createSession).toBeCallableWith({ os: 'beos' });
    // @ts-expect-error milliseconds are a number
    expectTypeOf(createSession).toBeCallableWith({ timeout: '30s' });
    // @ts-expect-error true is no limit
    expectTypeOf(createSession).toBeCallableWith({ timeout: true });
    // @ts-expect-error a string is no boolean
    expectTypeOf(createSession).toBeCallableWith({ insecure: 'yes' });
    // @ts-expect-error the trust stores have names
    expectTypeOf(createSession).toBeCallableWith({ trustStore: 'system' });
    // @ts-expect-error an option of a transport
    expectTypeOf(createSession).toBeCallableWith({ poolMaxSize: 5 });
    // @ts-expect-error an option of a call
    expectTypeOf(createSession).toBeCallableWith({ json: {} });
    // @ts-expect-error misspelt
    expectTypeOf(createSession).toBeCallableWith({ timout: 5 });
  });
});

describe('RequestInit', () => {
  it("takes fetch's options and more", () => {
    expectTypeOf(session.fetch).toBeCallableWith('https://a.example/', {
      method: 'PUT',
      headers: [['a', 'b']],
      signal: AbortSignal.abort(),
      redirect: 'error',
      duplex: 'half',
      credentials: 'omit',
      mode: 'cors',
      cache: 'no-store',
      referrer: 'https://a.example/',
      referrerPolicy: 'origin',
      json: { any: ['thing', 5, null] },
      searchParams: { page: 2, all: true },
      timeout: 500,
      maxRedirects: 0,
      maxBodyBytes: 10,
      transport,
      destination: 'image',
      userActivation: false,
      disableDefaultHeaders: true,
      decompress: false,
      compress: false,
      crossOriginHeaders: ['x-team'],
      onRequestEvent: (event) => expectTypeOf(event).toEqualTypeOf<RequestEvent>(),
    });
    session.fetch('https://a.example/', {
      onRequestEvent: (event) => {
        if (event.type === 'retry') {
          expectTypeOf([event.attempt, event.wait]).toEqualTypeOf<number[]>();
          expectTypeOf(event.reason).toEqualTypeOf<string>();
        }
        if (event.type === 'response_headers') expectTypeOf(event.status).toEqualTypeOf<number>();
        if (event.type === 'body_progress') expectTypeOf(event.total).toEqualTypeOf<number | null>();
        // What any step may have can be read without asking for its type.
        expectTypeOf(event.uploadedBytes).toEqualTypeOf<number | undefined>();
      },
    });
    expectTypeOf(session.fetch).toBeCallableWith('https://a.example/', { form: 'a=b' });
    expectTypeOf(session.fetch).toBeCallableWith('https://a.example/', { form: { a: 1, b: true, c: 'd' } });
    expectTypeOf(session.fetch).toBeCallableWith('https://a.example/', { form: new URLSearchParams() });
    expectTypeOf(session.fetch).toBeCallableWith('https://a.example/', {
      body: null,
      signal: null,
      headers: null,
    });
  });

  it.each<BodyInput>([
    'text',
    new URLSearchParams(),
    new ArrayBuffer(1),
    new Uint8Array(1),
    Buffer.from('x'),
    new DataView(new ArrayBuffer(1)),
    new Blob([]),
    new FormData(),
    new ReadableStream<Uint8Array>(),
    (async function* () {
      yield 'chunk';
    })(),
  ])('takes every kind of body', (body) => {
    expectTypeOf(body).toExtend<RequestInit['body']>();
  });

  it('refuses what it should not take', () => {
    const url = 'https://a.example/';
    // @ts-expect-error a number is no body
    expectTypeOf(session.fetch).toBeCallableWith(url, { body: 5 });
    // @ts-expect-error an object is no body: use json or form
    expectTypeOf(session.fetch).toBeCallableWith(url, { body: { a: 1 } });
    // @ts-expect-error no mode of this name
    expectTypeOf(session.fetch).toBeCallableWith(url, { redirect: 'never' });
    // @ts-expect-error a header holds text, numbers and booleans
    expectTypeOf(session.fetch).toBeCallableWith(url, { headers: { a: {} } });
    // @ts-expect-error an option of fetch() alone
    expectTypeOf(session.fetch).toBeCallableWith(url, { session });
    // @ts-expect-error names in an array
    expectTypeOf(session.fetch).toBeCallableWith(url, { crossOriginHeaders: 'x-team' });
    // @ts-expect-error a number is no URL
    expectTypeOf(session.fetch).toBeCallableWith(5);
  });

  it('has a session and a cookieMode in one-shot fetch', () => {
    expectTypeOf(fetch).toBeCallableWith('https://a.example/', { session, cookieMode: 'session' });
    expectTypeOf(fetch).toBeCallableWith('https://a.example/', { browser: 'safari', ca: 'pem', http2: true });
    // @ts-expect-error no mode of this name
    expectTypeOf(fetch).toBeCallableWith('https://a.example/', { cookieMode: 'jar' });
  });
});

describe('TransportOptions', () => {
  it('take what they should', () => {
    expectTypeOf(createTransport).toBeCallableWith({
      proxy: 'socks5://127.0.0.1:1080',
      browser: 'edge',
      os: 'windows',
      insecure: false,
      trustStore: 'combined',
      resolve: { 'a.example': '127.0.0.1', 'b.example': ['127.0.0.1', '::1'] },
      poolIdleTimeout: 1000,
      poolMaxIdlePerHost: 0,
      poolMaxSize: 6,
      connectTimeout: 1000,
      readTimeout: 1000,
      http2: true,
    });
    expectTypeOf<{ [K in keyof TransportOptions]-?: undefined }>().toExtend<TransportOptions>();
  });

  it('refuse what they should not take', () => {
    // @ts-expect-error an option of a session
    expectTypeOf(createTransport).toBeCallableWith({ cookieJar: new CookieJar() });
    // @ts-expect-error addresses by host
    expectTypeOf(createTransport).toBeCallableWith({ resolve: ['127.0.0.1'] });
    // @ts-expect-error a number of connections
    expectTypeOf(createTransport).toBeCallableWith({ poolMaxSize: '6' });
  });
});
