import { AsyncLocalStorage } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createSession, createTransport, type RequestEvent } from '../../../src/index.ts';
import { httpHead, httpResponse, turns } from '../../helpers/raw.ts';
import { startRawServer } from '../../helpers/servers.ts';

const storage = new AsyncLocalStorage<string>();

/** Notes in whose context undici makes each request, which is where tracing starts its spans. */
function noteCreations(): string[] {
  const seen: string[] = [];
  const listener = (message: unknown): void => {
    seen.push(`${Reflect.get(Object(message).request, 'path')} ${storage.getStore()}`);
  };
  diagnostics.subscribe('undici:request:create', listener);
  onTestFinished(() => void diagnostics.unsubscribe('undici:request:create', listener));
  return seen;
}

it('F10 calls events in the context of their own call on a reused connection', async () => {
  const server = await startRawServer((socket) => socket.write(httpResponse('ok')));
  await using session = await createSession();
  const seen: string[] = [];
  for (const name of ['ada', 'bob']) {
    const onRequestEvent = ({ type }: RequestEvent): void =>
      void seen.push(`${name} ${type} ${storage.getStore()}`);
    await storage.run(name, async () => (await session.fetch(server.url, { onRequestEvent })).text());
  }
  expect(seen.length).toBeGreaterThanOrEqual(8);
  expect(seen.filter((line) => line.split(' ')[0] !== line.split(' ')[2])).toEqual([]);
  expect(server.sockets).toHaveLength(1);
});

it('F10 emits the events of readable() in the context of the reader', async () => {
  const server = await startRawServer((socket) => {
    socket.write(Buffer.concat([httpHead(['Content-Length: 6']), Buffer.from('one')]));
    setTimeout(() => socket.write('two'), 20);
  });
  await using session = await createSession();
  const seen: string[] = [];
  for (const name of ['ada', 'bob']) {
    await storage.run(name, async () => {
      const readable = (await session.fetch(server.url)).readable();
      const note = (event: string) => (): void => void seen.push(`${name} ${event} ${storage.getStore()}`);
      readable.on('data', note('data')).on('end', note('end')).on('close', note('close'));
      await new Promise((resolve) => readable.once('close', resolve));
    });
  }
  expect(seen.length).toBeGreaterThanOrEqual(6);
  expect(seen.filter((line) => line.split(' ')[0] !== line.split(' ')[2])).toEqual([]);
});

it('F10 sends a call that waited for a connection in its own context', async () => {
  const held: Socket[] = [];
  const server = await startRawServer((socket) => void held.push(socket));
  await using transport = await createTransport({ poolMaxSize: 1 });
  await using session = await createSession({ transport });
  const seen = noteCreations();
  const calls = ['ada', 'bob'].map((name) =>
    storage.run(name, async () => (await session.fetch(`${server.url}/${name}`)).text()),
  );
  for (let answered = 0; answered < 2; answered++) {
    while (held.length <= answered) await turns(1);
    held[answered]?.write(httpResponse('ok'));
  }
  await Promise.all(calls);
  expect(seen).toEqual(['/ada ada', '/bob bob']);
});

it('F10 sends a call again in its own context', async () => {
  let requests = 0;
  const server = await startRawServer((socket) => {
    if (requests++ === 1) socket.destroy();
    else socket.write(httpResponse('ok'));
  });
  await using session = await createSession();
  const seen = noteCreations();
  for (const name of ['ada', 'bob']) {
    await storage.run(name, async () => (await session.fetch(`${server.url}/${name}`)).text());
  }
  expect(seen).toEqual(['/ada ada', '/bob bob', '/bob bob']);
});
