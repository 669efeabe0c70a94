/** `npm run fuzz -- --seconds 120 --seed 1 [--pages]`: fuzzes for as long as is asked, and prints the seed that brings it back. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { fuzzPages } from './fuzz-pages.ts';
import { fuzzReaders } from './fuzz-readers.ts';
import { fuzzSaved } from './fuzz-saved.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string' },
    pages: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 32);
console.log(`seed ${seed}`);
// Each gets its part of the time, so that all together take no longer than was asked for.
const fuzzers = values.pages
  ? [{ fuzzer: fuzzPages, part: 1 }]
  : [
      { fuzzer: fuzz, part: 0.6 },
      { fuzzer: fuzzReaders, part: 0.2 },
      { fuzzer: fuzzSaved, part: 0.2 },
    ];
let found = 0;
for (const { fuzzer, part } of fuzzers) {
  const until = performance.now() + Number(values.seconds) * 1000 * part;
  const { rounds, findings } = await fuzzer(seed, () => performance.now() > until);
  for (const finding of findings) console.log(finding);
  console.log(`${fuzzer.name}: ${rounds} rounds, ${findings.length} findings`);
  found += findings.length;
}
process.exit(found === 0 ? 0 : 1);
