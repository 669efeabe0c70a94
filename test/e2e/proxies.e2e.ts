/** Sessions through squid, tinyproxy, dante and microsocks: logins, refusals, crashes, many at once. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSession, isRequestError, type RequestErrorCode, type Session, withSession } from 'jarfetch';
import { type SiteUser, startSite, users } from '../../examples/site.ts';
import {
  DENIED_HOST,
  PACKAGES,
  type ProxyProgram,
  programs,
  proxyUrl,
  startProxy,
} from './proxy-programs.ts';
import { type SecureFront, startSecureFront } from './secure-front.ts';
import { allDone, type Suite, type SuiteContext } from './suite.ts';
import { installPackages, type Server } from './system.ts';

interface World {
  readonly context: SuiteContext;
  readonly folder: string;
  /** The same site in the clear and behind TLS. */
  readonly plain: string;
  readonly secure: SecureFront;
}

export const suite: Suite = {
  name: 'proxies',
  run: async (context) => {
    const { step, signal, defer } = context;
    await step(`${PACKAGES.join(', ')} are installed`, () => installPackages(PACKAGES, signal));
    const folder = await mkdtemp(join(tmpdir(), 'jarfetch-proxies-'));
    defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const site = await startSite();
    defer(() => site.close());
    const secure = await startSecureFront(site.url);
    defer(() => secure.close());
    const world: World = { context, folder, plain: site.url, secure };
    const running: [ProxyProgram, Server][] = [];
    for (const program of programs) {
      const server = await step(`${program.name} runs on 127.0.0.1`, async () => {
        const started = await startProxy(program, folder, signal);
        defer(() => started.stop());
        return started;
      });
      running.push([program, server]);
      await throughOne(world, program, server);
    }
    await throughAll(world, running);
    for (const [program, server] of running) await whenStopped(world, program, server);
  },
};

function open({ secure }: World, proxy: string): Promise<Session> {
  return createSession({ proxy, ca: secure.ca, timeout: 20_000 });
}

/** By the form, over the redirects behind it; each hop sets a cookie. */
async function logIn(session: Session, site: string, user: SiteUser): Promise<string> {
  const form = await (await session.fetch(`${site}/login`)).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(form)?.[1] ?? '';
  const { name, password } = user;
  const response = await session.fetch(`${site}/login`, {
    method: 'POST',
    form: { user: name, password, csrf },
  });
  assert.equal(response.redirected, true);
  return response.text();
}

async function expectMember(session: Session, site: string, user: SiteUser): Promise<void> {
  assert.match(await logIn(session, site, user), new RegExp(`Hello, ${user.name}`));
  const me = await (await session.fetch(`${site}/api/me`)).json();
  assert.deepEqual(me, { user: user.name, secret: user.secret });
}

async function throughOne(world: World, program: ProxyProgram, server: Server): Promise<void> {
  const { step } = world.context;
  const proxy = proxyUrl(program, server.url);
  const [first] = users;
  assert.ok(first);
  for (const [scheme, site] of Object.entries({ http: world.plain, https: world.secure.url })) {
    await step(`a session logs in over ${scheme} through ${program.name}, and fetches`, async () => {
      await using session = await open(world, proxy);
      await expectMember(session, site, first);
    });
  }
  await step(`a WebSocket and a tunnel to nowhere say what ${program.name} said`, async () => {
    await using session = await open(world, proxy);
    await assert.rejects(
      session.websocket(world.plain),
      (error) => isRequestError(error, 'ERR_CONNECTION_LOST') || isRequestError(error, 'ERR_PROTOCOL'),
    );
    await assert.rejects(session.fetch('https://127.0.0.1:1/'), (error) =>
      isRequestError(error, 'ERR_PROXY'),
    );
  });
  if (program.password !== null) await refusesOthers(world, program, server);
  if (program.name === 'squid') await refusesByRule(world, proxy);
}

