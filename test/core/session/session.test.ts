import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { headerOf, startServer } from '../../helpers/servers.ts';

it('sends the cookie of a login with the next request', async () => {
  const server = await startServer((request, response) => {
    if (request.url === '/login') response.setHeader('set-cookie', 'sid=1; HttpOnly');
    response.end('ok');
  });
  await using session = await createSession();
  const login = await session.fetch(`${server.url}/login`, { method: 'POST', form: { user: 'ada' } });
  expect(await login.text()).toBe('ok');
  await session.fetch(`${server.url}/members`);
  expect(headerOf(server.seen[1], 'cookie')).toBe('sid=1');
  expect(server.seen[0]?.body.toString()).toBe('user=ada');
});

it('keeps its cookies when its fetch is passed on as a function', async () => {
  const server = await startServer((_, response) => void response.end('ok'));
  await using session = await createSession();
  session.setCookie('sid', '1', server.url);
  const { fetch } = session;
  expect(await (await fetch(server.url)).text()).toBe('ok');
  expect(headerOf(server.seen[0], 'cookie')).toBe('sid=1');
});

it('has one random id, another one for each session', async () => {
  await using one = await createSession();
  await using two = await createSession();
  expect(one.id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  expect(one.id).toBe(one.id);
  expect(one.id).not.toBe(two.id);
});

it('shows what it is, and no cookie, when it is inspected', async () => {
  await using session = await createSession({ browser: 'firefox_153', os: 'linux', sessionId: 'a\x1b' });
  session.setCookie('sid', 's3cr3t', 'https://shop.example/');
  expect(inspect(session)).toBe(
    "Session { id: 'a\\x1B', browser: 'firefox_153', os: 'linux', closed: false }",
  );
  expect(JSON.parse(JSON.stringify({ session }))).toEqual({
    session: { id: 'a\x1b', browser: 'firefox_153', os: 'linux', closed: false },
  });
  expect(inspect({ wrapped: new Proxy(session, {}) })).toBe('{ wrapped: Session {} }');
});
