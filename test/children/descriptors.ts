/** Makes more calls at once than it may have sockets, then one more; writes what became of them as JSON. */
import { createSession, isRequestError } from '../../src/index.ts';

const [url = ''] = process.argv.slice(2);
const trouble: string[] = [];
process.on('unhandledRejection', (reason) => trouble.push(String(reason)));
process.on('uncaughtException', (error) => trouble.push(String(error)));

const session = await createSession();
const calls = Array.from({ length: 60 }, async () => {
  try {
    return await (await session.fetch(url)).text();
  } catch (error) {
    return isRequestError(error) ? error.code : `untyped: ${error}`;
  }
});
const outcomes = await Promise.all(calls);
const after = await (await session.fetch(url)).text();
process.stdout.write(JSON.stringify({ outcomes, after, trouble }));
