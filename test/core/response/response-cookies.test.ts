import { expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { startRawServer } from '../../helpers/servers.ts';

it.each([
  ['a byte that is no UTF-8', 'n=caf\xe9', 'n', 'caf\udce9'],
  ['such a byte in the name', 'n\xe9=1', 'n\udce9', '1'],
  ['UTF-8', `${Buffer.from('ü').toString('latin1')}=${Buffer.from('€').toString('latin1')}`, 'ü', '€'],
  ['U+00A0 at its end', 'n=1\xc2\xa0', 'n', '1\u00a0'],
  ['blanks at its end', 'n=1 \t; Path=/', 'n', '1'],
])('V4: response.cookies reads %s as the jar does', async (_, line, name, value) => {
  const server = await startRawServer((socket) => {
    socket.end(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: ${line}\r\n\r\n`, 'latin1'));
  });
  await using session = await createSession({ browser: null });
  const response = await session.fetch(server.url);
  expect(response.cookies).toEqual({ [name]: value });
  expect(session.getCookies(server.url)).toEqual({ [name]: value });
});
