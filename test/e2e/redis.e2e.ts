/**
 * Sessions of many workers in a real redis-server (Debian's), which is stopped, killed, restarted and locked with a
 * password under them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createRegistry, type Registry, redisStore } from 'jarfetch/registry';
import type { RedisServer } from '../helpers/redis.ts';
import { allDone, type Suite, type SuiteContext } from './suite.ts';
import { installPackages } from './system.ts';

const site = 'https://example.com/';

export const suite: Suite = {
  name: 'redis',
  async run(context) {
    const { step, defer, signal } = context;
    await step('redis-server is installed', () => installPackages(['redis-server'], signal));
    // Loaded now: it looks for the program.
    const { startRedis } = await import('../helpers/redis.ts');
    const start = async (options: readonly string[] = [], port?: number): Promise<RedisServer> => {
      const server = await startRedis(options, port);
      defer(() => server.stop());
      return server;
    };
    await workers(context, await start());
    await leases(context, await start());
    await stops(context, await start());
    await restarts(context, await start(), start);
    await passwords(context, await start(['--requirepass', 'secret']));
  },
};

/** Sets 100 cookies of its own, one a save, and sends one request that needs the login. */
const worker = `
  import { createRegistry, redisStore } from 'jarfetch/registry';
  const [url, name, home] = process.argv.slice(1);
  const store = redisStore(url);
  const registry = createRegistry({ store, saveInterval: false });
  const login = async (session) => { await session.fetch(home + '/login', { method: 'POST' }); };
  const session = await registry.getOrCreate('ada', { login });
  console.log('page ' + (await session.fetch(home + '/page')).status);
  for (let index = 0; index < 100; index++) {
    session.setCookie(name + index, '1', 'https://' + name + '.example/');
    await registry.save('ada');
  }
  await registry.close();
  await store.close();
`;

async function workers({ step, defer }: SuiteContext, server: RedisServer): Promise<void> {
  let logins = 0;
  const home = createServer((request, response) => {
    const isLogin = request.url === '/login';
    if (isLogin) logins++;
    const isIn = request.headers.cookie?.includes('sid=1') === true;
    // Slow enough that all workers find the login gone.
    setTimeout(() => {
      response.writeHead(isLogin || isIn ? 200 : 401, isLogin ? { 'set-cookie': 'sid=1' } : {}).end();
    }, 100);
  });
  await new Promise<void>((resolve) => home.listen(0, '127.0.0.1', resolve));
  defer(() => void home.close());
  const address = home.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const registry = open(server, defer);
  await registry.create('ada');
  await registry.save('ada');
  const names = ['a', 'b', 'c', 'd'];
  await step('four worker processes save one session 100 times each', async () => {
    const outputs = await allDone(names.map((name) => runWorker([server.url, name, url], defer)));
    expectEqual(outputs, Array(4).fill('page 200\n'));
  });
  await step('no cookie that any of them set is missing', async () => {
    const cookies = (await registry.get('ada'))
      .getAllCookies()
      .filter(({ domain }) => domain.endsWith('.example'));
    expectEqual(cookies.length, 400);
  });
  await step('they made one login together', () => expectEqual(logins, 1));
}

/** Calls a site that replaces the session's cookie with every answer, each call with the account for itself. */
const renter = `
  import { createRegistry, redisStore } from 'jarfetch/registry';
  const [url, home, accounts, calls] = process.argv.slice(1);
  // Eight processes start at once: on a busy machine that takes its time.
  const store = redisStore(url, { timeout: 20_000 });
  const registry = createRegistry({ store });
  let good = 0;
  await Promise.all(Array.from({ length: Number(calls) }, async (_, index) => {
    const user = 'user' + (index % Number(accounts));
    const login = async (session) => { await session.fetch('/login', { method: 'POST', body: user }); };
    const answer = await registry.withSession(user, (session) => session.fetch('/page'), { baseUrl: home, login });
    if ((await answer.text()) === 'welcome') good++;
  }));
  console.log(good);
  await registry.close();
  await store.close();
`;

