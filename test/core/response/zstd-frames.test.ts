import { zstdCompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ZstdFrames } from '../../../src/core/response/zstd-frames.ts';
import { createSession } from '../../../src/index.ts';
import { readPaths } from '../../helpers/read-paths.ts';
import { startServer } from '../../helpers/servers.ts';

const samples: [string, Buffer][] = [
  ['an empty one', zstdCompressSync('')],
  ['a short one', zstdCompressSync('hello')],
  ['a run', zstdCompressSync('a'.repeat(500_000))],
  ['a long one', zstdCompressSync(Array.from({ length: 60_000 }, (_, index) => String(index * 7919)).join())],
];

function follow(bytes: Uint8Array, size = bytes.length): ZstdFrames {
  const frames = new ZstdFrames();
  for (let at = 0; at < bytes.length; at += size) frames.push(bytes.subarray(at, at + size));
  return frames;
}

it.each(samples)('finds the end of %s, in any pieces', (_, bytes) => {
  for (const size of [1, 2, 3, 7, 1000, bytes.length]) expect(follow(bytes, size).isWhole).toBe(true);
});

it.each(samples)('F06 detects that %s is cut, at any position', (_, bytes) => {
  const cuts =
    bytes.length < 100
      ? Array.from({ length: bytes.length - 1 }, (_none, index) => index + 1)
      : [1, 5, 50, 99];
  for (const cut of cuts) expect(follow(bytes.subarray(0, bytes.length - cut)).isWhole).toBe(false);
});

it('does not count a skippable frame', () => {
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  expect(follow(skippable).isWhole).toBe(true);
  expect(follow(skippable.subarray(0, 10)).isWhole).toBe(false);
});

it('reports data that is not zstd as damaged', () => {
  expect(follow(Buffer.from('plain text')).isWhole).toBe(false);
});

it.each(readPaths)('F07 refuses several frames by $path, of which Node would undo one', async ({ read }) => {
  const server = await startServer((_request, response) => {
    const frame = zstdCompressSync('hello '.repeat(100));
    response.setHeader('content-encoding', 'zstd').end(Buffer.concat([frame, frame]));
  });
  await using session = await createSession();
  await expect(read(await session.fetch(server.url))).rejects.toMatchObject({ code: 'ERR_DECODE' });
});
