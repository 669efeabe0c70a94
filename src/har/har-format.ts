/**
 * HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), and the fields that browsers and this package
 * add with `_`.
 */
export interface Har {
  readonly log: HarLog;
}

export interface HarLog {
  readonly version: string;
  readonly creator: { readonly name: string; readonly version: string };
  readonly pages?: readonly object[];
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
  /** The attempt of the call, counted from 1. */
  readonly _attempt?: number;
  /** The hop in the chain of redirects, counted from 1. */
  readonly _hop?: number;
  /** True for a repetition after a reused connection was lost. */
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
  /** `base64` for a body that is not text. */
  readonly _encoding?: string;
}

export interface HarResponse {
  /** 0 for no body. */
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarField[];
  readonly content: HarContent;
  readonly redirectURL: string;
  readonly headersSize: number;
  /** Bytes as received, with their Content-Encoding; -1 where the number is not known. */
  readonly bodySize: number;
  /** The failure of the exchange: a code of a RequestError, `aborted`, or a browser's text. */
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
  /** 1 for text, 2 for bytes in base64. */
  readonly opcode: number;
  readonly data: string;
}
