import { fetch as undiciFetch } from 'undici';
import { describe, expect, it } from 'vitest';
import { recordHar } from '../../src/har/index.ts';
import { createSession, type ObservedExchange, type Observer } from '../../src/index.ts';
import { cookieFetch, type FetchLike } from '../../src/interop/index.ts';
import { startServer } from '../helpers/servers.ts';

type Fetch = typeof globalThis.fetch;

function startSite() {
  return startServer((request, response) => {
    if (request.url === '/old') response.writeHead(302, { Location: '/new', 'Set-Cookie': 'sid=1' }).end();
    else response.writeHead(200, { 'X-Site': 'shop' }).end('answer');
  });
}

describe.each<[name: string, foreign: FetchLike]>([
  ['the fetch of Node.js', globalThis.fetch],
  ['the fetch of undici', undiciFetch as unknown as Fetch],
])('the observers of a session, of a call of cookieFetch around %s', (_, foreign) => {
  it('are called for each hop with the heads, and not the body', async () => {
    const site = await startSite();
    const told: string[] = [];
    const exchanges: ObservedExchange[] = [];
    const observer: Observer = {
      onCallStart: ({ kind }) => told.push(`call ${kind}`),
      onExchangeStart: (exchange) => void exchanges.push(exchange),
      onResponse: ({ response }) => told.push(`response ${response?.status}`),
      onRedirect: (_call, { status, url }) => told.push(`redirect ${status} ${url}`),
      onCallEnd: ({ failure }) => told.push(failure === null ? 'call end' : 'call failed'),
    };
    await using session = await createSession({ observers: [observer] });
    const response = await cookieFetch(session, foreign as Fetch)(`${site.url}/old`, {
      headers: { 'x-own': 'yes' },
    });
    expect(told).toEqual([
      ...['call cookieFetch', 'response 302', `redirect 302 ${site.url}/new`],
      ...['response 200', 'call end'],
    ]);
    expect(await response.text()).toBe('answer');
    const [first, second] = exchanges;
    expect(first?.call).toBe(second?.call);
    expect([first?.hop, second?.hop]).toEqual([1, 2]);
    expect(first?.request?.headers).toEqual([['x-own', 'yes']]);
    expect(second?.request?.headers.map(([name, value]) => [name.toLowerCase(), value])).toEqual([
      ['x-own', 'yes'],
      ['cookie', 'sid=1'],
    ]);
    expect(second?.response?.headers).toContainEqual(['x-site', 'shop']);
    expect(second).toMatchObject({ receivedBytes: 0, connection: { protocol: null } });
  });

  it('are called for a failure', async () => {
    const failures: unknown[] = [];
    const observer: Observer = { onCallEnd: ({ failure }) => failures.push(failure?.reason) };
    await using session = await createSession({ observers: [observer] });
    const failing = cookieFetch(session, foreign as Fetch)('http://127.0.0.1:1/');
    const error = await failing.catch((reason: unknown) => reason);
    expect(failures).toEqual([error]);
  });

  it('write into a HAR recording that the body is not known', async () => {
    const site = await startSite();
    await using session = await createSession();
    const recording = recordHar(session);
    await (await cookieFetch(session, foreign as Fetch)(`${site.url}/new`)).text();
    const [entry] = (await recording.stop()).log.entries;
    expect(entry?.response).toMatchObject({
      status: 200,
      bodySize: -1,
      content: { comment: 'Not known: the fetch that cookieFetch was given has the body.' },
    });
  });
});
