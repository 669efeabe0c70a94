import { checkOneOf, checkOptions, ownCopy } from '../checks.ts';
import { RequestError } from '../errors.ts';
import type { HeaderEntry, RequestBody } from '../http.ts';
import type { RequestContext } from '../presets/context.ts';
import type { CallSettings } from '../request/call-settings.ts';
import type { FieldsInput } from '../request/fields.ts';
import { findHeader, type HeadersInput, mergeHeaders, readHeaders } from '../request/headers.ts';
import { noInit } from '../request/init.ts';
import type { BodyInput, ExtractedBody } from '../request/request-body.ts';
import { checkDestination, modes, resolveContext } from '../request/request-context.ts';
import {
  addedHeaders,
  completeHeaders,
  cookieOf,
  type ResolvedRequest,
  resolveBody,
  resolveMethod,
  withoutCookie,
} from '../request/resolve.ts';
import { parseUrl, takeCredentials } from '../request/url.ts';
import { rootOf } from '../sites.ts';
import { mayLeaveOrigin } from './redirects.ts';

/**
 * The request that a middleware gets: complete, and not yet sent. The browser's own headers and the jar's cookies are
 * added later, for each hop. It is immutable: {@link MiddlewareRequest.with} creates another.
 */
export interface MiddlewareRequest {
  readonly method: string;
  /** A copy; changing it changes nothing. */
  readonly url: URL;
  /** The caller's headers: `defaultHeaders`, `headers`, and those of the body. */
  readonly headers: MiddlewareHeaders;
  /** `null` for none. */
  readonly body: MiddlewareBody | null;
  /** The Fetch Standard's destination, `''` for a page's fetch. */
  readonly destination: string;
  readonly mode: RequestContext['mode'];
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly credentials: 'include' | 'omit';
  /** Aborts when the call must end: with the reason of the caller's abort, or with the error of a time limit. */
  readonly signal: AbortSignal;
  /**
   * Creates a request that differs in the properties of `changes`.
   *
   * @throws RequestError by code, as `session.fetch` does for the same option
   * @example
   * next(request.with({ headers: { authorization: `Bearer ${token}` } }));
   */
  with(changes: MiddlewareChanges): MiddlewareRequest;
}

/**
 * Headers in call order, each in the caller's spelling. `headers` of a request or of `new Headers` accepts this form.
 */
export interface MiddlewareHeaders extends Iterable<HeaderEntry> {
  /** The value of a header, whatever the case of its name; values of the same name are joined by `, `. */
  get(name: string): string | null;
  has(name: string): boolean;
}

/** The body of a request that is not yet sent. */
export interface MiddlewareBody {
  /** In bytes, `null` for a stream. */
  readonly length: number | null;
  /** True where the request can be sent more than once; false for a stream. */
  readonly isReplayable: boolean;
  /**
   * A copy of the bytes.
   *
   * @throws RequestError ERR_BODY_NOT_REPLAYABLE for a stream, which reading would use up
   */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}

/** The changes for {@link MiddlewareRequest.with}; `undefined` keeps the present value. Unknown keys are refused. */
export interface MiddlewareChanges {
  readonly method?: string | undefined;
  /**
   * A relative URL is resolved against the request's. Only those headers are sent to another origin that may follow a
   * redirect there, or that the same change sets.
   */
  readonly url?: string | URL | undefined;
  /** Headers that replace the present ones by name; `null` removes one. */
  readonly headers?: HeadersInput | null | undefined;
  /**
   * `null` removes the body and the headers that describe it. Text and bytes keep the present Content-Type, as in
   * `new Request(request, { body })`; every other body brings its own.
   */
  readonly body?: BodyInput | null | undefined;
  readonly json?: unknown;
  readonly form?: FieldsInput | undefined;
  readonly redirect?: 'follow' | 'manual' | 'error' | undefined;
  readonly credentials?: 'include' | 'omit' | undefined;
  readonly destination?: string | undefined;
  readonly mode?: RequestContext['mode'] | undefined;
}

const changeKeys: ReadonlySet<string> = new Set([
  ...['method', 'url', 'headers', 'body', 'json', 'form', 'redirect', 'credentials', 'destination', 'mode'],
]);

