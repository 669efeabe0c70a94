import { Agent as HttpAgent } from 'node:http';
import { createSession, type Observer, type SessionOptions } from 'jarfetch';
import { callLog, recordHar } from 'jarfetch/har';
import { Agent, type Dispatcher, request, fetch as undiciFetch } from 'undici';
import { openSession } from './cookies.ts';

/** One way to do what a benchmark asks for. */
export interface Peer {
  readonly name: string;
  /** One request for `url`, its body read as text. */
  readonly get: (url: string) => Promise<unknown>;
  /** Comes before each round and is not measured. */
  readonly prepare?: (url: string) => Promise<unknown>;
  readonly close?: () => Promise<void> | void;
}

const cookieNames = Array.from({ length: 5 }, (_, index) => `cookie${index}`);

/** Ours, as a user would: preset chrome, a jar of five cookies. */
export async function session(origin: string): Promise<Peer> {
  const own = await openSession(origin, cookieNames.length, { insecure: true });
  return {
    name: 'session.fetch',
    get: async (url) => (await own.fetch(url)).text(),
    close: () => own.close(),
  };
}

/** The same, with an observer of every kind of event but copies of bodies. */
async function watchedSession(origin: string): Promise<Peer> {
  const counts = { calls: 0, requests: 0, bytes: 0 };
  const observer = {
    onCallStart: () => void counts.calls++,
    onRequest: () => void counts.requests++,
    onResponse: () => {},
    onBytes: () => void counts.bytes++,
    onExchangeEnd: () => {},
    onCallEnd: () => {},
  };
  return openWatched('session.fetch, watched', origin, observer);
}

/** The same, with what explainCall needs. */
function loggedSession(origin: string): Promise<Peer> {
  return openWatched('session.fetch, with callLog', origin, callLog());
}

/** The same, recorded: what is kept of each call. Entries are made when the recording ends, which is not measured. */
async function recordedSession(origin: string): Promise<Peer> {
  const own = await openSession(origin, cookieNames.length, { insecure: true });
  recordHar(own);
  return {
    name: 'session.fetch, with recordHar',
    get: async (url) => (await own.fetch(url)).text(),
    close: () => own.close(),
  };
}

async function openWatched(name: string, origin: string, observer: Observer): Promise<Peer> {
  const options = { insecure: true, observers: [observer] };
  const own = await openSession(origin, cookieNames.length, options);
  return { name, get: async (url) => (await own.fetch(url)).text(), close: () => own.close() };
}

/** The bare client: no cookies, no preset. What everybody is measured against. */
function undiciRequest(): Peer {
  const dispatcher = new Agent({ allowH2: false, connect: { rejectUnauthorized: false } });
  return {
    name: 'undici.request',
    get: async (url) => (await request(url, { dispatcher })).body.text(),
    close: () => dispatcher.close(),
  };
}

/** The bare client with the very head of the session: browser's fields, their order, six cookies. */
async function undiciWithHead(origin: string): Promise<Peer> {
  const dispatcher = new Agent({ allowH2: false });
  const headers = await headOf(origin);
  return {
    name: 'undici.request, same head',
    get: async (url) => (await request(url, { dispatcher, headers })).body.text(),
    close: () => dispatcher.close(),
  };
}

/** The same head by undici's dispatch, with the least that a handler can do: the least that a client can cost. */
async function dispatchWithHead(origin: string): Promise<Peer> {
  const dispatcher = new Agent({ allowH2: false });
  const headers = await headOf(origin);
  return {
    name: 'dispatch, same head',
    get: (url) =>
      new Promise((resolve, reject) => {
        const { origin, pathname: path } = new URL(url);
        const pieces: Buffer[] = [];
        const handler: Dispatcher.DispatchHandler = {
          onRequestStart: () => {},
          onResponseStart: () => {},
          onResponseData: (_controller, piece) => void pieces.push(piece),
          onResponseEnd: () => resolve(Buffer.concat(pieces).toString()),
          onResponseError: (_controller, error) => reject(error),
        };
        dispatcher.dispatch({ origin, path, method: 'GET', headers }, handler);
      }),
    close: () => dispatcher.close(),
  };
}

/** The fields of a session's request, names and values in turn, without those that undici writes itself. */
async function headOf(origin: string, options: SessionOptions = {}): Promise<string[]> {
  const heads: (readonly (readonly [string, string])[])[] = [];
  const observer: Observer = { onRequest: ({ request }) => void heads.push(request?.headers ?? []) };
  const own = await openSession(origin, cookieNames.length, { ...options, observers: [observer] });
  // The second has the cookie that the first response sets.
  for (let time = 0; time < 2; time++) await (await own.fetch(origin)).text();
  await own.close();
  const head = heads.at(-1) ?? [];
  return head.filter(([name]) => !/^(:.*|host|connection)$/i.test(name)).flat();
}

/** Ours in a process in which other clients are used, too: what they do to the engine's caches is shared. */
async function sessionBeside(origin: string): Promise<Peer> {
  const own = await session(origin);
  const others = [fetchOfUndici(), await fetchCookie(origin)];
  return {
    ...own,
    name: 'session.fetch, beside others',
    prepare: async (url) => {
      for (const { get } of others) for (let time = 0; time < 300; time++) await get(url);
    },
  };
}

function undiciHttp2(): Peer {
  const dispatcher = new Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
  return {
    name: 'undici.request',
    get: async (url) => (await request(url, { dispatcher })).body.text(),
    close: () => dispatcher.close(),
  };
}

