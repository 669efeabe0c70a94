/** A middleware that signs each request, and an API that takes none without a good signature. */
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession, type Middleware } from 'jarfetch';

/** Signs method, path, time and body with a key that never leaves this process. */
function signWith(key: string): Middleware {
  return async (request, next) => {
    const date = new Date().toISOString();
    const body = (await request.body?.bytes()) ?? new Uint8Array();
    const { pathname, search } = request.url;
    const signature = sign(key, [request.method, pathname + search, date, digest(body)]);
    return next(request.with({ headers: { 'X-Date': date, 'X-Signature': signature } }));
  };
}

const digest = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
const sign = (key: string, parts: readonly string[]): string =>
  createHmac('sha256', key).update(parts.join('\n')).digest('hex');

const key = 'a key that both sides have';
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const date = String(request.headers['x-date']);
  const parts = [request.method ?? '', request.url ?? '', date, digest(Buffer.concat(chunks))];
  const isGood = request.headers['x-signature'] === sign(key, parts);
  response.writeHead(isGood ? 200 : 403).end(isGood ? 'signed by a friend' : 'who are you?');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const session = await createSession({ baseUrl, middleware: [signWith(key)] });
const stranger = await createSession({ baseUrl });
for (const each of [session, stranger]) {
  const response = await each.fetch('/orders?year=2026', { method: 'POST', json: { item: 'tea' } });
  console.log(response.status, await response.text());
}

await Promise.all([session.close(), stranger.close()]);
server.close();
