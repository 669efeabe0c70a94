import { describe, expect, it } from 'vitest';
import { createSession, isRequestError, type Session } from '../../src/index.ts';
import { type PollPageInit, type PollTimeoutError, pollPage } from '../../src/page/index.ts';
import { startServer, type TestServer } from '../helpers/servers.ts';

interface Step {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers one step after the other; the last one again and again. */
function play(...steps: Step[]): Promise<TestServer> {
  let at = 0;
  return startServer((_, response) => {
    const { status = 200, body = '', headers = {} } = steps[Math.min(at++, steps.length - 1)] ?? {};
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body);
  });
}

/** No test waits for a clock: the next request comes at once. */
const soon = { interval: 0, backoff: 1 };
const poll = async (server: TestServer, init: PollPageInit, session?: Session) =>
  pollPage(session ?? (await createSession()), server.url, { ...soon, ...init });

async function failure(promise: Promise<unknown>): Promise<PollTimeoutError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(isRequestError(error, 'ERR_TIMEOUT')).toBe(true);
  return error as PollTimeoutError;
}

const header = (server: TestServer, at: number, name: string): string | undefined =>
  server.seen[at]?.headers.find(([key]) => key.toLowerCase() === name)?.[1];

describe('pollPage', () => {
  const steps = [{ body: 'queued' }, { body: '<p>working' }, { body: '<p class=done>Report <b>ready</b>' }];

  it.each([
    ['a selector', 'p.done'],
    ['a text', { text: 'Report ready' }],
    ['a function', (page: { html(): string }) => page.html().includes('done')],
    ['a function of time', async (page: { html(): string }) => page.html().includes('done')],
  ])('asks until %s holds', async (_, until) => {
    const server = await play(...steps);
    const page = await poll(server, { until });
    expect(page.query('b')?.text).toBe('ready');
    expect(server.seen).toHaveLength(3);
  });

  it('sends conditional requests with the validators of the last answer', async () => {
    const server = await play(
      { body: 'a', headers: { etag: '"1"', 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' } },
      { status: 304 },
      { body: 'b', headers: { etag: '"2"' } },
      { body: 'c' },
      { body: '<i>' },
    );
    const judged: string[] = [];
    await poll(server, {
      headers: { 'x-own': '1' },
      until: (page) => {
        judged.push(page.html());
        return page.query('i') !== null;
      },
    });
    expect(judged).toEqual(['a', 'b', 'c', '<i>']);
    const sent = ['if-none-match', 'if-modified-since'].map((name) =>
      server.seen.map((_, at) => header(server, at, name)),
    );
    const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
    expect(sent).toEqual([
      [undefined, '"1"', '"1"', '"2"', undefined],
      [undefined, date, date, undefined, undefined],
    ]);
    expect(header(server, 4, 'x-own')).toBe('1');
  });

  it('respects Retry-After, and does not wait past its time limit', async () => {
    const server = await play({ status: 503, body: 'busy', headers: { 'retry-after': '3600' } });
    const error = await failure(poll(server, { until: 'i', timeout: 60_000 }));
    expect(error.message).toContain('the server asked to wait 3600000 ms');
    expect(error.status).toBe(503);
    expect(server.seen).toHaveLength(1);
    const now = await play({ status: 503, headers: { 'retry-after': '0' } }, { body: '<i>' });
    expect((await poll(now, { until: 'i' })).status).toBe(200);
  });

  it('has the last page in its error', async () => {
    const server = await play({ body: '<p>still working' });
    const error = await failure(poll(server, { until: 'i', interval: 1e6, timeout: 60_000 }));
    expect(error.page?.text()).toBe('still working');
    expect(error.timeout).toBe(60_000);
    expect(Object.keys(error)).not.toContain('page');
  });

  it('has no page in its error when none was received', async () => {
    const server = await startServer(() => {});
    const error = await failure(poll(server, { until: 'i', timeout: 50 }));
    expect(error.page).toBeNull();
    expect(error.message).toContain('no page was received');
  });

  it('checks answers that are not a page only by the function', async () => {
    const server = await play(
      { headers: { 'content-type': 'text/plain' }, body: 'i' },
      { status: 404, body: 'gone' },
    );
    const page = await poll(server, { until: ({ status }) => status === 404 });
    expect(page.status).toBe(404);
    const json = await play({ headers: { 'content-type': 'application/json' }, body: '{}' }, { body: '<i>' });
    expect((await poll(json, { until: 'i' })).isHtml).toBe(true);
  });

  it('ends with the reason of its signal while it waits', async () => {
    const server = await play({ body: 'a' });
    const stop = new AbortController();
    const reason = new Error('enough');
    const until = (): boolean => {
      setImmediate(() => stop.abort(reason));
      return false;
    };
    await expect(poll(server, { until, interval: 10_000, signal: stop.signal })).rejects.toBe(reason);
    expect(server.seen).toHaveLength(1);
  });

  it('ends with what the function throws', async () => {
    const server = await play({ body: 'a' });
    const reason = new Error('no');
    const until = (): boolean => {
      throw reason;
    };
    await expect(poll(server, { until })).rejects.toBe(reason);
  });

  it.each([
    [{ until: 7 }, 'until must be a CSS selector'],
    [{ until: { text: '' } }, 'until must be'],
    [{}, 'until must be'],
    [{ until: 'p', interval: -1 }, 'interval must be'],
    [{ until: 'p', timeout: 0 }, 'timeout must be'],
    [{ until: 'p', backoff: 0.5 }, 'backoff must be'],
    [{ until: 'p', backoff: Number.NaN }, 'backoff must be'],
  ])('refuses %j', async (init, message) => {
    const server = await play({});
    await expect(pollPage(await createSession(), server.url, init as never)).rejects.toThrow(message);
    expect(server.seen).toHaveLength(0);
  });
});
