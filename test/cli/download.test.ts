import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ProgressBar, showBytes } from '../../src/cli/progress-bar.ts';
import { runCommand } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { startServer } from '../helpers/servers.ts';

it('writes the file, and shows a bar on a terminal only', async () => {
  const body = 'x'.repeat(100_000);
  const server = await startServer(
    (_request, response) => void response.writeHead(200, { 'content-length': body.length }).end(body),
  );
  const path = join(await temporaryFolder(), 'file');
  expect(await runCommand(['download', server.url, '-o', path])).toEqual({
    ...{ code: 0, output: `${path} 100.0 kB\n`, errors: '' },
  });
  expect(await readFile(path, 'utf8')).toBe(body);
  const shown = await runCommand(['download', server.url, '-o', path], { terminal: 60 });
  expect(shown.errors).toMatch(/\r\[#+\.*\] \d+% .*\r *\r$/);
  for (const line of shown.errors.split('\r')) expect(line.length).toBeLessThan(60);
});

it('continues an earlier incomplete download', async () => {
  const body = Buffer.from('0123456789'.repeat(20_000));
  const path = join(await temporaryFolder(), 'file');
  const server = await startServer(async (request, response) => {
    response.setHeader('etag', '"1"');
    const [, start] = /^bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
    if (start === undefined) {
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.subarray(0, 100_000));
      // Cut off when some of it is on the disk.
      while (((await stat(`${path}.part`).catch(() => null))?.size ?? 0) === 0) await setImmediate();
      response.destroy();
      return;
    }
    const rest = body.subarray(Number(start));
    const range = `bytes ${start}-${body.length - 1}/${body.length}`;
    response.writeHead(206, { 'content-range': range, 'content-length': rest.length }).end(rest);
  });
  expect((await runCommand(['download', server.url, '-o', path, '-c'])).code).toBe(8);
  const { data } = JSON.parse(
    (await runCommand(['download', server.url, '-o', path, '-c', '--json'])).output,
  );
  expect(data.size).toBe(body.length);
  expect(data.resumedFrom).toBeGreaterThan(0);
  expect(await readFile(path)).toEqual(body);
});

it.each([
  [[], 2, 'download needs a file'],
  [['-o', 'FILE', '--checksum', 'sha256:00'], 2, 'checksum'],
  [['-o', 'FILE', '--checksum', `sha256:${'0'.repeat(64)}`], 1, 'sha256'],
  [['-o', 'FILE', '--max-bytes', '1'], 1, '1'],
  [['-o', '/nowhere/at/all'], 1, '/nowhere/at'],
])('%j ends with %i', async (words, exitCode, message) => {
  const server = await startServer((_request, response) => void response.end('hello'));
  const path = join(await temporaryFolder(), 'file');
  const { code, errors } = await runCommand([
    'download',
    server.url,
    ...words.map((word) => (word === 'FILE' ? path : word)),
  ]);
  expect(errors.toLowerCase()).toContain(message);
  expect(code).toBe(exitCode);
});

it('ends with the code of the status', async () => {
  const server = await startServer((_request, response) => void response.writeHead(404).end());
  expect((await runCommand(['download', server.url, '-o', join(await temporaryFolder(), 'x')])).code).toBe(4);
});

it('draws no bar where it is not shown, and none wider than the terminal', () => {
  const drawn: string[] = [];
  const stream = { columns: 20, isTTY: true, write: (text: string) => drawn.push(text) };
  const progress = { direction: 'download', loaded: 5, total: 10, rate: 1, eta: 5000 } as const;
  const hidden = new ProgressBar(stream as never, false);
  hidden.transfer(progress);
  hidden.count('x');
  hidden.end();
  expect(drawn).toEqual([]);
  const bar = new ProgressBar(stream as never);
  bar.transfer(progress);
  bar.transfer({ ...progress, total: null });
  bar.count('one line that is longer than the terminal');
  bar.end();
  for (const text of drawn) expect(text.replaceAll('\r', '').length).toBeLessThan(20);
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 kB'],
  [2_000_000, '2.0 MB'],
])('%i bytes are %s', (bytes, text) => {
  expect(showBytes(bytes)).toBe(text);
});
