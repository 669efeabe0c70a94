import type { RequestBody } from '../http.ts';
import type { Preset } from '../presets/index.ts';
import { extractBody, fetchFormType, formType } from './request-body.ts';
import type { ResolvedRequest } from './resolve.ts';

/**
 * A Request exposes its body as a stream only, even where it was created from a string, a Blob or a FormData. This
 * finds that source, so that the body is sent with its length, as `fetch` would send it, and can be sent again (Fetch
 * Standard: a body has a source). A body that was created from a stream stays a stream.
 *
 * @param preset the preset whose headers will be added
 */
export async function withRequestBody(
  resolved: ResolvedRequest,
  request: Request,
  preset: Preset | null,
): Promise<ResolvedRequest> {
  const { body } = resolved;
  const { body: stream } = request;
  if (body?.kind !== 'stream' || stream === null || body.stream !== stream) return resolved;
  const browser = resolved.settings.presetHeaders ? preset : null;
  const { source, rest } = await findSource(request, stream);
  if (source instanceof FormData) return withForm(resolved, source, browser);
  const isForm = browser !== null && resolved.context.mode === 'navigate';
  const typed = isForm ? withType(resolved, (type) => (type === fetchFormType ? formType : null)) : resolved;
  return { ...typed, body: source === null ? rest : extractBody(source).body };
}

/** The FormData again, with a boundary in the browser's format instead of the Request's own. */
function withForm(resolved: ResolvedRequest, form: FormData, browser: Preset | null): ResolvedRequest {
  const { body, contentType } = extractBody(form, browser);
  return { ...withType(resolved, (type) => (madeUpBoundary.test(type) ? contentType : null)), body };
}

/** The headers that undici's Request, which is Node's, writes by itself. */
const madeUpBoundary = /^multipart\/form-data; boundary=----formdata-undici-\d+$/;

/** The request with another Content-Type where `change` gives one. */
function withType(resolved: ResolvedRequest, change: (type: string) => string | null): ResolvedRequest {
  const headers = resolved.headers.map(([name, value]): [string, string] => {
    return [name, (name.toLowerCase() === 'content-type' ? change(value) : null) ?? value];
  });
  return { ...resolved, headers };
}

interface Found {
  /** The source of the body, `null` for a stream. */
  readonly source: unknown;
  /** The body where there is no source. */
  readonly rest: RequestBody;
}

async function findSource(request: Request, stream: ReadableStream<Uint8Array>): Promise<Found> {
  // The source of a Request of another class cannot be found.
  const spare = request instanceof globalThis.Request && !stream.locked ? request.clone() : null;
  const isForm = madeUpBoundary.test(request.headers.get('content-type') ?? '');
  const rest = spare !== null && isForm ? null : await takeSmall(request.body ?? stream);
  if (spare === null || rest?.kind === 'bytes') return { source: null, rest: rest ?? noBody };
  const source = await sourceOf(spare);
  if (source === null) return { source, rest: rest ?? (await takeSmall(request.body ?? stream)) };
  // Marks the body as used, as fetch does. Not awaited: the other half of the clone is cancelled on its own.
  if (rest === null) request.body?.cancel().catch(() => {});
  return { source, rest: rest ?? noBody };
}

const noBody: RequestBody = { kind: 'bytes', bytes: new Uint8Array(0) };

/**
 * Gets the source from the platform's fetch, which has access to it. To a dispatcher that claims to be a mock, as
 * undici's MockAgent does, fetch passes the source itself and not a stream of it. The call is aborted there: nothing
 * is sent. Any other fetch in its place (a mock's, a session's) would send the request, so it is not called: the body
 * is then an ordinary stream.
 */
async function sourceOf(request: Request): Promise<unknown> {
  if (!isPlatformFetch()) {
    request.body?.cancel().catch(() => {});
    return null;
  }
  const giveUp = new AbortController();
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const dispatcher = {
    isMockActive: true,
    dispatch: ({ body }: { readonly body?: unknown }): boolean => {
      resolve(body);
      return true;
    },
  };
  const none = (): void => resolve(null);
  const init: object = { dispatcher, signal: giveUp.signal };
  globalThis.fetch(request, init).then(none, none);
  const source = await promise;
  // A stream is not a source. This one is the other half of the clone, and is also cancelled.
  if (source instanceof ReadableStream) source.cancel().catch(() => {});
  giveUp.abort();
  if (request.body?.locked === false) request.body.cancel().catch(() => {});
  return source instanceof ReadableStream ? null : (source ?? null);
}

/** Whether the global fetch is Node's own. */
function isPlatformFetch(): boolean {
  const { fetch } = globalThis;
  return Function.prototype.toString.call(fetch).includes("require('internal/deps/undici/undici')");
}

/** Most bytes of a stream that are buffered before it is sent as a stream. */
const smallBody = 1024 * 1024;

/** Converts a stream that ends within this turn of the event loop to bytes; any other stays a complete stream. */
async function takeSmall(stream: ReadableStream<Uint8Array>): Promise<RequestBody> {
  const reader = stream.getReader();
  const turn = new Promise<null>((resolve) => setImmediate(resolve, null));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const next = reader.read();
    const result = await Promise.race([next, turn]);
    if (result?.done) return { kind: 'bytes', bytes: Buffer.concat(chunks) };
    // Checked before the chunk is added: one large chunk may be the whole body. Node.js 22 detaches its bytes.
    if (result === null || size > smallBody) return { kind: 'stream', stream: resume(reader, chunks, next) };
    chunks.push(result.value);
    size += result.value.byteLength;
  }
}

/** The pieces that were read, then the rest. `return` cancels at once, also while a read is pending. */
function resume(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  taken: readonly Uint8Array[],
  pending: ReturnType<typeof reader.read>,
): AsyncIterable<Uint8Array> {
  let [at, first]: [number, typeof pending | null] = [0, pending];
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const value = taken[at++];
    if (value !== undefined) return { done: false, value };
    const reading = first ?? reader.read();
    first = null;
    const result = await reading;
    return result.done ? { done: true, value: undefined } : result;
  };
  const end = async (reason?: unknown): Promise<IteratorResult<Uint8Array>> => {
    await reader.cancel(reason);
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
}
