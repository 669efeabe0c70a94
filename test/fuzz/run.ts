/** `npm run fuzz -- --seconds 120 --seed 1`: fuzzes for as long as is asked, and prints the seed that brings it back. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 32);
console.log(`seed ${seed}`);
const until = performance.now() + Number(values.seconds) * 1000;
const { rounds, findings } = await fuzz(seed, () => performance.now() > until);
for (const finding of findings) console.log(finding);
console.log(`${rounds} rounds, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
