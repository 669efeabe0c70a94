import { expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { startServer } from '../../helpers/servers.ts';

it.each(['Host', 'content-length'])('refuses the header %s when it is given twice', async (name) => {
  const server = await startServer((_request, response) => void response.end());
  await using session = await createSession();
  const headers = [
    [name, '1'],
    [name.toLowerCase(), '1'],
  ] as const;
  const call = session.fetch(server.url, { method: 'POST', headers, body: 'x' });
  await expect(call).rejects.toMatchObject({
    code: 'ERR_INVALID_HEADER',
    message: `the header ${name.toLowerCase()} must not be given twice`,
  });
  expect(server.connections).toBe(0);
});

it.each(['maxAge', 'expires', 'Secure'])(
  'refuses the cookie attribute %s, which it does not know',
  async (name) => {
    await using session = await createSession();
    const set = (): void => session.setCookie('a', '1', 'https://example.com/', { [name]: 1 });
    expect(set).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    expect(session.getAllCookies()).toEqual([]);
  },
);
