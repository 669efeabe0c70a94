/**
 * Makes the type declarations of the package: one file an entry. What entries have in common is in index.d.ts, from
 * which the others import it, so that a Session of one is a Session of the other.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OutputChunk, rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { entries, root } from './entries.ts';

/** The text of each file, by the name of its entry. */
export async function makeDeclarations(): Promise<Map<string, string>> {
  const bundle = await rollup({
    input: { ...entries },
    external: /^[^./]/,
    // Types of undici are imported from its entry, and values from its files.
    onLog: (level, log, handle) => {
      if (log.code !== 'UNUSED_EXTERNAL_IMPORT') handle(level, log);
    },
    plugins: [
      dts({
        tsconfig: join(root, 'tsconfig.json'),
        // What is marked @internal is left out.
        compilerOptions: {
          noEmit: false,
          declaration: true,
          emitDeclarationOnly: true,
          stripInternal: true,
        },
      }),
    ],
  });
  try {
    const { output } = await bundle.generate({
      format: 'es',
      entryFileNames: '[name].d.ts',
      hoistTransitiveImports: false,
      minifyInternalExports: false,
      manualChunks: (id) => (ownerOf(id) === 'index' ? 'index' : undefined),
    });
    const chunks = output.filter((file) => file.type === 'chunk');
    refuseUnexported(chunks);
    return new Map(chunks.map(({ name, code }) => [name, code]));
  } finally {
    await bundle.close();
  }
}

/** Writes the declarations to dist, once for ES modules and once for CommonJS. */
export async function writeDeclarations(): Promise<void> {
  for (const [name, text] of await makeDeclarations()) {
    writeFileSync(join(root, 'dist', `${name}.d.ts`), text);
    const required = text.replace(/(?<=from '\.\/[\w-]+)\.js(?=')/g, '.cjs');
    writeFileSync(join(root, 'dist', `${name}.d.cts`), required);
  }
}

/** The entry whose folder in src a module is in. */
function ownerOf(id: string): string {
  const folder = /\/src\/([\w-]+)\//.exec(id.slice(root.length))?.[1] ?? '';
  return folder in entries ? folder : 'index';
}

/** Rollup makes a file of its own of what an entry takes from index.d.ts but index.ts does not export. */
function refuseUnexported(chunks: readonly OutputChunk[]): void {
  const extra = chunks.filter(({ isEntry }) => !isEntry).map(({ fileName }) => fileName);
  if (extra.length === 0) return;
  const index = chunks.find(({ name, isEntry }) => isEntry && name === 'index');
  const missing = chunks
    .filter(({ isEntry, name }) => isEntry && name !== 'index')
    .flatMap(({ importedBindings }) => extra.flatMap((file) => importedBindings[file] ?? []))
    .filter((name) => !index?.exports.includes(name));
  throw new Error(
    `Entries have types in common that src/index.ts does not export: ${[...new Set(missing)].join(', ')}. ` +
      'Export them there, or make the public types of the entry without them.',
  );
}
