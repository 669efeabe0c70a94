/** Downloads to a file; writes its size and the most memory that was in use, in bytes. */
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createSession } from '../../src/index.ts';
import { peakMemory } from '../helpers/peak-memory.ts';

const [url = '', path = ''] = process.argv.slice(2);
const session = await createSession({ timeout: false });
await pipeline((await session.fetch(url)).readable(), createWriteStream(path));
await session.close();
const memory = peakMemory();
process.stdout.write(JSON.stringify({ size: (await stat(path)).size, memory }));