/** A resolved request, as a middleware gets it. */
export class HandedRequest implements MiddlewareRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: MiddlewareHeaders;
  readonly body: MiddlewareBody | null;
  readonly destination: string;
  readonly mode: RequestContext['mode'];
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly credentials: 'include' | 'omit';
  readonly #resolved: ResolvedRequest;
  readonly #signal: () => AbortSignal;

  /** @param signal creates the signal of the call when it is read */
  constructor(resolved: ResolvedRequest, signal: () => AbortSignal) {
    const { method, url, body, context, settings } = resolved;
    this.#resolved = resolved;
    this.#signal = signal;
    this.method = method;
    this.url = new URL(url.href);
    this.headers = new HandedHeaders(entriesOf(resolved));
    this.body = body === null ? null : new HandedBody(body);
    this.destination = context.destination;
    this.mode = context.mode;
    this.redirect = settings.redirect;
    this.credentials = settings.credentials ? 'include' : 'omit';
  }

  /** The resolved request of one that a middleware passed on; `null` when it was not created here. */
  static resolvedOf(request: unknown): ResolvedRequest | null {
    return typeof request === 'object' && request !== null && #resolved in request ? request.#resolved : null;
  }

  get signal(): AbortSignal {
    return this.#signal();
  }

  with(changes: MiddlewareChanges): MiddlewareRequest {
    checkOptions(changes, 'The changes of a request', changeKeys);
    return new HandedRequest(change(this.#resolved, ownCopy('The changes', changes)), this.#signal);
  }
}

/** The caller's headers, the Cookie header among them, which is kept apart. */
function entriesOf({ headers, cookie }: ResolvedRequest): readonly HeaderEntry[] {
  return cookie === null ? headers : [...headers, ['Cookie', cookie]];
}

function change(request: ResolvedRequest, changes: MiddlewareChanges): ResolvedRequest {
  const method = changes.method === undefined ? request.method : resolveMethod(changes.method);
  const url = changes.url === undefined ? request.url : parseUrl(changes.url, request.url);
  const extracted = changedBody(changes, method);
  const body = extracted === undefined ? request.body : (extracted?.body ?? null);
  if (body !== null && (method === 'GET' || method === 'HEAD')) {
    throw new RequestError('ERR_INVALID_BODY', `Request with ${method} method cannot have a body`);
  }
  const kept = keptHeaders(request, url, changes, extracted);
  const lower = { entries: kept, removed: request.removedHeaders };
  const { entries, removed } = mergeHeaders(lower, readHeaders(changes.headers));
  const added = addedHeaders(extracted ?? null, null, takeCredentials(url));
  const complete = completeHeaders(entries, removed, body, added);
  const headers = withoutCookie(complete);
  return {
    ...request,
    method,
    url,
    body,
    headers,
    initialMethod: method,
    removedHeaders: removed,
    cookie: cookieOf(complete),
    context: changedContext(request, changes, { url, method, headers }),
    settings: changedSettings(request.settings, changes),
  };
}

/** `undefined` where the body is kept, `null` where there is none. */
function changedBody(changes: MiddlewareChanges, method: string): ExtractedBody | null | undefined {
  const { body, json, form } = changes;
  if (body === undefined && json === undefined && form === undefined) return undefined;
  return resolveBody({ ...noInit, body, json, form }, method, null);
}

/** The headers that stay valid. A new body or another origin invalidates some. */
function keptHeaders(
  request: ResolvedRequest,
  url: URL,
  { body, json, form }: MiddlewareChanges,
  extracted: ExtractedBody | null | undefined,
): readonly HeaderEntry[] {
  const isText = typeof body === 'string' && json === undefined && form === undefined;
  const bringsType = extracted != null && extracted.contentType !== null && !isText;
  const isSameOrigin = url.origin === request.url.origin;
  return entriesOf(request).filter(([spelling]) => {
    const name = spelling.toLowerCase();
    if (extracted === null && name.startsWith('content-')) return false;
    if (extracted !== undefined && name === 'content-length') return false;
    if (bringsType && name === 'content-type') return false;
    return isSameOrigin || mayLeaveOrigin(name, request.settings);
  });
}

/** Destination and mode are kept, unless the change names them. */
function changedContext(
  { context, url: before }: ResolvedRequest,
  { destination, mode }: MiddlewareChanges,
  changed: Pick<ResolvedRequest, 'url' | 'method' | 'headers'>,
): RequestContext {
  const { referrer, referrerInferred, referrerHidden } = context;
  if (destination === undefined && mode === undefined) {
    const isMoved = referrerInferred === true && changed.url.origin !== before.origin;
    return isMoved ? { ...context, referrer: rootOf(changed.url) } : context;
  }
  if (destination !== undefined) checkDestination('destination', destination);
  if (mode !== undefined) checkOneOf('mode', mode, modes);
  const said = referrerInferred === true || referrer === null ? undefined : referrer;
  return resolveContext(
    { ...noInit, ...context, destination, mode, referrer: referrerHidden ? 'no-referrer' : said },
    { ...changed, contentType: null },
    { baseUrl: null },
  );
}

function changedSettings(settings: CallSettings, { redirect, credentials }: MiddlewareChanges): CallSettings {
  if (redirect === undefined && credentials === undefined) return settings;
  return {
    ...settings,
    redirect:
      redirect === undefined
        ? settings.redirect
        : checkOneOf('redirect', redirect, ['follow', 'manual', 'error']),
    credentials:
      credentials === undefined
        ? settings.credentials
        : checkOneOf('credentials', credentials, ['include', 'omit']) === 'include',
  };
}

class HandedHeaders implements MiddlewareHeaders {
  readonly #entries: readonly HeaderEntry[];

  constructor(entries: readonly HeaderEntry[]) {
    this.#entries = entries;
  }

  get(name: string): string | null {
    const key = name.toLowerCase();
    if (findHeader(this.#entries, key) === null) return null;
    const values = this.#entries.filter(([spelling]) => spelling.toLowerCase() === key);
    return values.map(([, value]) => value).join(', ');
  }

  has(name: string): boolean {
    return findHeader(this.#entries, name.toLowerCase()) !== null;
  }

  *[Symbol.iterator](): Generator<HeaderEntry, void, void> {
    for (const [name, value] of this.#entries) yield [name, value];
  }
}

class HandedBody implements MiddlewareBody {
  readonly #body: RequestBody;

  constructor(body: RequestBody) {
    this.#body = body;
  }

  get length(): number | null {
    const body = this.#body;
    if (body.kind === 'stream') return null;
    return body.kind === 'bytes' ? body.bytes.byteLength : body.length;
  }

  get isReplayable(): boolean {
    return this.#body.kind !== 'stream';
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const body = this.#body;
    if (body.kind === 'stream') {
      const message = 'The request body is a stream: reading it would use it up';
      throw new RequestError('ERR_BODY_NOT_REPLAYABLE', message);
    }
    if (body.kind === 'bytes') return new Uint8Array(body.bytes);
    return new Uint8Array(await new Blob(body.parts as ConstructorParameters<typeof Blob>[0]).arrayBuffer());
  }
}
