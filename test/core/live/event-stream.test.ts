import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createSession, type EventStream, type ServerSentEvent } from '../../../src/index.ts';
import { turns } from '../../helpers/raw.ts';
import { headerOf, startServer } from '../../helpers/servers.ts';

const eventType = { 'Content-Type': 'text/event-stream; charset=utf-8' };

function stream(response: ServerResponse, text: string): ServerResponse {
  response.writeHead(200, eventType).write(text);
  return response;
}

async function take(events: EventStream, count: number): Promise<string[]> {
  const data: string[] = [];
  for await (const event of events) {
    data.push(event.data);
    if (data.length === count) break;
  }
  return data;
}

describe('session.eventSource', () => {
  it('yields events as they come, with cookies in both directions', async () => {
    const server = await startServer((_, response) => {
      response.setHeader('Set-Cookie', 'seen=yes');
      stream(response, 'event: add\nid: 7\ndata: {"a":1}\n\n');
    });
    await using session = await createSession();
    session.setCookie('sid', 's1', server.url);
    const seen: ServerSentEvent[] = [];
    for await (const event of session.eventSource(server.url)) {
      seen.push(event);
      break;
    }
    expect(seen).toEqual([{ type: 'add', data: '{"a":1}', lastEventId: '7' }]);
    expect(headerOf(server.seen[0], 'cookie')).toBe('sid=s1');
    expect(session.getCookies(server.url)).toMatchObject({ seen: 'yes' });
  });

  it("sends the headers of a browser's EventSource", async () => {
    const server = await startServer((_, response) => void stream(response, 'data: x\n\n'));
    await using session = await createSession({ browser: 'chrome' });
    await take(session.eventSource(server.url), 1);
    const names = ['accept', 'cache-control', 'pragma', 'sec-fetch-mode', 'sec-fetch-dest', 'last-event-id'];
    expect(names.map((name) => headerOf(server.seen[0], name))).toEqual([
      ...['text/event-stream', 'no-cache', 'no-cache', 'cors', 'empty', undefined],
    ]);
  });

  it('connects again with the last event id, after the time that the server says', async () => {
    const server = await startServer((_, response) => {
      const { length } = server.seen;
      const answer = stream(response, `retry: 5\nid: é${length}\ndata: ${length}\n\ndata: lost`);
      if (length === 2) setTimeout(() => answer.destroy(), 30);
      else answer.end();
    });
    await using session = await createSession();
    expect(await take(session.eventSource(server.url, { reconnectDelay: 10 }), 3)).toEqual(['1', '2', '3']);
    const ids = server.seen.map((seen) => headerOf(seen, 'last-event-id'));
    expect(ids.map((id) => id && Buffer.from(id, 'latin1').toString())).toEqual([undefined, 'é1', 'é2']);
  });

  it('continues after a time without a server', async () => {
    let answers = 0;
    const server = await startServer((request, response) => {
      answers++;
      if (answers === 2) request.socket.destroy();
      else stream(response, `data: ${answers}\n\n`).end();
    });
    await using session = await createSession();
    const events = session.eventSource(server.url, { reconnectDelay: 5 });
    expect(await take(events, 2)).toEqual(['1', '3']);
  });

  it('sends the last event id of an earlier stream with the first request', async () => {
    const server = await startServer((_, response) => void stream(response, 'data: x\n\n'));
    await using session = await createSession();
    await take(session.eventSource(server.url, { lastEventId: '41' }), 1);
    expect(headerOf(server.seen[0], 'last-event-id')).toBe('41');
  });

  it('ends without an error at 204, and with the connection when reconnect is false', async () => {
    const server = await startServer((request, response) => {
      if (request.url === '/once' || server.seen.length === 1)
        stream(response, 'retry: 1\ndata: x\n\n').end();
      else response.writeHead(204).end();
    });
    await using session = await createSession();
    expect(await take(session.eventSource(server.url), 9)).toEqual(['x']);
    expect(await take(session.eventSource(`${server.url}/once`, { reconnect: false }), 9)).toEqual(['x']);
    expect(server.seen).toHaveLength(3);
  });

  it.each([
    ['a status', 500, 'text/event-stream'],
    ['a type', 200, 'text/html'],
  ])('fails for an answer with %s that is none of a stream', async (_what, status, type) => {
    const server = await startServer((_, response) => {
      response.writeHead(status, { 'Content-Type': type }).end('data: x\n\n');
    });
    await using session = await createSession();
    await expect(take(session.eventSource(server.url), 1)).rejects.toMatchObject({
      code: 'ERR_PROTOCOL',
      status,
    });
    expect(server.seen).toHaveLength(1);
  });

  it('fails when its first connection does', async () => {
    const gone = await startServer(() => {});
    await gone.close();
    await using session = await createSession();
    await expect(take(session.eventSource(gone.url), 1)).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  });

  it('fails at an event larger than maxBodyBytes', async () => {
    const server = await startServer((_, response) => void stream(response, `data: ${'x'.repeat(2000)}`));
    await using session = await createSession({ maxBodyBytes: 1000 });
    await expect(take(session.eventSource(server.url), 1)).rejects.toMatchObject({
      code: 'ERR_BODY_TOO_LARGE',
    });
  });

  it('A21 fails at an event larger than the maxBodyBytes of its own options', async () => {
    const server = await startServer((_, response) => void stream(response, `data: ${'x'.repeat(2000)}`));
    await using session = await createSession();
    const events = session.eventSource(server.url, { maxBodyBytes: 1000 });
    await expect(take(events, 1)).rejects.toMatchObject({
      code: 'ERR_BODY_TOO_LARGE',
      message: expect.stringContaining('maxBodyBytes (1000)'),
    });
  });

  it('A21 waits at least 500 ms although the server asks for less, or the reconnectDelay where that is less', async () => {
    const startedAt: number[] = [];
    const server = await startServer((_, response) => {
      startedAt.push(performance.now());
      stream(response, 'retry: 0\ndata: x\n\n').end();
    });
    await using session = await createSession();
    await take(session.eventSource(server.url), 2);
    await take(session.eventSource(server.url, { reconnectDelay: 50 }), 2);
    const waits = [1, 3].map((at) => (startedAt[at] ?? 0) - (startedAt[at - 1] ?? 0));
    expect(waits[0]).toBeGreaterThan(495);
    expect(waits[1]).toBeGreaterThan(45);
  });

  it('waits twice as long after each connection that fails', async () => {
    const startedAt: number[] = [];
    const server = await startServer((request, response) => {
      startedAt.push(performance.now());
      // Not kept: a request on a connection that turns out to be gone is sent once more at once.
      response.setHeader('Connection', 'close');
      if (startedAt.length === 1 || startedAt.length > 4) stream(response, 'data: x\n\n').end();
      else request.socket.destroy();
    });
    await using session = await createSession();
    await take(session.eventSource(server.url, { reconnectDelay: 60 }), 2);
    const waits = startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0));
    const least = [55, 55, 115, 235];
    expect(least.filter((wait, index) => (waits[index] ?? 0) < wait)).toEqual([]);
  });

  it('A21 continues after an id that cannot be a header value, and sends the one before', async () => {
    const server = await startServer((_, response) => {
      const { length } = server.seen;
      stream(response, `id: ${length}\ndata: ${length}\n\nid: bad\x01\ndata: b\n\n`).end();
    });
    await using session = await createSession();
    expect(await take(session.eventSource(server.url, { reconnectDelay: 5 }), 4)).toEqual([
      '1',
      'b',
      '2',
      'b',
    ]);
    expect(headerOf(server.seen[1], 'last-event-id')).toBe('1');
  });

  it('is not ended by the total timeout of the session, which only limits the wait for the head', async () => {
    const server = await startServer((request, response) => {
      if (request.url === '/silent') return;
      stream(response, 'data: 1\n\n');
      setTimeout(() => response.write('data: 2\n\n'), 150);
    });
    await using session = await createSession({ timeout: 50 });
    expect(await take(session.eventSource(server.url), 2)).toEqual(['1', '2']);
    await expect(take(session.eventSource(`${server.url}/silent`), 1)).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      phase: 'headers',
    });
  });

  it.each(['while it reads', 'while it waits to connect again'])(
    'rejects with the reason of an abort: %s',
    async (when) => {
      const server = await startServer((_, response) => {
        const answer = stream(response, 'retry: 60000\ndata: x\n\n');
        if (when !== 'while it reads') answer.end();
      });
      await using session = await createSession();
      const controller = new AbortController();
      const outcome = expect(
        take(session.eventSource(server.url, { signal: controller.signal }), 2),
      ).rejects.toBe('enough');
      while (server.seen.length === 0) await turns(1);
      await turns(20);
      controller.abort('enough');
      await outcome;
    },
  );

  it.each(['events.close', 'session.close'])(
    'ends its loop in order at %s, and its connection',
    async (how) => {
      const server = await startServer((_, response) => void stream(response, 'data: x\n\n'));
      const session = await createSession();
      const events = session.eventSource(server.url);
      const data: string[] = [];
      for await (const event of events) {
        data.push(event.data);
        if (how === 'events.close') events.close();
        else void session.close();
      }
      expect([data, events.closed]).toEqual([['x'], true]);
      while (server.open > 0) await turns(1);
      await session.close();
    },
  );

  it('can be read by only one loop', async () => {
    const server = await startServer((_, response) => void stream(response, 'data: x\n\n'));
    await using session = await createSession();
    const events = session.eventSource(server.url);
    await take(events, 1);
    await expect(take(events, 1)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });

  it.each([
    { reconnect: 'no' },
    { reconnectDelay: -1 },
    { lastEventId: 7 },
    { lastEventId: 'a\x01' },
    { lastEventId: 'x'.repeat(4097) },
    { maxBodyBytes: 0 },
  ])('refuses %o', async (init) => {
    await using session = await createSession();
    expect(() => session.eventSource('http://127.0.0.1/', init as object)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    );
  });
});
