import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { createSession, type SessionResponse } from '../../../src/index.ts';
import { httpHead } from '../../helpers/raw.ts';
import { startRawServer } from '../../helpers/servers.ts';

const ways: [string, (response: SessionResponse) => Readable][] = [
  ['readable()', (response) => response.readable()],
  [
    'readable() after a look at the stream',
    (response) => {
      void response.body;
      return response.readable();
    },
  ],
  ["a clone's readable()", (response) => response.clone().readable()],
];

const readers: [string, (readable: Readable) => Promise<unknown>][] = [
  ['toArray()', (readable) => readable.toArray()],
  ['pipeline()', (readable) => pipeline(readable, new PassThrough())],
  [
    'a loop',
    async (readable) => {
      for await (const _chunk of readable);
    },
  ],
];

// An error that nobody hears would be an uncaught exception, which fails the run.
it.each(ways)(
  'a reset of %s without a listener does not end the process, and its reader gets the error',
  async (_, take) => {
    for (const [reader, read] of readers) {
      const server = await startRawServer((socket) => void socket.write(httpHead(['Content-Length: 9'])));
      await using session = await createSession();
      const readable = take(await session.fetch(server.url));
      const closed = new Promise<void>((resolve) => readable.once('close', resolve));
      server.sockets[0]?.resetAndDestroy();
      readable.read();
      await closed;
      expect(readable.errored, reader).toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
      await expect(read(readable), reader).rejects.toThrow(/ended too early/);
    }
  },
);
