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
import { temporaryFolder } from '../../helpers/folders.ts';
import { startServer } from '../../helpers/servers.ts';

const canary = 'c4n4ry';

/** Everything that a log could show of a value: at full depth, hidden properties too, as JSON, with every stack. */
function shownOf(value: unknown): string {
  const parts = [
    inspect(value, {
      depth: Number.POSITIVE_INFINITY,
      showHidden: true,
      maxStringLength: null,
      maxArrayLength: null,
    }),
    inspect(value),
  ];
  try {
    parts.push(JSON.stringify(value) ?? '');
  } catch {
    // What cannot be written as JSON is not shown by it.
  }
  for (let error = value; error instanceof Error; error = error.cause)
    parts.push(String(error), error.stack ?? '');
  return parts.join('\n');
}

function leaking(values: Readonly<Record<string, unknown>>): string[] {
  const secrets = [canary, Buffer.from(`ada:${canary}`).toString('base64')];
  return Object.entries(values).flatMap(([name, value]) => {
    const shown = shownOf(value);
    return secrets.filter((secret) => shown.includes(secret)).map((secret) => `${name}: ${secret}`);
  });
}

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

it('A29 shows no secret of a session, its calls and what was made of them', async () => {
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
