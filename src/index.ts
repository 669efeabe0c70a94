export type { TimeoutInput } from './core/call-settings.ts';
export type {
  CookieExplanation,
  PutRejection,
  SessionCookie,
} from './core/cookie-access/index.ts';
export type {
  ChromeCookie,
  CookieExports,
  CookieFormat,
  CookieImport,
  DevtoolsCookie,
  PlaywrightCookie,
  PlaywrightState,
  RecordRejection,
  RejectedCookie,
} from './core/cookie-formats/index.ts';
export type { CookieAttributes, SessionCookieInit } from './core/cookies.ts';
export { createSession, type FetchInit, fetch, loadSession, withSession } from './core/create.ts';
export type { DocumentCookie, SaveOptions, SessionDocument } from './core/document.ts';
export {
  type FailedRequest,
  isRequestError,
  RequestError,
  type RequestErrorCode,
  type RequestErrorDetails,
  type RequestPhase,
} from './core/errors.ts';
export type { ServerSentEvent } from './core/event-parser.ts';
export type { EventStream, EventStreamInit } from './core/event-stream.ts';
export type { HeadersInput, HeaderValue } from './core/headers.ts';
export {
  BrowserCookieJar,
  type BrowserCookieStore,
  type BrowserGetCookiesOptions,
  type CookieFilter,
  type CookieInit,
  type CookieOutcome,
  type CookieRecord,
  type CookieWithheld,
  type ReceiveOptions,
  type SameSiteContext,
} from './core/jar/index.ts';
export type { RequestInit, SessionOptions } from './core/options.ts';
export type {
  CacheMode,
  CookieRejection,
  HeaderEntry,
  ReferrerPolicyName,
  RequestContext,
  RequestEvent,
  SetCookieRejection,
  SetCookieResult,
  Timings,
} from './core/pipeline.ts';
export type { BodyInput, FieldsInput } from './core/request-body.ts';
export type { Hop, SessionResponse } from './core/response.ts';
export type { RetryOptions } from './core/retry.ts';
export { Session } from './core/session.ts';
export { createTransport, Transport } from './core/transport.ts';
export type { ConnectionOptions, TransportOptions } from './core/transport-options.ts';
export type { Pem, TrustStore } from './core/trust.ts';
export type { WebSocketOptions } from './core/websocket.ts';
export {
  type BrowserAlias,
  type BrowserProfile,
  type EmulationContext,
  getEmulationHeaders,
  getOperatingSystems,
  getProfiles,
  type Initiator,
  type OperatingSystem,
  resolveProfile,
} from './presets/index.ts';
