import { Readable } from 'node:stream';
import { RequestError } from '../core/errors.ts';

/** The members of a response that are used. Every fetch has them. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body?: unknown;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Set-Cookie lines, each whole: by `getSetCookie()`, or `raw()` of node-fetch. */
export function setCookieLines({ headers }: FetchResponse): string[] {
  const { getSetCookie, raw }: { getSetCookie?: unknown; raw?: unknown } = headers as object;
  if (typeof getSetCookie === 'function') return getSetCookie.call(headers);
  if (typeof raw === 'function') return raw.call(headers)['set-cookie'] ?? [];
  if (headers.get('set-cookie') === null) return [];
  // Joined lines cannot be separated safely: one cookie could add another.
  const message = 'fetch must give Headers with getSetCookie(): joined Set-Cookie lines cannot be separated';
  throw new RequestError('ERR_INVALID_OPTION', message);
}

/** Largest body of a redirect that is read to keep its connection, in bytes. */
const drainLimit = 65_536;

/**
 * Frees the connection of a response that nobody reads: a small body is read, any other is cancelled. One with a
 * content coding may unpack to any size, and the other fetch unpacks what is read.
 */
export function discardResponse(response: FetchResponse): void {
  const { headers, body } = response;
  const length = Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY);
  const isSmall = length <= drainLimit && headers.get('content-encoding') === null;
  if (isWebStream(body)) void (isSmall ? drain(body) : body.cancel()).catch(() => {});
  else if (isSmall) void response.arrayBuffer().catch(() => {});
  else if (body instanceof Readable) body.on('error', () => {}).destroy();
}

/** By its method: the other fetch may have a class of its own. */
function isWebStream(body: unknown): body is ReadableStream<Uint8Array> {
  return typeof Object(body).getReader === 'function';
}

/** Counts the bytes, since a body may be larger than its Content-Length. */
async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  for (let left = drainLimit; left >= 0; ) {
    const { done, value } = await reader.read();
    if (done) return;
    left -= value.byteLength;
  }
  await reader.cancel();
}
