import { inspect } from 'node:util';
import { MockAgent } from 'undici';
import { expect, it } from 'vitest';
import { createSession, createTransport } from '../../../src/index.ts';
import { startServer } from '../../helpers/servers.ts';

const names = ['queued', 'dns', 'connect', 'tls', 'sent', 'headers', 'body'];

it('timings show all seven values in logs and as JSON', async () => {
  const server = await startServer((_request, response) => {
    response.end('body');
  });
  await using session = await createSession();
  const response = await session.fetch(server.url);
  const before = response.timings;
  await response.text();
  const { timings } = response;
  expect(Object.keys(timings)).toEqual(names);
  expect(Object.keys(JSON.parse(JSON.stringify(timings)))).toEqual(names);
  for (const name of names) expect(inspect(timings)).toContain(`${name}: `);
  expect(inspect(timings)).not.toContain('ExchangeTimings');
  expect(timings).toMatchObject({ tls: null, sent: expect.any(Number), body: expect.any(Number) });
  // What was handed out does not change later.
  expect(before).not.toBe(timings);
});

it('hops show each request as it was sent, with its secrets masked', async () => {
  const server = await startServer((request, response) => {
    if (request.url?.startsWith('/new')) response.end();
    else response.writeHead(303, { location: '/new?token=canary' }).end();
  });
  await using session = await createSession();
  session.setCookie('sid', 'canary', server.url);
  const headers = { authorization: 'Bearer canary', 'X-Own': 'o' };
  const { hops } = await session.fetch(`${server.url}/old`, { method: 'POST', body: 'canary', headers });
  expect(hops.map(({ request }) => `${request?.method} ${request?.url}`)).toEqual([
    `POST ${server.url}/old`,
    `GET ${server.url}/new?token=…`,
  ]);
  const wire = server.seen.map((seen) => seen.headers.map(([name]) => name));
  expect(hops.map(({ request }) => request?.headers.map(([name]) => name))).toEqual(wire);
  const sent = hops[0]?.request?.headers;
  expect(sent).toEqual(
    expect.arrayContaining([
      ['authorization', 'Bearer …'],
      ['X-Own', 'o'],
      ['Cookie', 'sid=…'],
    ]),
  );
  expect(JSON.stringify(hops.map(({ request }) => request))).not.toContain('canary');
});

it('hops show what a dispatcher of the caller was given', async () => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  agent.get('http://mock.test').intercept({ path: '/' }).reply(200, 'mocked');
  const transport = await createTransport({ dispatcher: agent });
  await using session = await createSession({ transport, browser: null });
  const { hops } = await session.fetch('http://mock.test/', { headers: { 'X-Own': 'o' } });
  expect(hops[0]?.request?.headers).toEqual([['X-Own', 'o']]);
  await transport.close();
  await agent.close();
});

it('attempts counts the attempts of a call', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(server.seen.length < 3 ? 503 : 200).end();
  });
  await using session = await createSession({ retry: { limit: 4, backoff: () => 1 } });
  expect((await session.fetch(server.url)).attempts).toBe(3);
  expect((await session.fetch(server.url)).attempts).toBe(1);
});
