// Sessions

export {
  createSession,
  type FetchInit,
  fetch,
  loadSession,
  type OneShotOptions,
  withSession,
} from './core/session/create.ts';
export type { SessionOptions } from './core/session/options.ts';
export type {
  AccountStanding,
  DocumentCookie,
  LoginPause,
  SaveOptions,
  SessionDocument,
} from './core/session/saved-session.ts';
export { Session } from './core/session/session.ts';

// Requests

export type { Progress, RequestEvent, RequestEventFields } from './core/request/events.ts';
export type { FieldsInput, FieldValue } from './core/request/fields.ts';
export type { HeadersInput, HeaderValue } from './core/request/headers.ts';
export type { RequestInit } from './core/request/init.ts';
export type { BodyInput } from './core/request/request-body.ts';
export type { RetryOptions } from './core/request/retry-options.ts';
export type { CallOptions, RequestDefaults, TimeoutInput } from './core/request/settings.ts';

// Responses

export type { HeaderEntry } from './core/http.ts';
export type { Hop, HopRequest } from './core/response/hop.ts';
export type { SessionResponse } from './core/response/response.ts';
export type { Timings } from './core/transport/timings.ts';

// WebSockets and event streams

export type { ServerSentEvent } from './core/live/event-parser.ts';
export type { EventStream, EventStreamInit } from './core/live/event-stream.ts';
export type { WebSocketOptions } from './core/live/websocket-options.ts';

// Middleware and observers

export type { Middleware, MiddlewareNext } from './core/flow/middleware.ts';
export type {
  MiddlewareBody,
  MiddlewareChanges,
  MiddlewareHeaders,
  MiddlewareRequest,
} from './core/flow/middleware-request.ts';
export type { ObservedCookie } from './core/flow/observed-cookies.ts';
export type {
  ObservedAddress,
  ObservedCall,
  ObservedConnection,
  ObservedExchange,
  ObservedFailure,
  ObservedMessage,
  ObservedRedirect,
  ObservedRequest,
  ObservedResponse,
  ObservedRetry,
  Observer,
} from './core/flow/observer.ts';

// Cookies

export type { CookieExplanation, PutRejection, SessionCookie } from './core/cookies/adapter/index.ts';
export type {
  ChromeCookie,
  CookieExports,
  CookieFormat,
  CookieImport,
  DevtoolsCookie,
  ImportFormat,
  ImportOptions,
  PlaywrightCookie,
  PlaywrightState,
  RecordRejection,
  RejectedCookie,
  WebDriverCookie,
} from './core/cookies/formats/convert.ts';
export type { CookieAttributes, SessionCookieInit } from './core/cookies/input.ts';
export {
  BrowserCookieJar,
  type BrowserCookieStore,
  type BrowserGetCookiesOptions,
  type CookieFilter,
  type CookieInit,
  type CookieJarMethods,
  type CookieLimits,
  type CookieOutcome,
  type CookieRecord,
  type CookieWithheld,
  type ReceiveOptions,
  type SameSite,
  type SameSiteContext,
} from './core/cookies/jar/browser-cookie-jar.ts';
export type { CookieRejection, SetCookieRejection, SetCookieResult } from './core/cookies/jar/outcome.ts';
export type { CookieMethods } from './core/session/cookie-methods.ts';

// Browsers

export {
  type BrowserAlias,
  type BrowserProfile,
  type CacheMode,
  type EmulationContext,
  getEmulationHeaders,
  getOperatingSystems,
  getProfiles,
  type Initiator,
  type OperatingSystem,
  type ReferrerPolicyName,
  type RequestContext,
  resolveProfile,
} from './core/presets/index.ts';

// Transports

export type { AddressTarget, HostTarget } from './core/transport/address-rules.ts';
export type { ConnectionOptions } from './core/transport/connection-options.ts';
export { publicAddressesOnly } from './core/transport/public-addresses.ts';
export type { Pem, TrustStore } from './core/transport/tls.ts';
export type { ProxyTlsOptions } from './core/transport/tls-options.ts';
export { createTransport, Transport } from './core/transport/transport.ts';
export type { TransportOptions } from './core/transport/transport-options.ts';

// Errors

export {
  type FailedRequest,
  isRequestError,
  RequestError,
  type RequestErrorCode,
  type RequestErrorDetails,
  type RequestPhase,
} from './core/errors.ts';