async function leases({ step, defer }: SuiteContext, server: RedisServer): Promise<void> {
  const [processes, calls, accounts] = [8, 150, 20];
  let [issued, logins] = [0, 0];
  const current = new Map<string, string>();
  const renew = (user: string): Record<string, string> => {
    current.set(user, `${user}.${++issued}`);
    return { 'set-cookie': `sid=${current.get(user)}; Path=/` };
  };
  const home = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (request.url === '/login') {
      logins++;
      return void response.writeHead(204, renew(body)).end();
    }
    const value = /sid=(\S+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const user = value.split('.')[0] ?? '';
    if (value !== '' && current.get(user) === value) response.writeHead(200, renew(user)).end('welcome');
    else response.writeHead(401).end();
  });
  await new Promise<void>((resolve) => home.listen(0, '127.0.0.1', resolve));
  defer(() => void home.close());
  const address = home.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  await step(
    `${processes} processes share ${accounts} accounts whose cookie is good for one request`,
    async () => {
      const args = [server.url, url, String(accounts), String(calls)];
      const outputs = await allDone(Array.from({ length: processes }, () => runWorker(args, defer, renter)));
      expectEqual(outputs, Array(processes).fill(`${calls}\n`));
    },
  );
  await step('with one login for each', () => expectEqual(logins, accounts));
}

function runWorker(args: readonly string[], defer: SuiteContext['defer'], program = worker): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program, '--', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  defer(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`a worker ended with ${code}`)),
    );
  });
}

async function stops({ step, defer }: SuiteContext, server: RedisServer): Promise<void> {
  const strict = open(server, defer);
  const lenient = open(server, defer, 'keep-going');
  for (const registry of [strict, lenient]) await registry.create(registry === strict ? 'strict' : 'lenient');
  await allDone([strict.save(), lenient.save()]);
  server.process.kill('SIGSTOP');
  await step('a Redis that hangs fails who said throw', async () => {
    expectEqual(await codeOf(strict.get('strict')), 'ERR_STORE');
  });
  await step('a Redis that hangs does not fail who said keep-going', async () => {
    const session = await lenient.get('lenient');
    session.setCookie('sid', '1', site);
    await lenient.save('lenient');
  });
  server.process.kill('SIGCONT');
  await step('what was changed meanwhile is saved when it goes on', async () => {
    const other = open(server, defer);
    // A Redis that gave no answer is left alone for a moment.
    for (let tries = 0; tries < 100; tries++) {
      await lenient.save();
      if ((await other.get('lenient')).getCookies(site).sid !== undefined) break;
      await delay(50);
    }
    expectEqual((await other.get('lenient')).getCookies(site), { sid: '1' });
  });
}

async function restarts(
  { step, defer }: SuiteContext,
  server: RedisServer,
  start: (options: readonly string[], port: number) => Promise<RedisServer>,
): Promise<void> {
  const registry = open(server, defer);
  const session = await registry.create('ada');
  session.setCookie('sid', '1', site);
  await registry.save();
  await server.stop();
  await step('a Redis that was killed is told by ERR_STORE', async () => {
    expectEqual(await codeOf(registry.save('ada')), 'ERR_STORE');
  });
  const again = await start([], server.port);
  await step('a Redis that comes back empty gets everything again, over a new connection', async () => {
    for (let tries = 0; tries < 100 && (await codeOf(registry.save('ada'))) === 'ERR_STORE'; tries++) {
      await delay(50);
    }
    const other = await open(again, defer).get('ada');
    expectEqual(other.getCookies(site), { sid: '1' });
  });
}

async function passwords({ step, defer }: SuiteContext, server: RedisServer): Promise<void> {
  const withPassword = (password: string): RedisServer => ({
    ...server,
    url: server.url.replace('://', `://:${password}@`),
  });
  await step('a wrong password is told by ERR_STORE, without the password', async () => {
    const error = await open(withPassword('wr0ng'), defer)
      .get('ada')
      .catch((reason: unknown) => reason);
    const text = error instanceof Error ? `${error.message} ${String(error.cause)}` : '';
    if (!/ERR_STORE|WRONGPASS|redisStore failed/.test(text) || text.includes('wr0ng')) throw new Error(text);
  });
  await step('the right password opens', async () => {
    const registry = open(withPassword('secret'), defer);
    await registry.create('ada');
    await registry.save();
    expectEqual(await registry.has('ada'), true);
  });
}

function open(
  server: RedisServer,
  defer: SuiteContext['defer'],
  onStoreError: 'throw' | 'keep-going' = 'throw',
): Registry {
  const store = redisStore(server.url, { timeout: 1000 });
  const registry = createRegistry({ store, onStoreError, saveInterval: false });
  defer(async () => {
    // Its Redis may be gone, which is part of the test.
    await registry.close().catch(() => {});
    await store.close();
  });
  return registry;
}

async function codeOf(action: Promise<unknown>): Promise<unknown> {
  return action.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

function expectEqual(got: unknown, wanted: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    throw new Error(`expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
  }
}
