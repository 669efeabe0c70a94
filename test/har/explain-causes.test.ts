import net from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { callLog, explainCall, mockTransport } from '../../src/har/index.ts';
import { createSession, type RequestInit, type Session } from '../../src/index.ts';

const plain = { color: false } as const;

/** A session whose jar has got these Set-Cookie lines at a URL. */
async function sessionWith(
  lines: readonly string[],
  url: string,
  answer: (request: Request) => Response = () => new Response('ok'),
): Promise<Session> {
  const transport = mockTransport((request) => {
    if (!request.url.endsWith('/set')) return answer(request);
    return new Response('', { headers: lines.map((line): [string, string] => ['set-cookie', line]) });
  });
  const session = await createSession({ transport, observers: [callLog()] });
  await session.fetch(new URL('/set', url));
  return session;
}

/** The text of a call, which shows no secret. */
async function explained(session: Session, url: string, init?: RequestInit): Promise<string> {
  const subject: unknown = await session.fetch(url, init).catch((error: unknown) => error);
  const text = explainCall(subject, plain);
  expect(text).not.toContain('canary');
  return text;
}

describe('a withheld cookie has a reason:', () => {
  it.each<[string, string, string, RequestInit, string]>([
    [
      'SameSite',
      'sid=canary; SameSite=Lax; Secure',
      'https://shop.example/',
      { method: 'POST', referrer: 'https://mail.example/' },
      'same-site',
    ],
    ['Secure', 'sid=canary; Secure', 'http://shop.example/', {}, 'insecure'],
    ['its host', 'sid=canary', 'https://www.shop.example/', {}, 'host'],
    ['Path', 'sid=canary; Path=/cart', 'https://shop.example/', {}, 'path'],
    ['credentials', 'sid=canary', 'https://shop.example/', { credentials: 'omit' }, 'omitted'],
    ['a header', 'sid=canary', 'https://shop.example/', { headers: { cookie: 'sid=canary2' } }, 'own-header'],
  ])('%s', async (_, line, url, init, reason) => {
    await using session = await sessionWith([line], 'https://shop.example/');
    const text = await explained(session, url, init);
    expect(text).toMatch(
      new RegExp(`^\\* withheld: cookie sid of shop\\.example/.*: .+ \\(${reason}\\)$`, 'm'),
    );
  });

  it('its expiry', async () => {
    await using session = await sessionWith(['sid=canary; Max-Age=5'], 'https://shop.example/');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6000 });
    onTestFinished(() => void vi.useRealTimers());
    const text = await explained(session, 'https://shop.example/');
    expect(text).toMatch(/^\* withheld: cookie sid of shop\.example\/: .+ \(expired\)$/m);
  });
});

describe('a cookie that is not stored has a reason:', () => {
  it.each([
    ['Domain', 'sid=canary; Domain=other.example', 'domain-mismatch'],
    ['a public suffix', 'sid=canary; Domain=example', 'public-suffix'],
    ['Partitioned', 'sid=canary; Partitioned', 'partitioned-insecure'],
    ['SameSite=None', 'sid=canary; SameSite=None', 'same-site-none-insecure'],
    ['its name', '__Host-sid=canary; Path=/', 'prefix'],
    ['its expiry', 'sid=canary; Max-Age=0', 'expired'],
  ])('%s', async (_, line, reason) => {
    await using session = await sessionWith([line], 'https://www.shop.example/');
    const text = await explained(session, 'https://www.shop.example/set');
    expect(text).toMatch(new RegExp(`^\\* not stored: cookie \\S+: .+ \\(${reason}\\)$`, 'm'));
  });
});

it('a redirect to the login is shown, with the sent cookie and the target', async () => {
  await using session = await sessionWith(['sid=canary'], 'https://shop.example/', ({ url }) =>
    url.includes('/login')
      ? new Response('log in')
      : new Response(null, { status: 302, headers: { location: '/login?next=canary' } }),
  );
  const lines = (await explained(session, 'https://shop.example/orders')).split('\n');
  expect(lines[0]).toMatch(/^GET https:\/\/shop\.example\/orders: 200 \(2 requests, /);
  expect(lines).toContain('* 302 is followed to https://shop.example/login?next=…');
  expect(lines.filter((each) => each === '* sent: cookie sid of shop.example/')).toHaveLength(2);
});

it('a 403 shows what was sent, and the fields of the answer', async () => {
  const headers = { server: 'cloudflare', 'cf-mitigated': 'challenge', 'set-cookie': 'cf=canary' };
  const answer = () => new Response('no', { status: 403, statusText: 'Forbidden', headers });
  await using session = await sessionWith([], 'https://shop.example/', answer);
  const text = await explained(session, 'https://shop.example/api', {
    ...{ method: 'POST', json: { password: 'canary' } },
    headers: { authorization: 'Bearer canary', 'x-csrf-token': 'canary' },
  });
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^POST https:\/\/shop\.example\/api: 403 Forbidden \(1 request, /),
      ...['> authorization: Bearer …', '> x-csrf-token: …', '< 403 Forbidden'],
      ...['< server: cloudflare', '< cf-mitigated: challenge', '< set-cookie: cf=…'],
    ]),
  );
});

it('a proxy that refuses, and one that does not exist, is named without its password', async () => {
  const proxy = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () =>
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'),
    );
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as net.AddressInfo;
  const options = { proxy: `http://user:canary@127.0.0.1:${port}`, observers: [callLog()] };
  await using session = await createSession(options);
  const refused = await explained(session, 'https://shop.example/');
  expect(refused).toMatch(/^\* Failed: ERR_PROXY_AUTH: .*407/m);
  await new Promise((resolve) => proxy.close(resolve));
  const gone = await explained(session, 'https://shop.example/');
  expect(gone).toMatch(/^\* Failed: ERR_\w+: .*proxy/im);
  expect(gone).toContain('no connection');
});
