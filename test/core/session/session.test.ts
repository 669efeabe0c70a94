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
  expect(Object.keys(session)).not.toContain('fetch');
});
