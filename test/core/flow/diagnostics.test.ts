import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, it, onTestFinished } from 'vitest';
import { createSession, type ObservedCall, type ObservedExchange } from '../../../src/index.ts';
import { cookieFetch } from '../../../src/interop/index.ts';
import { startServer } from '../../helpers/servers.ts';

const channels = ['call:start', 'call:end', 'exchange:start', 'exchange:response', 'exchange:end'];

interface Message {
  readonly call?: ObservedCall;
  readonly exchange?: ObservedExchange;
}

/** Listens on these channels until the test ends or the function is called. */
function listen(names: readonly string[]): { heard: string[]; stop: () => void } {
  const heard: string[] = [];
  const listeners = names.map((name) => {
    const listener = (message: unknown): void => {
      const { call, exchange } = message as Message;
      heard.push(`${name} ${exchange?.response?.status ?? call?.kind ?? exchange?.hop}`);
    };
    subscribe(`jarfetch:${name}`, listener);
    return () => void unsubscribe(`jarfetch:${name}`, listener);
  });
  const stop = (): void => {
    for (const each of listeners) each();
  };
  onTestFinished(stop);
  return { heard, stop };
}

const start = () =>
  startServer((request, response) => {
    if (request.url === '/old') response.writeHead(302, { location: '/new' }).end();
    else response.end('new');
  });

it('publishes calls and exchanges, hop by hop', async () => {
  const server = await start();
  await using session = await createSession();
  const { heard } = listen(channels);
  await (await session.fetch(`${server.url}/old`)).text();
  expect(heard).toEqual([
    'call:start fetch',
    ...['exchange:start 1', 'exchange:response 302', 'exchange:end 302'],
    ...['exchange:start 2', 'exchange:response 200', 'exchange:end 200'],
    'call:end fetch',
  ]);
});

it.each(channels)('publishes on %s when it has the only subscriber', async (channel) => {
  const server = await start();
  await using session = await createSession({ observers: [{}] });
  const { heard, stop } = listen([channel]);
  await (await session.fetch(server.url)).text();
  expect(heard).toHaveLength(1);
  stop();
  await (await session.fetch(server.url)).text();
  expect(heard).toHaveLength(1);
});

it('publishes the requests of other clients', async () => {
  const server = await start();
  await using session = await createSession();
  const fetchWithCookies = cookieFetch(session, fetch);
  const { heard } = listen(['call:start', 'call:end']);
  await (await fetchWithCookies(server.url)).text();
  expect(heard).toEqual(['call:start cookieFetch', 'call:end cookieFetch']);
});
