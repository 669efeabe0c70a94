/**
 * A BullMQ queue over four worker processes. Each job takes its account's session from the registry; whoever comes
 * first logs the account in, for all of them. Needs a Redis: REDIS_URL, else the one on 127.0.0.1:6379.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createRegistry, redisStore } from 'jarfetch/registry';
import { startSite, users } from '../site.ts';

interface Task {
  readonly siteUrl: string;
  readonly account: string;
}

interface Result {
  readonly user: string;
  readonly secret: string;
  readonly worker: number;
}

const queueName = 'jarfetch-example';
const connection = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', {
  // As BullMQ wants it of its workers.
  maxRetriesPerRequest: null,
});

async function work(): Promise<void> {
  const store = redisStore(connection);
  const registry = createRegistry({ store, idleTimeout: 3_600_000 });
  const worker = new Worker<Task, Result>(
    queueName,
    async ({ data: { siteUrl, account } }) => {
      const session = await registry.getOrCreate(account, {
        isLoggedOut: ({ status }) => status === 401,
        login: async (session) => {
          const password = users.find(({ name }) => name === account)?.password;
          const json = { user: account, password };
          const response = await session.fetch(`${siteUrl}/api/login`, { method: 'POST', json });
          if (!response.ok) throw new Error(`the site refused ${account}`);
        },
      });
      const response = await session.fetch(`${siteUrl}/api/me`);
      const { user, secret } = (await response.json()) as Pick<Result, 'user' | 'secret'>;
      return { user, secret, worker: process.pid };
    },
    { connection, concurrency: 4 },
  );
  await worker.waitUntilReady();
  process.send?.('ready');
  // Told to end, or left alone.
  await once(process, 'disconnect');
  await worker.close();
  await registry.close();
  await store.close();
}

async function lead(): Promise<void> {
  const site = await startSite();
  let logins = 0;
  subscribe('http.server.request.start', (message) => {
    if ((message as { request: IncomingMessage }).request.url === '/api/login') logins++;
  });
  const queue = new Queue<Task, Result>(queueName, { connection });
  // Each job that is waited for listens for the queue's end.
  queue.setMaxListeners(0);
  const events = new QueueEvents(queueName, { connection });
  await events.waitUntilReady();
  const workers = Array.from({ length: 4 }, () => fork(import.meta.filename, ['worker']));
  await Promise.all(workers.map((worker) => once(worker, 'message')));

  // Account after account, so that the first jobs of all workers want the same login.
  const tasks = users.flatMap(({ name }) => Array<Task>(20).fill({ siteUrl: site.url, account: name }));
  const jobs = await queue.addBulk(tasks.map((data) => ({ name: data.account, data })));
  const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(events, 60_000)));

  for (const { name, secret } of users) {
    const own = results.filter((_result, index) => tasks[index]?.account === name);
    const right = own.filter((result) => result.user === name && result.secret === secret);
    console.log(`${name}: ${right.length} of ${own.length} jobs got "${secret}"`);
  }
  console.log(`${new Set(results.map(({ worker }) => worker)).size} workers, ${logins} logins`);

  await Promise.all(workers.map(end));
  await queue.obliterate({ force: true });
  await events.close();
  await queue.close();
  await site.close();
}

async function end(worker: ChildProcess): Promise<void> {
  const exit = once(worker, 'exit');
  worker.disconnect();
  await exit;
}

await (process.argv[2] === 'worker' ? work() : lead());
await connection.quit();
