#!/usr/bin/env node
/**
 * The program `jarfetch`. It enables Node's compile cache before it loads the rest, because loading is most of the
 * start-up time.
 */
import { enableCompileCache } from 'node:module';
import { cacheFolder } from './cache-folder.ts';

// Node has already enabled the cache that NODE_COMPILE_CACHE names.
if (!process.env.NODE_COMPILE_CACHE) enableCompileCache(cacheFolder(process.env));

void Promise.all([import('./program.ts'), import('./table/rows.ts')]).then(
  ([{ runProgram }, { commandRows }]) => runProgram(process, commandRows),
);
