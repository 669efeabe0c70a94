/** Downloads a report with a progress bar. The connection is lost half way; the second call continues the file. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSession, isRequestError, type Progress } from 'jarfetch';
import { download } from 'jarfetch/page';

const report = Buffer.from('month,tea,coffee\n'.repeat(100_000));
const headers = { 'content-type': 'text/csv', etag: '"1"', 'accept-ranges': 'bytes' };
const folder = await mkdtemp(join(tmpdir(), 'jarfetch-example-'));
const path = join(folder, 'report.csv');

const server = createServer(async (request, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? -1);
  if (start >= 0 && request.headers['if-range'] === headers.etag) {
    const range = `bytes ${start}-${report.length - 1}/${report.length}`;
    const length = report.length - start;
    response.writeHead(206, { ...headers, 'content-range': range, 'content-length': length });
    response.end(report.subarray(start));
    return;
  }
  response.writeHead(200, { ...headers, 'content-length': report.length });
  response.write(report.subarray(0, report.length / 2));
  // The client has to have the half before the connection is lost.
  while ((await stat(`${path}.part`).catch(() => null))?.size !== report.length / 2) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.destroy();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
const session = await createSession({ baseUrl: `http://127.0.0.1:${port}` });

/** Redraws one line on a terminal; elsewhere the end is enough. */
function showProgress({ loaded, total, rate }: Progress): void {
  const share = total === null ? 0 : loaded / total;
  if (!process.stdout.isTTY && share < 1) return;
  const bar = '#'.repeat(Math.round(share * 20)).padEnd(20, '.');
  const speed = process.stdout.isTTY && rate !== null ? ` ${(rate / 1e6).toFixed(1)} MB/s` : '';
  process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}[${bar}] ${Math.floor(share * 100)}%${speed}`);
  if (share === 1) process.stdout.write('\n');
}

const checksum = `sha256:${createHash('sha256').update(report).digest('hex')}`;
const options = { resume: true, checksum, onProgress: showProgress };
try {
  await download(session, '/report.csv', path, options);
} catch (error) {
  if (!isRequestError(error)) throw error;
  console.log('cut off:', error.code);
}
const { size, resumedFrom } = await download(session, '/report.csv', path, options);
console.log(`${size} bytes, ${size - resumedFrom} of them by the second call`);

await session.close();
server.close();
await rm(folder, { recursive: true });
