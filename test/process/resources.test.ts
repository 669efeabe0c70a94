import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as zlib from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { runChild } from '../helpers/children.ts';
import { headerOf, startServer } from '../helpers/servers.ts';

const mebibyte = 1024 * 1024;

it('Y01 fails calls without a free socket with a code, and recovers', async () => {
  const server = await startServer((_request, response) => void response.end('ok'));
  const { code, stdout } = await runChild('descriptors', { args: [server.url], shell: 'ulimit -n 40' });
  expect(code).toBe(0);
  const { outcomes, after, trouble } = JSON.parse(stdout);
  expect(new Set(outcomes)).toEqual(new Set(['ok', 'ERR_CONNECT']));
  expect([after, trouble]).toEqual(['ok', []]);
});

it('Y04 writes a gibibyte to disk in a heap of 64 MB', async () => {
  const server = await startServer((_request, response) => {
    const piece = Buffer.alloc(mebibyte);
    let left = 1024;
    const write = (): void => {
      while (left > 0) {
        left--;
        if (!response.write(piece)) return;
      }
      response.end();
    };
    response.on('drain', write);
    write();
  });
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-download-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { stdout, stderr } = await runChild('download', {
    args: [server.url, join(folder, 'file')],
    node: ['--max-old-space-size=64'],
  });
  expect(stderr).toBe('');
  const { size, memory } = JSON.parse(stdout);
  expect(size).toBe(1024 * mebibyte);
  expect(memory).toBeLessThan(400 * mebibyte);
});

const bombs: readonly [string, () => Buffer][] = [
  ['gzip', () => zlib.gzipSync(Buffer.alloc(1024 * mebibyte))],
  ['deflate', () => zlib.deflateSync(Buffer.alloc(1024 * mebibyte))],
  ['br', () => zlib.brotliCompressSync(Buffer.alloc(512 * mebibyte), fast)],
  ['zstd', () => zlib.zstdCompressSync(Buffer.alloc(1024 * mebibyte))],
];
const fast = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } };

it.each(bombs)(
  'F08 decodes only as much of a %s bomb as the reader of a stream reads',
  async (name, make) => {
    const bomb = make();
    const server = await startServer((_request, response) => {
      response.setHeader('content-encoding', name).end(bomb);
    });
    const { stdout } = await runChild('sipping', { args: [server.url] });
    expect(Number(stdout)).toBeGreaterThan(0);
    expect(Number(stdout)).toBeLessThan(250 * mebibyte);
  },
);

it('Y07 keeps the sessions of workers and forked processes separate', async () => {
  const server = await startServer((request, response) => {
    response.end(headerOf(server.seen.at(-1), 'cookie') ?? String(request.headers.cookie));
  });
  const program = new URL('../children/worker.ts', import.meta.url);
  const inWorker = async (name: string): Promise<unknown> => {
    const worker = new Worker(program, { workerData: { url: server.url, name }, execArgv: [] });
    onTestFinished(() => void worker.terminate());
    return (await once(worker, 'message'))[0];
  };
  const inFork = async (name: string): Promise<unknown> => {
    const child = fork(program, [server.url, name], { execArgv: [] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return (await once(child, 'message'))[0];
  };
  const names = ['w1', 'w2', 'f1', 'f2'];
  const answers = await Promise.all(
    names.map((name) => (name.startsWith('w') ? inWorker(name) : inFork(name))),
  );
  expect(answers).toEqual(names.map((name) => [`who=${name}`]));
});
