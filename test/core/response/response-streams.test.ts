import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { createSession, type RequestEvent } from '../../../src/index.ts';
import { httpHead, httpResponse, turns, whenClosed, writeEndlessly } from '../../helpers/raw.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

function serve(body: string | Uint8Array) {
  return startServer((_request, response) => {
    response.end(body);
  });
}

/** A server whose body comes in a packet of its own, so that the client gets it in memory of its own. */
async function serveLate(body: string) {
  const server = await startRawServer((socket) => socket.write(httpHead([`Content-Length: ${body.length}`])));
  return { ...server, sendBody: () => server.sockets[0]?.write(body) };
}

/** An event listener, and a promise that the whole body has arrived. */
function watchArrival() {
  const arrived = Promise.withResolvers<void>();
  const onRequestEvent = ({ type }: RequestEvent): void => {
    if (type === 'body_complete') arrived.resolve();
  };
  return { onRequestEvent, arrived: arrived.promise };
}

it('streams the body', async () => {
  const server = await serve('streamed');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect(response.body).toBeInstanceOf(ReadableStream);
  expect(response.bodyUsed).toBe(false);
  expect(await textOf(response.body as unknown as NodeJS.ReadableStream)).toBe('streamed');
  expect(response.bodyUsed).toBe(true);
});

it('returns the same stream each time', async () => {
  const server = await serve('same');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect(response.body).toBe(response.body);
});

it('reads the whole body after its stream was accessed but not read', async () => {
  const server = await serve('looked at');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  expect(response.body?.locked).toBe(false);
  expect(await response.text()).toBe('looked at');
});

it('refuses to read the whole body while its stream has a reader', async () => {
  const server = await serve('held');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const reader = response.body?.getReader();
  await expect(response.text()).rejects.toThrow(TypeError);
  reader?.releaseLock();
  expect(await response.text()).toBe('held');
});

it('gives text() the whole body although the stream is accessed meanwhile', async () => {
  const server = await serveLate('whole body');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const text = response.text();
  expect(response.body?.locked).toBe(true);
  server.sendBody();
  expect(await text).toBe('whole body');
});

it('has a locked stream after the whole body was read', async () => {
  const server = await serve('gone');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  await response.text();
  expect(response.body?.locked).toBe(true);
  expect(() => response.body?.getReader()).toThrow(TypeError);
});

it('reads with for await', async () => {
  const server = await serve('looped');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body ?? []) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe('looped');
});

it('fills the buffers of a BYOB reader and ends', async () => {
  const server = await serve('0123456789');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const reader = response.body?.getReader({ mode: 'byob' });
  const first = await reader?.read(new Uint8Array(4));
  const second = await reader?.read(new Uint8Array(100));
  const third = await reader?.read(new Uint8Array(4));
  const texts = [first, second].map((part) => Buffer.from(part?.value ?? []).toString());
  expect([...texts, third?.done]).toEqual(['0123', '456789', true]);
});

it('answers a BYOB read that was waiting when the body ended', async () => {
  const server = await serveLate('x');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const reader = response.body?.getReader({ mode: 'byob' });
  const first = reader?.read(new Uint8Array(8));
  server.sendBody();
  await first;
  expect((await reader?.read(new Uint8Array(8)))?.done).toBe(true);
});

it('becomes a Node stream through Readable.fromWeb', async () => {
  const server = await serve('from web');
  await using session = await createSession();
  const { body } = await session.fetch(server.url);
  expect(await textOf(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]))).toBe('from web');
});

it('becomes a platform Response with its status and headers', async () => {
  const server = await startRawServer((socket) =>
    socket.write(httpResponse('proxied', ['X-One: 1'], '201 Made')),
  );
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const copy = new Response(response.body, response);
  expect([copy.status, copy.statusText, copy.headers.get('x-one')]).toEqual([201, 'Made', '1']);
  expect(await copy.text()).toBe('proxied');
});

it('returns the body as a Node stream', async () => {
  const server = await serve('readable');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const readable = response.readable();
  expect(readable).toBeInstanceOf(Readable);
  expect(response.bodyUsed).toBe(true);
  expect(await textOf(readable)).toBe('readable');
  expect(() => response.readable()).toThrow(TypeError);
});

it('returns an empty Node stream when there is no body', async () => {
  const server = await serve('');
  await using session = await createSession();
  const response = await session.fetch(server.url, { method: 'HEAD' });
  expect(await textOf(response.readable())).toBe('');
});

