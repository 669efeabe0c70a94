/** The snippets of docs/testing.md for msw, nock and MockAgent, on the built package. Prints "passed" for each. */
import assert from 'node:assert/strict';
import { createSession, createTransport } from 'jarfetch';
import { mockTransport } from 'jarfetch/har';
import { cookieFetch } from 'jarfetch/interop';

const shop = 'https://shop.example';

/** Logs in where the mock answers with a redirect and a cookie. */
async function logsIn(session) {
  const response = await session.fetch(`${shop}/login`, { method: 'POST', form: { user: 'ada' } });
  assert.equal(await response.text(), 'hello ada');
  assert.equal(response.url, `${shop}/`);
  assert.deepEqual({ ...session.getCookies(shop) }, { sid: '1' });
}

async function mswHandlers() {
  const { http, HttpResponse } = await import('msw');
  return [
    http.post(`${shop}/login`, async ({ request }) => {
      assert.equal(await request.text(), 'user=ada');
      return new HttpResponse(null, {
        status: 302,
        headers: { location: '/', 'set-cookie': 'sid=1; Path=/' },
      });
    }),
    http.get(`${shop}/`, ({ request }) =>
      request.headers.get('cookie') === 'sid=1' ? HttpResponse.text('hello ada') : HttpResponse.error(),
    ),
  ];
}

const scenarios = {
  'msw: its handlers answer a session': async () => {
    const { getResponse } = await import('msw');
    const handlers = await mswHandlers();
    const transport = mockTransport(
      async (request) => (await getResponse(handlers, request)) ?? Response.error(),
    );
    const session = await createSession({ transport });
    await logsIn(session);
    await assert.rejects(session.fetch(`${shop}/other`), { code: 'ERR_CONNECTION_LOST' });
    await session.close();
  },
  'msw: setupServer does not see a session, but a cookieFetch of the global fetch': async () => {
    const { setupServer } = await import('msw/node');
    const server = setupServer(...(await mswHandlers()));
    server.listen({ onUnhandledRequest: 'error' });
    const session = await createSession({ retry: false });
    await assert.rejects(session.fetch(`${shop}/`), { code: 'ERR_DNS' });
    session.setCookie('sid', '1', shop);
    const response = await cookieFetch(session, globalThis.fetch)(`${shop}/`);
    assert.equal(await response.text(), 'hello ada');
    await session.close();
    server.close();
  },
  'nock: it answers a session': async () => {
    const { default: nock } = await import('nock');
    nock.disableNetConnect();
    nock(shop).post('/login', 'user=ada').reply(302, '', { location: '/', 'set-cookie': 'sid=1; Path=/' });
    nock(shop, { reqheaders: { cookie: 'sid=1' } })
      .get('/')
      .reply(200, 'hello ada');
    const session = await createSession();
    await logsIn(session);
    assert.ok(nock.isDone());
    const other = await session.fetch(`${shop}/other`);
    assert.equal(other.status, 501);
    assert.equal((await other.json()).code, 'ERR_NOCK_NO_MATCH');
    await session.close();
    nock.restore();
  },
  'MockAgent: it answers as the dispatcher of a transport': async () => {
    const { MockAgent } = await import('undici');
    const agent = new MockAgent();
    agent.disableNetConnect();
    const origin = agent.get(shop);
    const headers = { location: '/', 'set-cookie': 'sid=1; Path=/' };
    origin.intercept({ path: '/login', method: 'POST', body: 'user=ada' }).reply(302, '', { headers });
    origin.intercept({ path: '/', headers: { cookie: 'sid=1' } }).reply(200, 'hello ada');
    const session = await createSession({ transport: await createTransport({ dispatcher: agent }) });
    await logsIn(session);
    agent.assertNoPendingInterceptors();
    await session.close();
    await agent.close();
  },
};

const [name] = process.argv.slice(2);
if (name === undefined) console.log(Object.keys(scenarios).join('\n'));
else {
  await scenarios[name]();
  console.log('passed');
}
