// Written by `npm run api`.

import http from 'node:http';
import https from 'node:https';
import { Dispatcher } from 'undici';
import { Session, Transport } from './index.js';

export type FetchLike = (input: never, init?: never) => Promise<FetchResponse>;

export interface FetchResponse {
  readonly status: number;
  readonly headers: {
    get(name: string): string | null;
  };
  readonly body?: unknown;
  arrayBuffer(): Promise<ArrayBuffer>;
}

export interface NodeAgents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

export declare function cookieDispatcher<D extends Pick<Dispatcher, 'close'> = Dispatcher>(
  session: Session,
): D;

export declare function cookieFetch<Fetch extends FetchLike>(session: Session, fetch: Fetch): Fetch;

export declare function nodeAgents(transport: Transport): NodeAgents;
