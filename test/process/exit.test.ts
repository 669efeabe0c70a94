import { expect, it } from 'vitest';
import { runChild } from '../helpers/children.ts';
import { startServer } from '../helpers/servers.ts';

const calls = [
  'a body that was read',
  'a body that nobody read',
  'a stream that was only opened',
  'a one-shot call',
  'a session that is closed',
  'a transport of its own',
  'an abort',
  'a timeout',
  'a server that asked to be left alone',
];

it.each(calls)('T13 lets the process end by itself after %s', async (kind) => {
  const server = await startServer((request, response) => {
    if (request.url === '/never') return;
    if (request.url === '/large') response.end(Buffer.alloc(10_000_000));
    else if (request.url === '/busy') response.writeHead(503, { 'retry-after': '3600' }).end();
    else response.end('small');
  });
  const startedAt = performance.now();
  const { code, stdout, stderr } = await runChild('calls', { args: [server.url, kind] });
  expect([code, stdout, stderr]).toEqual([0, 'done', '']);
  // Less than any limit of a call, an idle connection or a discarded body, on a busy machine too.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});

it('T14 frees unclosed sessions and their connections', async () => {
  const server = await startServer((_request, response) => void response.end('x'));
  const { code, stdout } = await runChild('forgotten', { args: [server.url], node: ['--expose-gc'] });
  expect([code, stdout, server.connections]).toEqual([0, '0', 20]);
});
