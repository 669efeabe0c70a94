#!/usr/bin/env node
/** The program `jarfetch`: turns on Node's compile cache before the rest is loaded, which is most of a start. */
import { enableCompileCache } from 'node:module';
import { cacheFolder } from './cache-folder.ts';

// Node has already enabled the cache that NODE_COMPILE_CACHE names.
if (!process.env.NODE_COMPILE_CACHE) enableCompileCache(cacheFolder(process.env));

void Promise.all([import('./program.ts'), import('./table/rows.ts')]).then(
  ([{ runProgram }, { commandRows }]) => runProgram(process, commandRows),
);
