import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    interop: 'src/interop/index.ts',
    registry: 'src/registry/index.ts',
    'node-version': 'src/core/node-version.ts',
  },
  format: ['esm', 'cjs'],
  dts: {
    entry: { index: 'src/index.ts', interop: 'src/interop/index.ts', registry: 'src/registry/index.ts' },
  },
  // What entries have in common exists once, whatever the format: a Session of one is a Session of the other.
  splitting: true,
  clean: true,
  target: 'node22',
  // Imports are evaluated in order and cannot be guarded, so the check of Node's version is a file of its own
  // that stands first. That it names itself too does no harm.
  banner: ({ format }) => ({
    js: format === 'esm' ? "import './node-version.js';" : "'use strict'; require('./node-version.cjs');",
  }),
});
