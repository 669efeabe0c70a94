#!/usr/bin/env node
/** The program `jarfetch`: turns on Node's compile cache before the rest is loaded, which is most of a start. */
import { enableCompileCache } from 'node:module';
import { cacheFolder } from './cache-folder.ts';

// Who has set one in the environment has chosen; Node has read it already.
if (!process.env.NODE_COMPILE_CACHE) enableCompileCache(cacheFolder(process.env));

void import('./program.ts').then(({ runProgram }) => runProgram(process));
