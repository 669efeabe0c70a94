import { buffer } from 'node:stream/consumers';
import type { SessionResponse } from '../../src/index.ts';

/** Every way to the bytes of a body; what holds for one must hold for all. */
export const readPaths: readonly {
  readonly path: string;
  readonly read: (response: SessionResponse) => Promise<Buffer>;
}[] = [
  { path: 'text()', read: async (response) => Buffer.from(await response.text()) },
  { path: 'bytes()', read: async (response) => Buffer.from(await response.bytes()) },
  { path: 'blob()', read: async (response) => Buffer.from(await (await response.blob()).arrayBuffer()) },
  { path: 'the stream', read: (response) => collect(response.body) },
  { path: 'readable()', read: (response) => buffer(response.readable()) },
  { path: "a clone's text()", read: async (response) => Buffer.from(await response.clone().text()) },
  {
    path: 'text() after a look at the stream',
    read: async (response) => {
      void response.body;
      return Buffer.from(await response.text());
    },
  },
];

async function collect(stream: ReadableStream<Uint8Array> | null): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}
