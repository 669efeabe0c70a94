import { describe, expect, it } from 'vitest';
import { BrowserCookieJar, createSession } from '../../../src/index.ts';
import { startServer } from '../../helpers/servers.ts';

const hour = 3_600_000;
const url = new URL('https://shop.example/');
const now = Date.UTC(2026, 10, 27, 12);
const text = (time: number): string => new Date(time).toUTCString();

/** When a cookie with this line ends that comes with this Date; `undefined` when it is not stored. */
function endOf(line: string, date: string | undefined): number | undefined {
  const jar = new BrowserCookieJar();
  jar.receive(`a=1; ${line}`, url, { now, date });
  return jar.allCookies(now)[0]?.expiresAtMs;
}

describe("Expires is an instant of the server's clock, and its Date shows the difference", () => {
  it.each([
    ['two hours behind', -2 * hour],
    ['right', 0],
    ['two hours ahead', 2 * hour],
    ['years ahead', 9000 * hour],
  ])('a clock that is %s: a cookie of 20 minutes lives 20 minutes', (_, skew) => {
    const end = endOf(`Expires=${text(now + skew + hour / 3)}`, text(now + skew));
    expect(end).toBe(now + hour / 3);
  });

  it.each([-2 * hour, 2 * hour])('a clock that is %i ms off deletes with an expiry in its past', (skew) => {
    const jar = new BrowserCookieJar();
    jar.receive('a=1', url, { now });
    const line = `a=; Expires=${text(now + skew - 60_000)}`;
    expect(jar.receive(line, url, { now, date: text(now + skew) }).reason).toBe('expired');
    expect(jar.allCookies(now)).toEqual([]);
  });

  it('Max-Age is a duration and needs no correction', () => {
    expect(endOf('Max-Age=60', text(now - 2 * hour))).toBe(now + 60_000);
    expect(endOf(`Max-Age=60; Expires=${text(0)}`, text(now - 2 * hour))).toBe(now + 60_000);
  });

  it('the limit of 400 days counts from the local clock', () => {
    expect(endOf(`Expires=${text(now + 10_000 * hour)}`, text(now - 9000 * hour))).toBe(
      now + 400 * 24 * hour,
    );
  });

  it.each([undefined, '', 'yesterday', '2026', `${'9'.repeat(70)} ${text(now - hour)}`])(
    'without a date (%j) Expires counts as it stands',
    (date) => {
      expect(endOf(`Expires=${text(now + hour)}`, date)).toBe(now + hour);
    },
  );

  it('the Date of one response is not used for the next', () => {
    const line = `Expires=${text(now + hour)}`;
    expect(endOf(line, text(now - hour))).toBe(now + 2 * hour);
    expect(endOf(line, undefined)).toBe(now + hour);
    expect(endOf(line, text(now + hour / 2))).toBe(now + hour / 2);
  });
});

it('a session corrects what a server with a wrong clock sets and deletes, on redirects too', async () => {
  const server = await startServer((request, response) => {
    const skew = request.url === '/behind' || request.url === '/from' ? -2 * hour : 2 * hour;
    const time = Date.now() + skew;
    const end = request.url === '/delete' ? time - 60_000 : time + hour / 3;
    response.sendDate = false;
    response.setHeader('date', text(time));
    response.setHeader('set-cookie', `sid=1; Expires=${text(end)}`);
    response.writeHead(request.url === '/from' ? 302 : 200, { location: '/delete' }).end();
  });
  await using session = await createSession();
  await session.fetch(`${server.url}/behind`);
  expect(session.getCookies(server.url)).toEqual({ sid: '1' });
  await session.fetch(`${server.url}/delete`);
  expect(session.getCookies(server.url)).toEqual({});
  const { hops } = await session.fetch(`${server.url}/from`);
  expect(hops.map(({ setCookies }) => setCookies[0]?.stored)).toEqual([true, false]);
});
