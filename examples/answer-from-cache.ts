/** A middleware that keeps answers for as long as their max-age says, and answers from memory until then. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession, type Middleware } from 'jarfetch';

interface Kept {
  readonly until: number;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** For answers that are the same for everybody: a shared one of a session with cookies would need more care. */
function cache(): Middleware {
  const kept = new Map<string, Kept>();
  return async (request, next) => {
    if (request.method !== 'GET') return next(request);
    const known = kept.get(request.url.href);
    // Without `next`, nothing is sent.
    if (known !== undefined && known.until > Date.now()) return new Response(known.body, known);
    const response = await next(request);
    const [, seconds] = /(?:^|,)\s*max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '') ?? [];
    if (response.status !== 200 || seconds === undefined) return response;
    const { status, headers } = response;
    const body = await response.clone().bytes();
    kept.set(request.url.href, { until: Date.now() + Number(seconds) * 1000, status, headers, body });
    return response;
  };
}

let requests = 0;
const server = createServer((_request, response) => {
  requests++;
  response.setHeader('cache-control', 'public, max-age=60').end(`made for request ${requests}`);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const session = await createSession({ baseUrl, middleware: [cache()] });
for (const path of ['/news', '/news', '/weather', '/news']) {
  const response = await session.fetch(path);
  console.log(path, response.status, await response.text());
}
console.log(`4 calls, ${requests} requests`);

await session.close();
server.close();
