/** In a worker or a forked process: a session of its own whose cookies must stay its own. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createSession } from '../../src/index.ts';

const { url, name }: { url: string; name: string } = isMainThread
  ? { url: process.argv[2] ?? '', name: process.argv[3] ?? '' }
  : workerData;

const session = await createSession();
session.setCookie('who', name, url);
const answers = new Set<string>();
for (let call = 0; call < 50; call++) answers.add(await (await session.fetch(url)).text());
await session.close();
const message = [...answers];
if (isMainThread) process.send?.(message);
else parentPort?.postMessage(message);
