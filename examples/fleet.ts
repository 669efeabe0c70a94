/**
 * Four worker processes that share accounts through one store. One of them is killed by SIGKILL while it has an account:
 * its job is given to another, which gets the account when the lease of the dead one ends, 10 seconds later. The others
 * are told to end by SIGTERM, and let their work end first.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry, type RegistrySessionOptions, sqliteStore } from 'jarfetch/registry';
import { startSite, users } from './site.ts';

interface Task {
  readonly number: number;
  readonly siteUrl: string;
  readonly account: string;
}

/** What a worker says of its task: it has the account, or it is done. */
interface News {
  readonly number: number;
  readonly user: string | null;
}

const jobsEach = 8;

async function work(path: string): Promise<void> {
  const store = sqliteStore(path);
  const registry = createRegistry({ store, idleTimeout: 3_600_000 });

  const run = async ({ number, siteUrl, account }: Task): Promise<void> => {
    const options: RegistrySessionOptions = {
      baseUrl: siteUrl,
      login: async (session) => {
        const password = users.find(({ name }) => name === account)?.password;
        await session.fetch('/api/login', { method: 'POST', json: { user: account, password } });
      },
    };
    const tell = (news: News): void => void process.send?.(news);
    await registry.withSession(
      account,
      async (session) => {
        tell({ number, user: null });
        const me = (await (await session.fetch('/api/me')).json()) as { readonly user: string };
        tell({ number, user: me.user });
      },
      options,
    );
  };

  process.on('message', (task: Task) => void run(task));
  process.once('SIGTERM', async () => {
    await registry.drain({ timeout: 20_000 });
    await registry.close();
    await store.close();
    process.disconnect();
  });
  process.send?.('ready');
  await once(process, 'disconnect');
}

async function lead(): Promise<void> {
  const site = await startSite();
  const folder = await mkdtemp(join(tmpdir(), 'fleet-'));
  let logins = 0;
  subscribe('http.server.request.start', (message) => {
    if ((message as { request: IncomingMessage }).request.url === '/api/login') logins++;
  });

  const accounts = Array.from({ length: jobsEach }, () => users.map(({ name }) => name)).flat();
  const tasks = accounts.map((account, number): Task => ({ number, siteUrl: site.url, account }));
  const waiting = [...tasks];
  const done = new Map<number, string>();
  const workers = new Map<ChildProcess, Task | null>();
  const finished = Promise.withResolvers<void>();
  let [begun, killed] = [0, 0];

  const give = (worker: ChildProcess): void => {
    const task = waiting.shift() ?? null;
    workers.set(worker, task);
    if (task !== null) worker.send(task);
  };
  const start = (): void => {
    const worker = fork(import.meta.filename, [join(folder, 'sessions.db')]);
    workers.set(worker, null);
    worker.on('message', (news: News | 'ready') => {
      if (news === 'ready') return give(worker);
      if (news.user === null) {
        // The tenth that has its account dies.
        if (++begun === 10) worker.kill('SIGKILL');
        return;
      }
      done.set(news.number, news.user);
      if (done.size === tasks.length) finished.resolve();
      give(worker);
    });
    worker.on('exit', (_code, signal) => {
      const task = workers.get(worker) ?? null;
      workers.delete(worker);
      if (signal !== 'SIGKILL') return;
      killed++;
      if (task !== null && !done.has(task.number)) waiting.unshift(task);
      start();
    });
  };
  for (let count = 0; count < 4; count++) start();
  await finished.promise;

  const right = tasks.filter(({ number, account }) => done.get(number) === account).length;
  console.log(`${right} of ${tasks.length} jobs got their account's data, ${killed} worker was killed`);
  console.log(`${logins} logins for ${users.length} accounts`);
  const ends = await Promise.all(
    [...workers.keys()].map(async (worker) => {
      const exit = once(worker, 'exit');
      worker.kill('SIGTERM');
      const [code] = await exit;
      return code;
    }),
  );
  console.log(`${ends.filter((code) => code === 0).length} workers ended in order`);
  await site.close();
  await rm(folder, { recursive: true });
}

const [path] = process.argv.slice(2);
await (path === undefined ? lead() : work(path));
