import { expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { turns } from '../../helpers/raw.ts';
import { headerOf, startServer, type TestServer } from '../../helpers/servers.ts';

/** Redirects once with 307, so that the body must be sent again. */
function startRedirecting(): Promise<TestServer> {
  return startServer((request, response) => {
    if (request.url === '/') response.writeHead(307, { location: '/again' });
    response.end();
  });
}

it('sends the body of a Request with its length, as fetch does', async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  await session.fetch(new Request(server.url, { method: 'POST', body: 'hello' }));
  expect(headerOf(server.seen[0], 'content-length')).toBe('5');
  expect(headerOf(server.seen[0], 'transfer-encoding')).toBeUndefined();
  expect(server.seen[0]?.body.toString()).toBe('hello');
});

it('sends the body of a Request again on a 307', async () => {
  const server = await startRedirecting();
  await using session = await createSession();
  await session.fetch(new Request(server.url, { method: 'POST', body: 'hello' }));
  expect(server.seen.map(({ body }) => body.toString())).toEqual(['hello', 'hello']);
});

it('sends a Request whose body is a slow stream as its data arrives', async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from('first ')),
    pull: async (controller) => {
      while (server.connections === 0) await turns(1);
      controller.enqueue(Buffer.from('then'));
      controller.close();
    },
  });
  await session.fetch(new Request(server.url, { method: 'POST', body, duplex: 'half' }));
  expect(server.seen[0]?.body.toString()).toBe('first then');
  expect(headerOf(server.seen[0], 'transfer-encoding')).toBe('chunked');
});

it('sends the whole body of a Request of more than a megabyte', async () => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  const bytes = Buffer.alloc(3_000_000, 'x');
  await session.fetch(new Request(server.url, { method: 'POST', body: new Blob([bytes]) }));
  expect(server.seen[0]?.body.equals(bytes)).toBe(true);
});

it('accepts null instead of init, as fetch does', async () => {
  const server = await startServer((_request, response) => void response.end('ok'));
  await using session = await createSession();
  expect(await (await session.fetch(server.url, null)).text()).toBe('ok');
});

it('ends the stream of the caller when its signal was aborted before', async () => {
  await using session = await createSession();
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    cancel: () => {
      cancelled = true;
    },
  });
  const signal = AbortSignal.abort(new Error('before'));
  const call = session.fetch('http://127.0.0.1:1/', { method: 'POST', body, signal });
  await expect(call).rejects.toThrow('before');
  expect(cancelled).toBe(true);
});

it('ends the stream of the caller when no connection can be made', async () => {
  const server = await startServer((_request, response) => void response.end());
  await server.close();
  await using session = await createSession();
  const ended = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({ cancel: () => ended.resolve() });
  const call = session.fetch(server.url, { method: 'POST', body });
  await expect(call).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  await ended.promise;
});
