import { defineConfig, type Options } from 'tsup';
import { writeDeclarations } from './tools/declarations.ts';
import { entries } from './tools/entries.ts';

const shared: Options = {
  clean: true,
  target: 'node22',
  removeNodeProtocol: false,
  // tsup would leave it as it is before the plugin sees it.
  noExternal: ['undici'],
  esbuildPlugins: [undiciByPath()],
  plugins: [builtinsByFunction()],
  // Imports are evaluated in order and cannot be guarded, so the check of Node's version is a file of its own
  // that stands first. That it names itself too does no harm.
  banner: ({ format }) => ({
    js: format === 'esm' ? "import './node-version.js';" : "'use strict'; require('./node-version.cjs');",
  }),
  // What entries have in common exists once, whatever the format: a Session of one is a Session of the other.
  splitting: true,
};

const versionCheck = { 'node-version': 'src/core/node-version.ts' };

export default defineConfig([
  {
    ...shared,
    entry: { ...entries, ...versionCheck },
    format: ['esm', 'cjs'],
    onSuccess: writeDeclarations,
    esbuildOptions: (options, { format }) => {
      // What makes CommonJS of split files rewrites these as calls with closures; esbuild writes plain comparisons.
      if (format === 'cjs') options.supported = { 'optional-chain': false, 'nullish-coalescing': false };
    },
  },
  // The program is built by itself: were it one more entry, what the others share would be cut into more files,
  // which costs every import of the package. It is read by no debugger, and small files start faster.
  {
    ...shared,
    entry: { main: 'src/cli/main.ts', ...versionCheck },
    format: ['esm'],
    outDir: 'dist/cli',
    minify: true,
  },
]);

/**
 * Imports undici by the path of its file. Bun puts a module of its own in the place of `undici`, which lacks most of
 * it; in Node.js both are the same file.
 */
function undiciByPath(): NonNullable<Options['esbuildPlugins']>[number] {
  return {
    name: 'undici-by-path',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^undici(\/|$)/ }, ({ path }) => ({
        path: path === 'undici' ? 'undici/index.js' : path,
        external: true,
      })),
  };
}

/**
 * Takes Node's own modules by `process.getBuiltinModule` where an ES module would import them. An import reads every
 * property of the module to make bindings of them, and thereby loads what Node loads lazily: web crypto for
 * `createHash`, file streams for `readFileSync`.
 */
function builtinsByFunction(): NonNullable<Options['plugins']>[number] {
  const imports =
    /(?<=^|[;}\n])import\s*(?:(\{[^}]*\})\s*|(?:\*\s*as\s+)?([\w$]+)\s+)from\s*"(node:[\w/]+)"/g;
  return {
    name: 'builtins-by-function',
    renderChunk(code) {
      if (this.format !== 'esm') return undefined;
      const taken = code.replace(imports, (_, names: string | undefined, whole: string, module: string) => {
        const binding = names?.replace(/\s+as\s+/g, ':') ?? whole;
        return `const ${binding}=process.getBuiltinModule("${module}")`;
      });
      if (/from\s*"node:/.test(taken)) throw new Error('An import of a module of Node.js is left');
      return { code: taken };
    },
  };
}
