/** The snippets of docs/testing.md for other ways to test without a network. */
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher } from 'undici';
import { afterEach, expect, it, vi } from 'vitest';
import { mockTransport } from '../../src/har/index.ts';
import { createSession, createTransport } from '../../src/index.ts';
import { startServer } from '../helpers/servers.ts';

afterEach(() => void vi.useRealTimers());

it("undici's MockAgent answers as the dispatcher of a transport", async () => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const shop = agent.get('https://shop.example');
  const headers = { location: '/', 'set-cookie': 'sid=1; Path=/' };
  shop.intercept({ path: '/login', method: 'POST', body: 'user=ada' }).reply(302, '', { headers });
  shop.intercept({ path: '/', headers: { cookie: 'sid=1' } }).reply(200, 'hello');
  await using session = await createSession({ transport: await createTransport({ dispatcher: agent }) });
  const response = await session.fetch('https://shop.example/login', {
    method: 'POST',
    form: { user: 'ada' },
  });
  expect([response.status, await response.text()]).toEqual([200, 'hello']);
  agent.assertNoPendingInterceptors();
  await agent.close();
});

it("vitest's fake timers end a call that times out", async () => {
  vi.useFakeTimers();
  await using session = await createSession({ transport: mockTransport(() => new Promise(() => {})) });
  const call = session.fetch('https://shop.example/', { timeout: 30_000 });
  const failed = expect(call).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  await vi.advanceTimersByTimeAsync(30_000);
  await failed;
});

it("vitest's fake timers advance the wait before a retry", async () => {
  vi.useFakeTimers();
  const transport = mockTransport((_request, n) =>
    n === 1
      ? new Response('later', { status: 503, headers: { 'retry-after': '20' } })
      : new Response('now', { status: 200 }),
  );
  await using session = await createSession({ transport });
  let isOver = false;
  const call = session.fetch('https://shop.example/', { retry: true }).then((response) => {
    isOver = true;
    return response.text();
  });
  await vi.advanceTimersByTimeAsync(19_000);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1_001);
  expect(await call).toBe('now');
});

it('a global dispatcher has no effect on a session', async () => {
  const server = await startServer((_request, response) => void response.end('from the server'));
  const before = getGlobalDispatcher();
  const agent = new MockAgent();
  agent.disableNetConnect();
  setGlobalDispatcher(agent);
  try {
    await using session = await createSession();
    expect(await (await session.fetch(server.url)).text()).toBe('from the server');
  } finally {
    setGlobalDispatcher(before);
    await agent.close();
  }
});
