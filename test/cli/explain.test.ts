import { expect, it } from 'vitest';
import { runCommand, stateOf } from '../helpers/command-line.ts';
import { startRawServer, startServer } from '../helpers/servers.ts';

const csi = '\u001b[';

async function visited() {
  const server = await startServer((request, response) => {
    response.setHeader('set-cookie', ['sid=c4n4ry; Path=/', 'far=1; Domain=example.com']);
    if (request.url === '/from') response.writeHead(302, { location: '/to' });
    response.end('hello');
  });
  const env = await stateOf({ JARFETCH_SESSION: 'ada' });
  await runCommand(['session', 'new', 'ada', '--browser', 'firefox'], { env });
  return { server, env };
}

it('prints the heads, the redirect, and each cookie with the reason, without values', async () => {
  const { server, env } = await visited();
  await runCommand(['get', server.url], { env });
  const { output, errors, code } = await runCommand(['explain', `${server.url}/from`], { env });
  expect([errors, code]).toEqual(['', 0]);
  expect(output).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/from: 200 OK \(2 requests, \d+ ms\)\n/);
  expect(output).toContain('* sent: cookie sid of 127.0.0.1/\n');
  expect(output).toContain('> Cookie: sid=…\n');
  expect(output).toContain('* stored: cookie sid\n');
  expect(output).toContain('* not stored: cookie far: its Domain is neither the host nor a parent of it');
  expect(output).toMatch(/\* 302 is followed to http:\/\/127\.0\.0\.1:\d+\/to\n/);
  expect(output).not.toContain('c4n4ry');
  expect(output).not.toContain(csi);
});

it('has colours in a terminal, and where they are forced', async () => {
  const { server, env } = await visited();
  const onTerminal = await runCommand(['explain', server.url], { env, terminal: 80 });
  expect(onTerminal.output).toContain(`${csi}36m> Host: `);
  const without = await runCommand(['explain', server.url], {
    env: { ...env, NO_COLOR: '1' },
    terminal: 80,
  });
  expect(without.output).not.toContain(csi);
  const forced = await runCommand(['explain', server.url], { env: { ...env, FORCE_COLOR: '1' } });
  expect(forced.output).toContain(`${csi}36m> Host: `);
});

it('sends the method and the items, and has the exit code of the status', async () => {
  const server = await startServer((_request, response) => void response.writeHead(404).end());
  const { output, code } = await runCommand(['explain', 'PUT', server.url, 'a=1', 'X-Own:2']);
  expect(code).toBe(4);
  expect(output).toContain('> X-Own: 2\n');
  expect(server.seen[0]).toMatchObject({ method: 'PUT', body: Buffer.from('{"a":"1"}') });
  const { output: json } = await runCommand(['explain', server.url, '--json', '--no-check-status']);
  expect(JSON.parse(json)).toMatchObject({
    ok: true,
    request: { method: 'GET' },
    data: { text: expect.stringContaining('404 Not Found') },
  });
});

it('prints a call that fails, before the error and its exit code', async () => {
  const server = await startRawServer((socket) => void socket.destroy());
  const { output, errors, code } = await runCommand(['explain', server.url]);
  expect(code).toBe(8);
  expect(output).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/: failed/);
  expect(errors).toMatch(/^jarfetch: .+\n$/);
  expect(output).toContain('> Host: ');
  const { output: json } = await runCommand(['explain', server.url, '--json']);
  expect(JSON.parse(json)).toMatchObject({ ok: false, error: { exitCode: 8 } });
});

it('does not read an endless body', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'a');
  const server = await startServer((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  });
  const { output, code } = await runCommand(['explain', server.url]);
  expect(code).toBe(0);
  expect(output).toMatch(/\(\d+ bytes of body\)/);
});

it('says which argument a method needs', async () => {
  expect(await runCommand(['explain', 'PUT'])).toMatchObject({
    code: 2,
    errors: 'jarfetch: PUT needs a URL: jarfetch explain PUT URL\n',
  });
});
