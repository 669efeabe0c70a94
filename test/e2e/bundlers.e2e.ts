/**
 * Programs that are one file: each bundler takes all of the packed package and of its dependencies, asks for nothing
 * that is not installed, and what it makes runs in a folder without node_modules.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installSmoke, runSmoke } from './smoke.ts';
import type { Suite, SuiteContext } from './suite.ts';
import { run } from './system.ts';

const packages = [
  'esbuild@0.28',
  'rollup@4',
  '@rollup/plugin-commonjs',
  '@rollup/plugin-json',
  '@rollup/plugin-node-resolve',
  'webpack@5',
  'webpack-cli',
  'node20@npm:node@20',
];

/** Its install script may have put the program itself in the place of the script: it is run by its own first bytes. */
const esbuildProgram = 'node_modules/esbuild/bin/esbuild';

const esbuild = (output: string, ...options: string[]): readonly string[] => [
  esbuildProgram,
  '--bundle',
  '--platform=node',
  '--log-level=warning',
  `--outfile=out/${output}`,
  ...options,
];

/** CommonJS packages require Node.js's own modules, which an ES module of esbuild needs a function for. */
const require = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

const rollupConfig = `
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
const plugins = [nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }), commonjs(), json()];
const output = (file, format) => ({ file: 'out/' + file, format, inlineDynamicImports: true });
export default {
  input: 'smoke.mjs',
  // Its list of Node.js's modules lacks those that have a name with a prefix only, such as node:sqlite.
  external: [/^node:/],
  plugins,
  output: [output('rollup.mjs', 'es'), output('rollup.cjs', 'cjs')],
  onwarn(warning) {
    if (warning.code === 'UNRESOLVED_IMPORT' || warning.code === 'MISSING_EXPORT') throw new Error(warning.message);
  },
};
`;

const webpackConfig = `
const bundle = (filename, type, more) => ({
  mode: 'production',
  target: 'node22',
  entry: './smoke.mjs',
  // One file, as the others make.
  module: { parser: { javascript: { dynamicImportMode: 'eager' } } },
  output: { path: __dirname + '/out', filename, library: { type }, ...more.output },
  experiments: more.experiments,
});
module.exports = [
  bundle('webpack.cjs', 'commonjs2', {}),
  bundle('webpack.mjs', 'module', { output: { module: true }, experiments: { outputModule: true } }),
];
`;

/** Each bundle, and the command that makes it. Rollup and webpack make two at once. */
const commands: readonly (readonly [title: string, args: readonly string[], bundles: readonly string[]])[] = [
  [
    'esbuild makes an ES module',
    [...esbuild('esbuild.mjs', '--format=esm', `--banner:js=${require}`), 'smoke.mjs'],
    ['esbuild.mjs'],
  ],
  [
    'esbuild makes CommonJS of imports',
    [...esbuild('esbuild.cjs', '--format=cjs', '--minify'), 'smoke.mjs'],
    ['esbuild.cjs'],
  ],
  [
    'esbuild makes CommonJS of require',
    [...esbuild('required.cjs', '--format=cjs'), 'smoke.cjs'],
    ['required.cjs'],
  ],
  [
    'Rollup makes both',
    ['node_modules/rollup/dist/bin/rollup', '-c', 'rollup.config.mjs'],
    ['rollup.mjs', 'rollup.cjs'],
  ],
  [
    'webpack makes both',
    ['node_modules/webpack/bin/webpack.js', '-c', 'webpack.config.cjs', '--fail-on-warnings'],
    ['webpack.mjs', 'webpack.cjs'],
  ],
];

export const suite: Suite = {
  name: 'bundlers',
  run: async (context) => {
    const { step, signal, defer } = context;
    const folder = await installSmoke(context, packages);
    const elsewhere = await mkdtemp(join(tmpdir(), 'jarfetch-bundles-'));
    defer(() => rm(elsewhere, { recursive: true, force: true }));
    await mkdir(join(folder, 'out'));
    await writeFile(join(folder, 'smoke.cjs'), requiring(await readFile(join(folder, 'smoke.mjs'), 'utf8')));
    await writeFile(join(folder, 'rollup.config.mjs'), rollupConfig);
    await writeFile(join(folder, 'webpack.config.cjs'), webpackConfig);
    for (const [title, args, bundles] of commands) {
      const [program = '', ...rest] = args;
      const command = program === esbuildProgram ? join(folder, program) : process.execPath;
      const given = program === esbuildProgram ? rest : args;
      await step(title, () => run(command, given, signal, folder));
      for (const bundle of bundles) await tryBundle(context, folder, elsewhere, bundle);
    }
  },
};

async function tryBundle(
  context: SuiteContext,
  folder: string,
  elsewhere: string,
  bundle: string,
): Promise<void> {
  const { step, signal } = context;
  await copyFile(join(folder, 'out', bundle), join(elsewhere, bundle));
  await step(`${bundle} runs`, () => runSmoke(context, process.execPath, [bundle], elsewhere));
  // Rollup, and whatever makes CommonJS of imports, runs undici before the check, and an older Node.js lacks a part of it.
  const isMadeOfImports = bundle.endsWith('.cjs') && bundle !== 'required.cjs';
  if (bundle.startsWith('rollup') || isMadeOfImports) return;
  await step(`${bundle} tells an older Node.js what is needed`, async () => {
    const old = join(folder, 'node_modules/node20/bin/node');
    const failure: unknown = await run(old, [bundle], signal, elsewhere).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!String(failure).includes('jarfetch needs Node.js 22.19 or newer'))
      throw new Error(`it said ${failure}`);
  });
}

/** The program with `require` in the place of `import`. */
function requiring(program: string): string {
  return program.replace(/^import (.+) from (.+);$/gm, 'const $1 = require($2);');
}