async function refusesOthers(world: World, program: ProxyProgram, server: Server): Promise<void> {
  const { step } = world.context;
  await step(`P16 ${program.name} refuses who names no user, by an error of its own`, async () => {
    await using session = await open(world, server.url);
    for (const url of [world.plain, world.secure.url]) {
      await rejectsWith(session.fetch(url), 'ERR_PROXY_AUTH', program.scheme === 'http' ? 407 : undefined);
    }
  });
  await step(`P16 ${program.name} refuses a wrong password, which no error shows`, async () => {
    await using session = await open(world, proxyUrl(program, server.url, 'wrong'));
    // tinyproxy calls this 401, which to plain http is the word of a server.
    const is401 = program.name.startsWith('tinyproxy');
    const status = program.scheme === 'http' ? (is401 ? 401 : 407) : undefined;
    const code = is401 ? 'ERR_PROXY' : 'ERR_PROXY_AUTH';
    await rejectsWith(session.fetch(world.secure.url), code, status);
    if (is401) assert.equal((await session.fetch(world.plain)).status, 401);
    else await rejectsWith(session.fetch(world.plain), code, status);
  });
}

async function rejectsWith(
  call: Promise<unknown>,
  code: RequestErrorCode,
  status: number | undefined,
): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(isRequestError(error, code), String(error));
    assert.equal(error.status, status);
    assert.ok(!`${error.stack}`.includes('wrong'));
    return true;
  });
}

async function refusesByRule(world: World, proxy: string): Promise<void> {
  await world.context.step(
    'P16 squid refuses a host by its rules: an error for a tunnel, its page for plain http',
    async () => {
      await using session = await open(world, proxy);
      await rejectsWith(session.fetch(`https://${DENIED_HOST}/`), 'ERR_PROXY', 403);
      const page = await session.fetch(`http://${DENIED_HOST}/`);
      assert.equal(page.status, 403);
      assert.match(page.headers.get('x-squid-error') ?? '', /ERR_ACCESS_DENIED/);
    },
  );
}

async function throughAll(world: World, running: readonly [ProxyProgram, Server][]): Promise<void> {
  const { step } = world.context;
  const [first] = running;
  assert.ok(first);
  await step('20 sessions at once through one proxy have 20 logins', async () => {
    const proxy = proxyUrl(first[0], first[1].url);
    await visitAll(
      world,
      Array.from({ length: 20 }, () => proxy),
    );
  });
  await step('sessions at once through all proxies, two for each, have logins of their own', () =>
    visitAll(
      world,
      [...running, ...running].map(([program, server]) => proxyUrl(program, server.url)),
    ),
  );
}

/** A session for each, over https and http by turns; nobody fetches before all have logged in. */
async function visitAll(world: World, proxies: readonly string[]): Promise<void> {
  const visits = proxies.map((proxy, index) => {
    const user = users[index % users.length];
    assert.ok(user);
    return { proxy, user, site: index % 2 === 0 ? world.secure.url : world.plain };
  });
  const sessions = await allDone(visits.map(({ proxy }) => open(world, proxy)));
  try {
    await allDone(visits.map(({ user, site }, index) => logIn(sessions[index] as Session, site, user)));
    const names = await allDone(
      visits.map(async ({ site }, index) => {
        const response = await (sessions[index] as Session).fetch(`${site}/api/me`);
        return ((await response.json()) as { user: string }).user;
      }),
    );
    assert.deepEqual(
      names,
      visits.map(({ user }) => user.name),
    );
    const cookies = sessions.map((session, index) => session.getCookies(visits[index]?.site ?? '').session);
    assert.equal(new Set(cookies).size, visits.length);
  } finally {
    await allDone(sessions.map((session) => session.close()));
  }
}

async function whenStopped(world: World, program: ProxyProgram, server: Server): Promise<void> {
  const proxy = proxyUrl(program, server.url);
  await world.context.step(
    `P16 a body ends with an error when ${program.name} is killed in the midst of it`,
    async () => {
      await using session = await open(world, proxy);
      const response = await session.fetch(`${world.secure.url}/endless`);
      const body = response.readable();
      await new Promise((resolve) => body.once('data', resolve));
      server.kill();
      await assert.rejects(
        body.toArray(),
        (error) =>
          isRequestError(error, 'ERR_BODY_TRUNCATED') || isRequestError(error, 'ERR_CONNECTION_LOST'),
      );
    },
  );
  await world.context.step(`P15 and nothing goes direct when ${program.name} is gone`, () =>
    withSession(
      async (session) => {
        for (const url of [world.plain, world.secure.url]) {
          // A proxy that is just going may still accept, to reset at once.
          await assert.rejects(
            session.fetch(url),
            (error) => isRequestError(error, 'ERR_PROXY') || isRequestError(error, 'ERR_CONNECTION_LOST'),
          );
        }
      },
      { proxy, ca: world.secure.ca },
    ),
  );
}
