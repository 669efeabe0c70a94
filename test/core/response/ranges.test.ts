import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { type BrowserAlias, createSession } from '../../../src/index.ts';
import { headerOf, startServer } from '../../helpers/servers.ts';

const page = 'x'.repeat(1000);

it.each<BrowserAlias>(['chrome', 'edge', 'firefox', 'safari', 'safari_ios', 'okhttp'])(
  'asks as %s for a range of the page itself, not of its coded form',
  async (browser) => {
    const server = await startServer((request, response) => {
      const isCoded = String(request.headers['accept-encoding']).includes('gzip');
      const bytes = isCoded ? gzipSync(page) : Buffer.from(page);
      if (isCoded) response.setHeader('content-encoding', 'gzip');
      response.writeHead(206).end(bytes.subarray(10, 100));
    });
    await using session = await createSession({ browser });
    const response = await session.fetch(server.url, { headers: { range: 'bytes=10-99' } });
    expect(await response.text()).toBe('x'.repeat(90));
    expect(headerOf(server.seen[0], 'range')).toBe('bytes=10-99');
  },
);
