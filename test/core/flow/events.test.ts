import { expect, it } from 'vitest';
import { createSession, type RequestEvent, type RequestInit, type Session } from '../../../src/index.ts';
import { httpHead } from '../../helpers/raw.ts';
import { startSite } from '../../helpers/redirects.ts';
import { startRawServer, startServer } from '../../helpers/servers.ts';

/** Fetches, reads the body whole and returns all events. */
async function eventsOf(session: Session, url: string, init: RequestInit = {}): Promise<RequestEvent[]> {
  const events: RequestEvent[] = [];
  const response = await session.fetch(url, { ...init, onRequestEvent: (event) => events.push(event) });
  await response.text();
  return events;
}

const typesOf = (events: readonly RequestEvent[]): string[] => events.map(({ type }) => type);

it('reports each step of a call in order', async () => {
  const server = await startServer((_request, response) => {
    response.setHeader('content-length', '4').end('body');
  });
  await using session = await createSession();
  const events = await eventsOf(session, `${server.url}/page`);
  const url = `${server.url}/page`;
  expect(events).toMatchObject([
    { type: 'request_start', url },
    { type: 'request_sent', url },
    { type: 'response_headers', url, status: 200, contentLength: 4 },
    { type: 'body_progress', url, downloadedBytes: 4, total: 4 },
    { type: 'body_complete', url, downloadedBytes: 4 },
    { type: 'done' },
  ]);
});

it('gives events the milliseconds since the call started, which never decrease', async () => {
  const server = await startServer((_request, response) => {
    response.end('body');
  });
  await using session = await createSession();
  const times = (await eventsOf(session, server.url)).map(({ timestamp }) => timestamp);
  expect(times).toEqual(times.toSorted((first, second) => first - second));
  expect(times[0]).toBeLessThan(times.at(-1) ?? 0);
});

it('reports how much was uploaded', async () => {
  const server = await startServer((_request, response) => {
    response.end();
  });
  await using session = await createSession();
  const events = await eventsOf(session, server.url, { method: 'POST', body: new Blob(['x'.repeat(1000)]) });
  const uploads = events.filter(({ uploadedBytes }) => uploadedBytes !== undefined);
  expect(uploads.at(-1)).toMatchObject({ type: 'body_progress', uploadedBytes: 1000, total: 1000 });
});

it('does not know the total of a streamed upload', async () => {
  const server = await startServer((_request, response) => {
    response.end();
  });
  async function* body(): AsyncGenerator<string> {
    yield 'one';
    yield 'two';
  }
  await using session = await createSession();
  const events = await eventsOf(session, server.url, { method: 'POST', body: body() });
  const uploads = events.filter(({ uploadedBytes }) => uploadedBytes !== undefined);
  expect(uploads.map(({ uploadedBytes, total }) => [uploadedBytes, total])).toEqual([
    [3, null],
    [6, null],
  ]);
});

it('does not know the total of chunks', async () => {
  const server = await startServer((_request, response) => {
    response.write('one');
    response.end('two');
  });
  await using session = await createSession();
  const events = await eventsOf(session, server.url);
  expect(events.find(({ type }) => type === 'response_headers')?.contentLength).toBeNull();
  expect(events.find(({ type }) => type === 'body_complete')?.downloadedBytes).toBe(6);
});

it('reports each redirect with its target', async () => {
  const site = await startSite({ '/1': { location: '/2', status: 301 }, '/2': { location: '/3' } });
  await using session = await createSession();
  const events = await eventsOf(session, `${site.url}/1`);
  expect(events.filter(({ type }) => type === 'redirect')).toMatchObject([
    { status: 301, url: `${site.url}/2` },
    { status: 302, url: `${site.url}/3` },
  ]);
  expect(events.filter(({ type }) => type === 'response_headers').map(({ status }) => status)).toEqual([
    301, 302, 200,
  ]);
  expect(typesOf(events).filter((type) => ['request_start', 'done'].includes(type))).toEqual([
    'request_start',
    'done',
  ]);
});

it('ends with done when there is no body', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(204).end();
  });
  await using session = await createSession();
  expect(typesOf(await eventsOf(session, server.url)).at(-1)).toBe('done');
});

it('ends with error when the call fails', async () => {
  const server = await startRawServer((socket) => socket.destroy());
  const events: RequestEvent[] = [];
  await using session = await createSession();
  const call = session.fetch(server.url, { onRequestEvent: (event) => events.push(event) });
  await expect(call).rejects.toMatchObject({ code: 'ERR_CONNECTION_LOST' });
  expect(events.at(-1)).toMatchObject({ type: 'error', message: expect.stringContaining('lost') });
  expect(typesOf(events)).not.toContain('done');
});

it('ends with error when the body fails', async () => {
  const server = await startRawServer((socket) => socket.end(httpHead(['Content-Length: 10'])));
  await using session = await createSession();
  const events: RequestEvent[] = [];
  const response = await session.fetch(server.url, { onRequestEvent: (event) => events.push(event) });
  await expect(response.text()).rejects.toMatchObject({ code: 'ERR_BODY_TRUNCATED' });
  expect(typesOf(events).at(-1)).toBe('error');
  expect(typesOf(events)).not.toContain('done');
});

it('shows no secret of the URL', async () => {
  const site = await startSite({ '/1': { location: '/2?token=canary' } });
  await using session = await createSession();
  const url = `${site.url.replace('//', '//ada:canary@')}/1?token=canary#canary`;
  expect(JSON.stringify(await eventsOf(session, url))).not.toContain('canary');
});

it('is not affected by changes to the object that a listener was given', async () => {
  const server = await startServer((_request, response) => {
    response.end('body');
  });
  await using session = await createSession();
  const onRequestEvent = (event: RequestEvent): void => {
    Object.assign(event, { type: 'done', url: 'changed' });
  };
  const response = await session.fetch(server.url, { onRequestEvent });
  expect([response.url, await response.text()]).toEqual([`${server.url}/`, 'body']);
});

it('reports an error of the listener to the process and continues', async () => {
  const server = await startServer((_request, response) => {
    response.end('body');
  });
  await using session = await createSession();
  const thrown: unknown[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error));
  const reason = new Error('listener');
  const onRequestEvent = ({ type }: RequestEvent): void => {
    if (type === 'response_headers') throw reason;
  };
  const response = await session.fetch(server.url, { onRequestEvent });
  expect(await response.text()).toBe('body');
  process.removeAllListeners('uncaughtException');
  for (const listener of others) process.on('uncaughtException', listener);
  expect(thrown).toEqual([reason]);
});
