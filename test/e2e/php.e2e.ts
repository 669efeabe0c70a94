/** Sites on real PHP (Debian's), which gives every visitor a session cookie: one login, however many ask. */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from 'jarfetch';
import { createRegistry, fileStore, type SessionStore } from 'jarfetch/registry';
import type { RedisServer } from '../helpers/redis.ts';
import { makeFolder, startPhp } from './php-server.ts';
import { allDone, type Suite, type SuiteContext } from './suite.ts';
import { installPackages } from './system.ts';

export const suite: Suite = {
  name: 'php',
  async run(context) {
    const { step, defer, signal } = context;
    await step('PHP and Redis are installed', () => installPackages(['php-cli', 'redis-server'], signal));
    // Loaded now: it looks for the program.
    const { startRedis } = await import('../helpers/redis.ts');
    const redis = await startRedis();
    defer(() => redis.stop());
    for (const regenerates of [true, false]) {
      for (const refuses of ['401', '302'] as const) await logins(context, redis, { regenerates, refuses });
    }
    await wrongPassword(context);
  },
};

interface SiteKind {
  readonly regenerates: boolean;
  readonly refuses: '401' | '302';
}

interface PhpSite {
  readonly url: string;
  /** How often the log has this line. */
  count(line: string): Promise<number>;
}

async function startSite(context: SuiteContext, kind: SiteKind): Promise<PhpSite> {
  const folder = await makeFolder(context, 'php');
  const log = join(folder, 'log');
  await writeFile(log, '');
  const server = await startPhp(context, {
    root: join(import.meta.dirname, 'php-site', 'index.php'),
    settings: { 'session.save_path': folder },
    workers: 4,
    env: {
      SITE_LOG: log,
      SITE_REGENERATES: kind.regenerates ? '1' : '0',
      SITE_REFUSES: kind.refuses,
    },
  });
  const count = async (line: string): Promise<number> =>
    (await readFile(log, 'utf8')).split('\n').filter((other) => other === line).length;
  return { url: server.url, count };
}

const login = async (session: Session): Promise<void> => {
  await session.fetch('/login', { method: 'POST', form: { user: 'ada', password: 'correct horse' } });
};

async function logins(context: SuiteContext, redis: RedisServer, kind: SiteKind): Promise<void> {
  const { step, defer } = context;
  const what = `${kind.refuses}, ${kind.regenerates ? 'a new id' : 'the same id'} at the login`;
  const site = await startSite(context, kind);
  const one = createRegistry();
  defer(() => one.close());
  const session = await one.getOrCreate('ada', { baseUrl: site.url, login });
  await step(`parallel calls are all served by one login (${what})`, async () => {
    const calls = Array.from({ length: 12 }, async () => (await session.fetch('/members')).text());
    expectEqual([await allDone(calls), await site.count('login')], [Array(12).fill('Hello, ada'), 1]);
  });
  const folder = await makeFolder(context, 'sessions');
  const stores = {
    files: `fileStore(${JSON.stringify(folder)})`,
    Redis: `redisStore('${redis.url}', { prefix: '${folder}' })`,
  };
  for (const [name, store] of Object.entries(stores)) {
    await step(`two processes on ${name} are served by one login (${what})`, async () => {
      const before = await site.count('login');
      const outputs = await allDone([
        runWorker(context, site.url, store),
        runWorker(context, site.url, store),
      ]);
      expectEqual(
        [outputs, (await site.count('login')) - before],
        [Array(2).fill('Hello, ada '.repeat(10)), 1],
      );
    });
  }
}

async function wrongPassword(context: SuiteContext): Promise<void> {
  const { step, defer } = context;
  const site = await startSite(context, { regenerates: true, refuses: '302' });
  const folder = await makeFolder(context, 'sessions');
  const open = async (store: SessionStore): Promise<Session> => {
    const registry = createRegistry({ store, saveInterval: false });
    defer(() => registry.close());
    const wrong = async (session: Session): Promise<void> => {
      await session.fetch('/login', { method: 'POST', form: { user: 'ada', password: 'wrong' } });
    };
    return registry.getOrCreate('ada', { baseUrl: site.url, login: wrong });
  };
  await step('a wrong password is one post for ten requests of two registries', async () => {
    const sessions = [await open(fileStore(folder)), await open(fileStore(folder))];
    const codes: unknown[] = [];
    for (let call = 0; call < 10; call++) {
      const failure = await sessions[call % 2]?.fetch('/members').catch((reason: unknown) => reason);
      codes.push(failure instanceof Error && 'code' in failure ? failure.code : failure);
    }
    expectEqual([codes, await site.count('post')], [Array(10).fill('ERR_LOGIN_FAILED'), 1]);
  });
}

/** Asks ten times, three calls at once at first, and prints what came. */
const worker = `
  import { createRegistry, fileStore, redisStore } from 'jarfetch/registry';
  const [baseUrl, made] = process.argv.slice(1);
  const store = new Function('fileStore', 'redisStore', 'return ' + made)(fileStore, redisStore);
  const login = async (session) => {
    await session.fetch('/login', { method: 'POST', form: { user: 'ada', password: 'correct horse' } });
  };
  const registry = createRegistry({ store });
  const session = await registry.getOrCreate('ada', { baseUrl, login });
  const ask = async () => (await session.fetch('/members')).text();
  const texts = await Promise.all([ask(), ask(), ask()]);
  for (let call = 0; call < 7; call++) texts.push(await ask());
  process.stdout.write(texts.map((text) => text + ' ').join(''));
  await registry.close();
  await store.close();
`;

function runWorker({ defer }: SuiteContext, ...args: string[]): Promise<string> {
  const words = ['--input-type=module', '-e', worker, '--', ...args];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  defer(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`a worker ended with ${code}`)),
    );
  });
}

function expectEqual(got: unknown, wanted: unknown): void {
  const [is, should] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (is !== should) throw new Error(`expected ${should}, got ${is}`);
}
