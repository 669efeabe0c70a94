/** Makes a call of the kind asked for, leaves everything as it is, and ends when nothing is left to do. */
import { createSession, createTransport, fetch } from '../../src/index.ts';

const [url = '', kind = ''] = process.argv.slice(2);

const kinds: Record<string, () => Promise<unknown>> = {
  'a body that was read': async () => (await (await createSession()).fetch(url)).text(),
  'a body that nobody read': async () => (await createSession()).fetch(`${url}/large`),
  'a stream that was only opened': async () =>
    (await (await createSession()).fetch(`${url}/large`)).body?.getReader(),
  'a one-shot call': async () => (await fetch(url)).text(),
  'a session that is closed': async () => {
    const session = await createSession();
    await (await session.fetch(url)).text();
    await session.close();
  },
  'a transport of its own': async () => {
    const transport = await createTransport({ poolMaxSize: 1 });
    await (await fetch(url, { transport })).text();
  },
  'an abort': async () => {
    const caller = new AbortController();
    const call = (await createSession()).fetch(`${url}/never`, { signal: caller.signal });
    caller.abort();
    await call.catch(() => {});
  },
  'a timeout': async () => (await createSession()).fetch(`${url}/never`, { timeout: 20 }).catch(() => {}),
  'a server that asked to be left alone': async () => {
    const session = await createSession({ retry: { limit: 0, maxRetryAfter: 3_600_000 } });
    await session.fetch(`${url}/busy`);
  },
};

await kinds[kind]?.();
process.stdout.write('done');