/** The bare client over HTTP/2 with the very fields of the session. */
async function undiciHttp2WithHead(origin: string): Promise<Peer> {
  const dispatcher = new Agent({ allowH2: true, connect: { rejectUnauthorized: false } });
  const headers = await headOf(origin, { insecure: true, http2: true });
  return {
    name: 'undici.request, same head',
    get: async (url) => (await request(url, { dispatcher, headers })).body.text(),
    close: () => dispatcher.close(),
  };
}

async function sessionHttp2(origin: string): Promise<Peer> {
  const own = await openSession(origin, cookieNames.length, { insecure: true, http2: true });
  return {
    name: 'session.fetch',
    get: async (url) => (await own.fetch(url)).text(),
    close: () => own.close(),
  };
}

function fetchOfUndici(): Peer {
  const dispatcher = new Agent({ allowH2: false });
  return {
    name: 'undici.fetch',
    get: async (url) => (await undiciFetch(url, { dispatcher })).text(),
    close: () => dispatcher.close(),
  };
}

async function sessionJson(): Promise<Peer> {
  const own = await createSession();
  return { name: 'session.fetch', get: async (url) => (await own.fetch(url)).json() };
}

function fetchJson(): Peer {
  const dispatcher = new Agent({ allowH2: false });
  return { name: 'undici.fetch', get: async (url) => (await undiciFetch(url, { dispatcher })).json() };
}

/** What a call with a body costs, here as undici and the session write JSON. */
const value = { text: 'x'.repeat(1000) };

function undiciPost(): Peer {
  const dispatcher = new Agent({ allowH2: false });
  const headers = { 'content-type': 'application/json' };
  return {
    name: 'undici.request',
    get: async (url) => {
      const body = JSON.stringify(value);
      return (await request(url, { method: 'POST', headers, body, dispatcher })).body.text();
    },
  };
}

async function sessionPost(): Promise<Peer> {
  const own = await createSession();
  return {
    name: 'session.fetch',
    get: async (url) => (await own.fetch(url, { method: 'POST', json: value })).text(),
  };
}

// Peers are only there after `npm install` in bench/, and are only called: no types of theirs are asked for.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Peers = any;

const load = (name: string): Promise<Peers> => import(name);

async function jarOf(origin: string): Promise<Peers> {
  const { CookieJar } = await load('tough-cookie');
  const jar = new CookieJar();
  for (const name of cookieNames) jar.setCookieSync(`${name}=value; Path=/`, origin);
  return jar;
}

async function fetchCookie(origin: string): Promise<Peer> {
  const { default: wrap } = await load('fetch-cookie');
  const dispatcher = new Agent({ allowH2: false });
  const fetch = wrap(undiciFetch, await jarOf(origin));
  return {
    name: 'fetch-cookie',
    get: async (url) => (await fetch(url, { dispatcher })).text(),
    close: () => dispatcher.close(),
  };
}

async function wreq(origin: string): Promise<Peer> {
  const { createSession: create } = await load('wreq-js');
  const own = await create({ browser: 'chrome_142' });
  for (const name of cookieNames) own.setCookie(name, 'value', origin);
  return { name: 'wreq-js', get: async (url) => (await own.fetch(url)).text(), close: () => own.close() };
}

async function impit(origin: string): Promise<Peer> {
  const { Impit } = await load('impit');
  const client = new Impit({ browser: 'chrome', cookieJar: await jarOf(origin) });
  return { name: 'impit', get: async (url) => (await client.fetch(url)).text() };
}

async function got(origin: string): Promise<Peer> {
  const { default: client } = await load('got');
  const agent = { http: new HttpAgent({ keepAlive: true }) };
  const own = client.extend({ cookieJar: await jarOf(origin), retry: { limit: 0 }, agent });
  return { name: 'got', get: (url) => own(url).text() };
}

async function axios(origin: string): Promise<Peer> {
  const { default: client } = await load('axios');
  const { wrapper } = await load('axios-cookiejar-support');
  const own = wrapper(client.create({ jar: await jarOf(origin), responseType: 'text' }));
  return { name: 'axios + cookiejar', get: (url) => own.get(url) };
}

async function ky(): Promise<Peer> {
  const { default: client } = await load('ky');
  const own = client.create({ retry: 0, timeout: false });
  return { name: 'ky (no cookies)', get: (url) => own.get(url).text() };
}

async function nodeFetch(origin: string): Promise<Peer> {
  const { default: client } = await load('node-fetch');
  const { default: wrap } = await load('fetch-cookie');
  const agent = new HttpAgent({ keepAlive: true });
  const fetch = wrap(client, await jarOf(origin));
  return { name: 'node-fetch + cookie', get: async (url) => (await fetch(url, { agent })).text() };
}

/** All of them by the names that a process is told; each is made for an origin, with its cookies if it has any. */
export const makers = {
  ...{ undiciRequest, session, fetchOfUndici, fetchCookie, wreq, impit, got, axios, ky, nodeFetch },
  ...{ undiciWithHead, dispatchWithHead, sessionBeside, undiciHttp2, undiciHttp2WithHead, sessionHttp2 },
  ...{ undiciPost, sessionPost, fetchJson, sessionJson, watchedSession, loggedSession, recordedSession },
} satisfies Record<string, (origin: string) => Peer | Promise<Peer>>;
