/** As test/core/session/shown-secrets.test.ts, for recordings, explanations, tools of models and the command line. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { callLog, explainCall, mockTransport, recordHar, replayHar } from '../src/har/index.ts';
import { createSession } from '../src/index.ts';
import { createToolbox } from '../src/mcp/index.ts';
import { runCommand, stateOf } from './helpers/command-line.ts';
import { temporaryFolder } from './helpers/folders.ts';
import { startServer } from './helpers/servers.ts';
import { canary, leaking } from './helpers/shown.ts';

/** A site that sets the secret as a cookie, redirects with it and has it in a form. It never echoes a request. */
async function startLeakySite() {
  return startServer((request, response) => {
    response.setHeader('set-cookie', [`sid=${canary}; Path=/`, `__Host-x=${canary}; Secure; Path=/`]);
    if (request.url?.startsWith('/first') === true) {
      response
        .writeHead(302, { location: `http://ada:${canary}@${request.headers.host}/second?token=${canary}` })
        .end();
      return;
    }
    response.setHeader('content-type', 'text/html');
    response.end(`<title>Shop</title><h1>Hello</h1>
      <a href="/next?token=${canary}">Next</a>
      <form action="/next?token=${canary}" method=post><input name=user>
      <input type=password name=password value=${canary}><button>Log in</button></form>`);
  });
}

it('A29 shows no secret of recordings, replays and logs of calls', async () => {
  const server = await startLeakySite();
  const log = callLog();
  await using session = await createSession({
    observers: [log],
    defaultHeaders: { authorization: `Bearer ${canary}` },
  });
  await using recording = recordHar(session);
  const url = server.url.replace('://', `://ada:${canary}@`);
  const first = await session.fetch(`${url}/first?token=${canary}`, {
    method: 'POST',
    form: { password: canary, user: 'ada' },
    headers: { cookie: `own=${canary}` },
  });
  await first.text();
  const second = await session.fetch(`${server.url}/?access_token=${canary}`, {
    json: { password: canary, nested: [{ api_key: canary }] },
    method: 'POST',
  });
  await second.text();
  const error = await session
    .fetch(`${server.url}/first?token=${canary}`, { redirect: 'error' })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TypeError);
  const har = await recording.stop();
  expect(har.log.entries.length).toBeGreaterThanOrEqual(4);
  const transport = replayHar(har);
  const missed = await createSession({ transport })
    .then((other) =>
      other.fetch(`${server.url}/none?token=${canary}`, { form: { password: canary }, method: 'POST' }),
    )
    .catch((reason: unknown) => reason);
  expect(missed).toMatchObject({ code: 'ERR_REPLAY_NO_MATCH' });
  const explained = { first: explainCall(first), second: explainCall(second), error: explainCall(error) };
  expect(explained.first).toContain('302');
  expect(leaking({ har, recording, transport, missed, log, explained, unused: transport.unused() })).toEqual(
    [],
  );
});

it('A29 shows no secret where a mock of a server fails', async () => {
  const transport = mockTransport(() => {
    throw new Error('no answer');
  });
  await using session = await createSession({ transport });
  const error = await session
    .fetch(`http://shop.test/?token=${canary}`, { method: 'POST', form: { password: canary } })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'ERR_MOCK_FAILED' });
  expect(leaking({ error, transport, session })).toEqual([]);
});

it('A29 shows no secret to a model', async () => {
  const server = await startLeakySite();
  const { host, origin } = new URL(server.url);
  const toolbox = await createToolbox({
    allowHosts: [host],
    secrets: { password: { value: canary, origins: [origin] } },
  });
  onTestFinished(() => toolbox.close());
  const results: Record<string, unknown> = {};
  const call = async (name: string, args: object): Promise<Record<string, unknown>> => {
    const result = await toolbox.call(name, args);
    results[`${name} ${JSON.stringify(args)}`.replaceAll(canary, '…')] = result;
    return result.structuredContent;
  };
  for (const { name } of toolbox.tools) await call(name, {});
  const { session_id } = await call('session_create', {});
  const { page_id } = await call('page_open', { session_id, url: `${server.url}/first` });
  expect(page_id).toEqual(expect.any(String));
  for (const name of ['page_snapshot', 'page_links', 'page_forms']) await call(name, { page_id });
  for (const name of ['cookies_list', 'har_export']) await call(name, { session_id });
  await call('form_submit', { page_id, values: { password: '{{secret:password}}' } });
  await call('fetch', { session_id, url: `${server.url}/`, headers: { 'X-Key': '{{secret:password}}' } });
  await call('fetch', { session_id, url: 'http://127.0.0.1:1/?q={{secret:password}}' });
  expect(server.seen.length).toBeGreaterThan(1);
  expect(leaking({ ...results, toolbox })).toEqual([]);
});

it('A29 shows no secret on the command line, unless it is asked for', async () => {
  const server = await startLeakySite();
  const env = await stateOf({ JARFETCH_KEY: `${canary} horse battery staple` });
  const har = join(await temporaryFolder(), 'calls.har');
  const results: Record<string, unknown> = {};
  const run = async (...words: readonly string[]): Promise<void> => {
    const { code, output, errors } = await runCommand(words, { env });
    results[words.join(' ').replaceAll(canary, '…')] = { code, output, errors };
  };
  const own = `${server.url.replace('://', `://ada:${canary}@`)}/first?token=${canary}`;
  await run('session', 'new', 's');
  await run('open', own, `Authorization:Bearer ${canary}`);
  await run('open', own, '--session', 's', '-v');
  for (const words of [
    'links',
    'forms',
    'snapshot',
    'text',
    'markdown',
    'reload -v',
    'session show s',
    'cookies list',
  ])
    for (const json of [[], ['--json']]) await run(...words.split(' '), '--session', 's', ...json);
  await run('session', 'list', '--json');
  await run('submit', 'form', `password=${canary}`, '--session', 's', '--dry-run');
  await run('cookies', 'explain', `${server.url}/`, '--session', 's');
  await run('headers', own, `Cookie:own=${canary}`);
  await run('explain', own, `Cookie:own=${canary}`);
  await run('curl', own, `Cookie:own=${canary}`);
  await run('har', 'record', har, own, `Cookie:own=${canary}`, '--output', `${har}.body`);
  await run('har', 'show', har);
  await run('replay', har, `${server.url}/none?token=${canary}`);
  await run('get', `http://ada:${canary}@127.0.0.1:1/?token=${canary}`);
  await run('get', own, '--proxy', `http://ada:${canary}@127.0.0.1:1`);
  expect(server.seen.length).toBeGreaterThan(3);
  expect(leaking(results)).toEqual([]);
});
