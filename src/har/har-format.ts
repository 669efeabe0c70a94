/** HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), and what browsers and this package add by `_`. */
export interface Har {
  readonly log: HarLog;
}

export interface HarLog {
  readonly version: string;
  readonly creator: { readonly name: string; readonly version: string };
  readonly entries: readonly HarEntry[];
}

/** One exchange. */
export interface HarEntry {
  /** ISO 8601. */
  readonly startedDateTime: string;
  /** Milliseconds: the sum of the timings that are not -1, without `ssl`, which is a part of `connect`. */
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  readonly cache: object;
  readonly timings: HarTimings;
  readonly serverIPAddress?: string;
  /** The local port. */
  readonly connection?: string;
  readonly comment?: string;
  readonly _resourceType?: string;
  /** Numbers the calls of a recording from 1. */
  readonly _call?: number;
  /** Which try of the call this belongs to, counted from 1. */
  readonly _attempt?: number;
  /** Which request of the chain of redirects this is, counted from 1. */
  readonly _hop?: number;
  /** True when it was sent before, on a connection that was gone. */
  readonly _resent?: boolean;
  readonly _webSocketMessages?: readonly HarWebSocketMessage[];
}

export interface HarField {
  readonly name: string;
  readonly value: string;
}

export interface HarCookie extends HarField {
  readonly path?: string;
  readonly domain?: string;
  readonly expires?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  readonly sameSite?: string;
}

export interface HarRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarField[];
  readonly queryString: readonly HarField[];
  readonly postData?: HarPostData;
  /** Bytes, -1 where they are not known. */
  readonly headersSize: number;
  readonly bodySize: number;
}

export interface HarPostData {
  readonly mimeType: string;
  readonly text?: string;
  readonly params?: readonly Partial<HarField>[];
  /** `base64` for a body that is no text. */
  readonly _encoding?: string;
}

export interface HarResponse {
  /** 0 where there was none. */
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarField[];
  readonly content: HarContent;
  readonly redirectURL: string;
  readonly headersSize: number;
  /** Bytes as they came, with their Content-Encoding; -1 where they are not known. */
  readonly bodySize: number;
  /** What the exchange failed with: a code of a RequestError, `aborted`, or what a browser says. */
  readonly _error?: string | null;
}

export interface HarContent {
  /** Bytes without Content-Encoding. */
  readonly size: number;
  readonly compression?: number;
  readonly mimeType: string;
  /** Without Content-Encoding. */
  readonly text?: string;
  readonly encoding?: string;
  readonly comment?: string;
}

/** Milliseconds, -1 for a step that did not happen. */
export interface HarTimings {
  readonly blocked?: number;
  readonly dns?: number;
  readonly connect?: number;
  readonly ssl?: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

/** A message as Chrome writes it. */
export interface HarWebSocketMessage {
  readonly type: 'send' | 'receive';
  /** Epoch seconds. */
  readonly time: number;
  /** 1 for text, 2 for bytes, which are base64 then. */
  readonly opcode: number;
  readonly data: string;
}
