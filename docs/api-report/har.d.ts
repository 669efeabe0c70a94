// Written by `npm run api`.

import { ObservedExchange, Observer, Session, Transport } from './index.js';

export interface ExplainCallOptions {
  readonly color?: boolean | undefined;
}

export interface Har {
  readonly log: HarLog;
}

export interface HarContent {
  readonly size: number;
  readonly compression?: number;
  readonly mimeType: string;
  readonly text?: string;
  readonly encoding?: string;
  readonly comment?: string;
}

export interface HarCookie extends HarField {
  readonly path?: string;
  readonly domain?: string;
  readonly expires?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  readonly sameSite?: string;
}

export interface HarEntry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: HarRequest;
  readonly response: HarResponse;
  readonly cache: object;
  readonly timings: HarTimings;
  readonly serverIPAddress?: string;
  readonly connection?: string;
  readonly comment?: string;
  readonly _resourceType?: string;
  readonly _call?: number;
  readonly _attempt?: number;
  readonly _hop?: number;
  readonly _resent?: boolean;
  readonly _webSocketMessages?: readonly HarWebSocketMessage[];
}

export interface HarField {
  readonly name: string;
  readonly value: string;
}

export interface HarLog {
  readonly version: string;
  readonly creator: {
    readonly name: string;
    readonly version: string;
  };
  readonly pages?: readonly object[];
  readonly entries: readonly HarEntry[];
}

export interface HarPostData {
  readonly mimeType: string;
  readonly text?: string;
  readonly params?: readonly Partial<HarField>[];
  readonly _encoding?: string;
}

export interface HarRecording extends AsyncDisposable {
  stop(): Promise<Har>;
}

export interface HarRequest {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarField[];
  readonly queryString: readonly HarField[];
  readonly postData?: HarPostData;
  readonly headersSize: number;
  readonly bodySize: number;
}

export interface HarResponse {
  readonly status: number;
  readonly statusText: string;
  readonly httpVersion: string;
  readonly cookies: readonly HarCookie[];
  readonly headers: readonly HarField[];
  readonly content: HarContent;
  readonly redirectURL: string;
  readonly headersSize: number;
  readonly bodySize: number;
  readonly _error?: string | null;
}

export interface HarTimings {
  readonly blocked?: number;
  readonly dns?: number;
  readonly connect?: number;
  readonly ssl?: number;
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

export interface HarWebSocketMessage {
  readonly type: 'send' | 'receive';
  readonly time: number;
  readonly opcode: number;
  readonly data: string;
}

export type MockHandler = (request: Request, n: number) => Response | Promise<Response>;

export interface ReadHarOptions {
  readonly maxBytes?: number | undefined;
}

export interface RecordHarOptions {
  readonly path?: string | URL | undefined;
  readonly content?: 'embed' | 'omit' | undefined;
  readonly maxBody?: number | undefined;
  readonly redact?:
    | boolean
    | {
        readonly names: readonly string[];
      }
    | undefined;
  readonly filter?: ((exchange: ObservedExchange) => boolean) | undefined;
}

export interface ReplayHarOptions {
  readonly mode?: 'sequence' | 'any' | undefined;
  readonly notFound?: 'error' | 'pass' | undefined;
  readonly match?: ReplayMatch | ReplayMatcher | undefined;
  readonly latency?: number | 'recorded' | undefined;
}

export interface ReplayMatch {
  readonly ignoreQuery?: boolean | readonly string[] | undefined;
  readonly ignoreBody?: boolean | undefined;
  readonly headers?: readonly string[] | undefined;
}

export type ReplayMatcher = (request: ReplayedRequest, entry: HarEntry) => boolean;

export declare class ReplayTransport extends Transport {
  #private;
  unused(): HarEntry[];
  close(): Promise<void>;
}

export interface ReplayedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | null;
}

export declare function callLog(): Observer;

export declare function explainCall(subject: unknown, options?: ExplainCallOptions): string;

export declare function mockTransport(handler: MockHandler): Transport;

export declare function readHar(path: string | URL, options?: ReadHarOptions): Promise<Har>;

export declare function recordHar(session: Session, options?: RecordHarOptions): HarRecording;

export declare function replayHar(har: object, options?: ReplayHarOptions): ReplayTransport;