it('keeps the connection when a small body is cancelled', async () => {
  const server = await serve('small');
  await using session = await createSession();
  await (await session.fetch(server.url)).body?.cancel();
  await (await session.fetch(server.url)).text();
  expect(server.connections).toBe(1);
});

it('cuts the connection when an endless body is cancelled', async () => {
  const server = await startRawServer((socket) => {
    socket.write(httpHead());
    writeEndlessly(socket, Buffer.alloc(65_536));
  });
  await using session = await createSession();
  const response = await session.fetch(server.url);
  await response.body?.cancel();
  expect(response.bodyUsed).toBe(true);
  await whenClosed(server.sockets[0]);
});

it('cuts the connection when the Node stream of an endless body is destroyed', async () => {
  const server = await startRawServer((socket) => {
    socket.write(httpHead());
    writeEndlessly(socket, Buffer.alloc(65_536));
  });
  await using session = await createSession();
  const readable = (await session.fetch(server.url)).readable();
  await once(readable, 'readable');
  readable.destroy();
  await whenClosed(server.sockets[0]);
});

it('clones a body that has arrived', async () => {
  const server = await serve('twice');
  await using session = await createSession();
  const { onRequestEvent, arrived } = watchArrival();
  const response = await session.fetch(server.url, { onRequestEvent });
  await arrived;
  const clone = response.clone();
  expect([await clone.text(), await response.text()]).toEqual(['twice', 'twice']);
});

it('clones a body that is still arriving', async () => {
  const server = await serveLate('later');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const clone = response.clone();
  server.sendBody();
  expect(await Promise.all([clone.text(), response.text()])).toEqual(['later', 'later']);
});

it('clones a clone', async () => {
  const server = await serveLate('thrice');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const second = response.clone();
  const third = second.clone();
  server.sendBody();
  const texts = await Promise.all([response, second, third].map((each) => each.text()));
  expect(texts).toEqual(['thrice', 'thrice', 'thrice']);
});

it('gives a clone everything but the body that was read', async () => {
  const server = await serve('all');
  await using session = await createSession();
  const response = await session.fetch(`${server.url}/page`);
  const clone = response.clone();
  await response.text();
  expect([clone.status, clone.url, clone.bodyUsed]).toEqual([200, `${server.url}/page`, false]);
  expect(clone).toBeInstanceOf(Response);
  expect(clone.hops).toHaveLength(1);
});

it.each(['read', 'locked'])('refuses to clone a body that is %s', async (state) => {
  const server = await serve('no');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  if (state === 'read') await response.text();
  else response.body?.getReader();
  expect(() => response.clone()).toThrow(TypeError);
});

it('clones a response without a body', async () => {
  const server = await serve('');
  await using session = await createSession();
  const clone = (await session.fetch(server.url, { method: 'HEAD' })).clone();
  expect([clone.status, clone.body]).toEqual([200, null]);
});

it.each(['body', 'readable'])('shares no memory between a response and its clone: %s', async (path) => {
  const server = await serveLate('shared?');
  await using session = await createSession();
  const { onRequestEvent, arrived } = watchArrival();
  const response = await session.fetch(server.url, { onRequestEvent });
  server.sendBody();
  await arrived;
  const clone = response.clone();
  const chunks = path === 'body' ? response.body : response.readable();
  for await (const chunk of chunks ?? []) chunk.fill(0);
  expect(await clone.text()).toBe('shared?');
});

it('shares no memory between clones made while the body arrives', async () => {
  const server = await serveLate('shared?');
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const clone = response.clone();
  server.sendBody();
  const chunk = (await response.body?.getReader().read())?.value;
  chunk?.fill(0);
  expect(await clone.text()).toBe('shared?');
});

it('ends the stream of a clone with the error of the body', async () => {
  const server = await startRawServer((socket) => socket.write(httpHead(['Content-Length: 10'])));
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const clone = response.clone();
  const reads = [response.text(), clone.text()].map((read) =>
    expect(read).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' }),
  );
  server.sockets[0]?.end('12345');
  await Promise.all(reads);
});

it('reports an error of the body to a stream that is not read yet', async () => {
  const server = await startRawServer((socket) =>
    socket.end(Buffer.concat([httpHead(['Content-Length: 9']), Buffer.from('1')])),
  );
  await using session = await createSession();
  const response = await session.fetch(server.url);
  await whenClosed(server.sockets[0]);
  await turns(5);
  await expect(response.body?.getReader().read()).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
});
