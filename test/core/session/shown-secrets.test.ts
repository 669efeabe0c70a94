import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { recordHar } from '../../../src/har/index.ts';
import { createSession, createTransport, type RequestEvent, type Session } from '../../../src/index.ts';
import { cookieDispatcher, nodeAgents } from '../../../src/interop/index.ts';
import { pageOf } from '../../../src/page/index.ts';
import {
  createRegistry,
  fileStore,
  memoryStore,
  redisStore,
  sqliteStore,
} from '../../../src/registry/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { startHttp2Server } from '../../helpers/http2-servers.ts';
import { turns } from '../../helpers/raw.ts';
import { startServer } from '../../helpers/servers.ts';
import { canary, leaking } from '../../helpers/shown.ts';

async function startLeakySite() {
  return startServer((request, response) => {
    response.setHeader('set-cookie', `sid=${canary}`);
    const { host } = request.headers;
    if (request.url?.startsWith('/first') === true) {
      response.writeHead(302, { location: `http://ada:${canary}@${host}/second` }).end();
    } else {
      response.setHeader('content-type', 'text/html');
      response.end(`<form action=/next method=post><input type=hidden name=csrf value=${canary}></form>`);
    }
  });
}

function open(options: object): Promise<Session> {
  return createSession({ defaultHeaders: { authorization: `Bearer ${canary}` }, ...options });
}

it('A29 shows no secret of a session, its calls and their results', async () => {
  const server = await startLeakySite();
  const events: RequestEvent[] = [];
  const seen: unknown[] = [];
  await using session = await open({
    observers: [{ onExchangeStart: (exchange: unknown) => void seen.push(exchange) }],
  });
  await using recording = recordHar(session);
  const response = await session.fetch(
    server.url.replace('://', `://ada:${canary}@`).concat(`/first?token=${canary}`),
    {
      headers: { 'X-Api-Key': canary },
      onRequestEvent: (event) => void events.push(event),
    },
  );
  const copy = response.clone();
  await response.text();
  const refused = await session
    .fetch(`${server.url}/first?token=${canary}`, { redirect: 'error' })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(TypeError);
  expect(server.seen.length).toBeGreaterThanOrEqual(3);
  expect(response.hops[0]?.headers.get('location')).toBe(`${server.url}/second`);
  expect(
    leaking({
      session,
      response,
      copy,
      hops: response.hops.map(({ headers, request, setCookies }) => [[...headers], request, setCookies]),
      events,
      seen,
      recording,
      refused,
      jar: inspect(session.cookieJar),
    }),
  ).toEqual([]);
});

it('A29 shows no secret of transports, agents and dispatchers', async () => {
  const proxy = await startServer((_, response) => void response.end());
  const address = `http://ada:${canary}@127.0.0.1:${proxy.port}`;
  await using transport = await createTransport({ proxy: address });
  await using session = await createSession({ transport });
  await session.fetch('http://shop.test/', { headers: { authorization: canary } });
  await using own = await createSession({ proxy: address });
  const agents = nodeAgents(transport);
  expect(
    leaking({
      transport,
      session,
      own,
      agents,
      shared: transport.dispatcher,
      dispatcher: cookieDispatcher(session),
    }),
  ).toEqual([]);
});

it('A29 shows no secret of connections over HTTP/2, idle and while a request is under way', async () => {
  const waiting: (() => void)[] = [];
  const server = await startHttp2Server((request, response) => {
    response.setHeader('set-cookie', `sid=${canary}`);
    if (request.url.startsWith('/wait')) waiting.push(() => response.end('done'));
    else response.end('done');
  });
  await using transport = await createTransport({ ca: certificate().cert, http2: true });
  await using session = await open({ transport });
  const dispatcher = cookieDispatcher(session);
  await (await session.fetch(`${server.url}/?token=${canary}`)).text();
  const values = { transport, session, shared: transport.dispatcher, dispatcher };
  expect(leaking(values)).toEqual([]);
  const call = session.fetch(`${server.url}/wait?token=${canary}`, {
    method: 'POST',
    headers: { cookie: `own=${canary}`, 'proxy-authorization-info': canary },
    body: canary,
  });
  while (waiting.length === 0) await turns(1);
  expect(leaking({ ...values, call })).toEqual([]);
  waiting[0]?.();
  const response = await call;
  expect(leaking({ ...values, response })).toEqual([]);
  await response.text();
  expect(server.sessions).toHaveLength(1);
});

it('A29 shows no secret of registries and stores', async () => {
  const folder = await temporaryFolder();
  const stores = {
    memory: memoryStore(),
    file: fileStore(`${folder}/files`, { encryptionKey: `${canary} horse battery` }),
    sqlite: sqliteStore(`${folder}/sessions.db`, { encryptionKey: `${canary} horse battery` }),
  };
  for (const [name, store] of Object.entries(stores)) {
    const registry = createRegistry({ store });
    const session = await registry.create('ada', {
      proxy: `http://ada:${canary}@127.0.0.1:1`,
      defaultHeaders: { authorization: canary },
    });
    session.setCookie('sid', canary, 'https://shop.test/');
    await session.save();
    const missing = await registry.get('bob').catch((error: unknown) => error);
    const failed = await session.fetch(`http://shop.test/?token=${canary}`).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(TypeError);
    expect(leaking({ registry, store, session, missing, failed }), name).toEqual([]);
    await registry.close();
    await store.close?.();
  }
  const redis = redisStore(`redis://ada:${canary}@127.0.0.1:1`, {
    encryptionKey: `${canary} horse battery`,
    timeout: 100,
  });
  const error = await redis.load('ada').catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'ERR_STORE' });
  expect(leaking({ redis, error })).toEqual([]);
  await redis.close?.();
});

it('A29 shows no secret of pages and forms', async () => {
  const server = await startLeakySite();
  await using session = await open({});
  const page = await pageOf(session, await session.fetch(`${server.url}/?token=${canary}`));
  const form = page.form('form');
  const missing = await Promise.resolve()
    .then(() => page.form('#none'))
    .catch((reason: unknown) => reason);
  expect(missing).toBeInstanceOf(Error);
  expect(leaking({ page, form, missing })).toEqual([]);
});
