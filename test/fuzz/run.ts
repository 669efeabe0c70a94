/** `npm run fuzz -- --seconds 120 --seed 1 [--pages]`: fuzzes for as long as is asked, and prints the seed that brings it back. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { fuzzPages } from './fuzz-pages.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string' },
    pages: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 32);
console.log(`seed ${seed}`);
const until = performance.now() + Number(values.seconds) * 1000;
const isOver = (): boolean => performance.now() > until;
const { rounds, findings } = values.pages ? fuzzPages(seed, isOver) : await fuzz(seed, isOver);
for (const finding of findings) console.log(finding);
console.log(`${rounds} rounds, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
