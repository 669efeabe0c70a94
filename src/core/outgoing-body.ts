import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { RequestBody } from './pipeline.ts';

/** Bytes of a body where they are known before it is sent. */
export function bodyLength(body: RequestBody): number | null {
  if (body.kind === 'bytes') return body.bytes.byteLength;
  return body.kind === 'parts' ? body.length : null;
}

/** A body as undici takes it; `onError` is told when the caller's stream fails. */
export function toDispatchBody(
  body: RequestBody,
  onError: (cause: unknown) => void,
): NonNullable<Dispatcher.DispatchOptions['body']> {
  if (body.kind === 'bytes') return body.bytes;
  const source = body.kind === 'parts' ? readParts(body.parts) : body.stream;
  // undici takes any iterable of bytes, though its types do not say so.
  return reporting(source, onError) as unknown as NonNullable<Dispatcher.DispatchOptions['body']>;
}

/** Ends the caller's stream when the rest of it will not be sent: it may hold a file or a connection open. */
export async function endSource(source: Iterable<unknown> | AsyncIterable<unknown>): Promise<void> {
  try {
    if (source instanceof ReadableStream) await (source.locked ? undefined : source.cancel());
    else if (source instanceof Readable) source.destroy();
    else if (Symbol.asyncIterator in source) await source[Symbol.asyncIterator]().return?.();
  } catch {
    // The call has failed already, and not of this.
  }
}

async function* readParts(parts: readonly (Uint8Array | Blob)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part;
    else yield* part.stream();
  }
}

/** Tells a failure of the caller's stream apart from one of the connection. */
async function* reporting(
  source: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
  onError: (cause: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) {
      if (typeof chunk === 'string') yield Buffer.from(chunk);
      else if (chunk instanceof Uint8Array) yield chunk;
      else throw new TypeError('a body stream must yield bytes or strings');
    }
  } catch (error) {
    onError(error);
    throw error;
  }
}
