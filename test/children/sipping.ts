/** Reads the first piece of a body as a stream, then nothing more; writes the most memory that was in use, in bytes. */
import { createSession } from '../../src/index.ts';
import { peakMemory } from '../helpers/peak-memory.ts';

const [url = ''] = process.argv.slice(2);
const session = await createSession();
const reader = (await session.fetch(url)).body?.getReader();
await reader?.read();
// Until nothing more is decoded.
for (let [most, last] = [peakMemory(), 0]; most > last; ) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  [most, last] = [peakMemory(), most];
}
await reader?.cancel();
await session.close();
process.stdout.write(String(peakMemory()));
