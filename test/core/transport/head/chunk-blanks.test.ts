import { expect, it } from 'vitest';
import { createSession } from '../../../../src/index.ts';
import { httpHead } from '../../../helpers/raw.ts';
import { startRawServer } from '../../../helpers/servers.ts';

const sizes: [string][] = [
  ['2'],
  ['2;a=b'],
  ['2 ;a=b'],
  ['2\t;a=b'],
  ['2 \t;a=b'],
  ['2;a="b c"'],
  ['2 '],
  ['2   '],
];

it.each(sizes)('F20 accepts the chunk size %j', async (size) => {
  const server = await startRawServer((socket) => {
    socket.write(httpHead(['Transfer-Encoding: chunked']));
    socket.write(`${size}\r\nok\r\n0\r\n\r\n`);
  });
  await using session = await createSession();
  // The setting must last longer than one message.
  for (let call = 0; call < 2; call++) expect(await (await session.fetch(server.url)).text()).toBe('ok');
  expect(server.sockets).toHaveLength(1);
});

it.each([['2; a=b'], ['2;a =b'], ['2;a= b']])(
  'F20 refuses the chunk size %j, for want of a setting',
  async (size) => {
    const server = await startRawServer((socket) => {
      socket.write(httpHead(['Transfer-Encoding: chunked']));
      socket.write(`${size}\r\nok\r\n0\r\n\r\n`);
    });
    await using session = await createSession();
    const text = session.fetch(server.url).then((response) => response.text());
    await expect(text).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  },
);
