/** Forgets sessions without closing them, and says whether their memory was freed. Needs --expose-gc. */
import { createSession, createTransport } from '../../src/index.ts';

const [url = ''] = process.argv.slice(2);

async function forget(): Promise<WeakRef<object>> {
  const transport = await createTransport({ poolIdleTimeout: 20 });
  const session = await createSession({ transport });
  session.setCookie('sid', 'x', url);
  await (await session.fetch(url)).text();
  return new WeakRef(session);
}

const forgotten = await Promise.all(Array.from({ length: 20 }, forget));
let alive = forgotten.length;
for (let turn = 0; turn < 500 && alive > 0; turn++) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  Object(globalThis).gc();
  alive = forgotten.filter((session) => session.deref() !== undefined).length;
}
process.stdout.write(String(alive));
