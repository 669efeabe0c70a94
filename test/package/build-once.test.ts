import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { buildOnce } from '../../tools/build-once.ts';
import { temporaryFolder } from '../helpers/folders.ts';

describe('building once', () => {
  let folder: string;
  let builds: number;
  const build = (): void => {
    builds++;
    mkdirSync(join(folder, 'dist/cli'), { recursive: true });
    writeFileSync(join(folder, 'dist/index.js'), `build ${builds}`);
    writeFileSync(join(folder, 'dist/cli/main.js'), `build ${builds}`);
  };
  const isBuilt = (): boolean => buildOnce(folder, build);

  beforeEach(async () => {
    folder = await temporaryFolder();
    builds = 0;
    mkdirSync(join(folder, 'src/core'), { recursive: true });
    writeFileSync(join(folder, 'src/index.ts'), 'a');
    writeFileSync(join(folder, 'src/core/errors.ts'), 'b');
    writeFileSync(join(folder, 'package.json'), '{}');
  });

  it('builds the first time, and not again', () => {
    expect([isBuilt(), isBuilt(), isBuilt()]).toEqual([true, false, false]);
  });

  it.each<[string, () => void]>([
    ['a source has changed', () => writeFileSync(join(folder, 'src/core/errors.ts'), 'c')],
    ['a source was added', () => writeFileSync(join(folder, 'src/new.ts'), '')],
    ['a source was removed', () => rmSync(join(folder, 'src/core/errors.ts'))],
    ['the entries have changed', () => writeFileSync(join(folder, 'package.json'), '{"exports":{}}')],
    ['a built file was removed', () => rmSync(join(folder, 'dist/cli/main.js'))],
    ['another build was made', () => writeFileSync(join(folder, 'dist/index.js'), 'by somebody else')],
    ['nothing is built', () => rmSync(join(folder, 'dist'), { recursive: true })],
    ['a build was cut off', () => rmSync(join(folder, 'node_modules'), { recursive: true })],
  ])('builds again when %s', (_, change) => {
    isBuilt();
    change();
    expect([isBuilt(), isBuilt()]).toEqual([true, false]);
  });

  it('does not note a build that failed', () => {
    const fail = (): void => {
      throw new Error('no build');
    };
    expect(() => buildOnce(folder, fail)).toThrow('no build');
    expect(isBuilt()).toBe(true);
  });
});
