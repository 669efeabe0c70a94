import { join } from 'node:path';
import { expect, it } from 'vitest';
import { entries, root } from '../../tools/entries.ts';
import { publicNames } from './public-names.ts';

const sources = Object.entries(entries).map(
  ([name, source]) => [name === 'index' ? '.' : `./${name}`, source] as const,
);

it('names what each entry of package.json exports', () => {
  expect(Object.keys(publicNames).sort()).toEqual(sources.map(([entry]) => entry).sort());
});

// What is built, as ES module and as CommonJS, is held to the same names by test/e2e/package.e2e.ts.
it.each(sources)('the entry %s exports these values and no others', async (entry, source) => {
  const module: object = await import(join(root, source));
  expect(Object.keys(module).sort()).toEqual(publicNames[entry]);
});
