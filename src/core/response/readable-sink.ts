import { AsyncResource } from 'node:async_hooks';
import { Readable } from 'node:stream';
import type { Sink } from './decode.ts';

/** A Node.js stream of a body. @param source `read` requests more data, `cancel` stops the reading */
export function createReadable(
  highWaterMark: number,
  source: { readonly read: () => void; readonly cancel: () => void },
): Readable {
  const readable = new Readable({
    highWaterMark,
    read: () => source.read(),
    destroy: (error, callback) => {
      source.cancel();
      callback(error);
    },
  });
  return heard(readable);
}

/** A failure before there is an `error` listener must not end the process. A later reader gets the error. */
export function heard(readable: Readable): Readable {
  return readable.on('error', () => {});
}

/** Fills a Node.js stream, whose events run in the async context of the reader and not in that of the connection. */
export function sinkOf(readable: Readable): Sink {
  const context = new AsyncResource('JarfetchBody');
  const push = (chunk: Uint8Array | null): boolean => context.runInAsyncScope(readable.push, readable, chunk);
  return {
    push,
    end: () => void push(null),
    fail: (error) => {
      const failure = error instanceof Error ? error : new Error(String(error), { cause: error });
      context.runInAsyncScope(readable.destroy, readable, failure);
    },
  };
}
