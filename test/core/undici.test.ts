import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as undici from 'undici';
import { describe, expect, it } from 'vitest';
import * as parts from '../../src/core/undici.ts';

describe('the files of undici that src/core/undici.ts loads', () => {
  it.each(Object.entries(parts))('%s is what the entry of undici exports', (name, part) => {
    expect(part, `undici has moved the file of ${name}`).toBe(Reflect.get(undici, name));
  });

  it('make a dispatcher whole without the entry', async () => {
    const script = `
      import { createTransport } from './src/index.ts';
      const { dispatcher } = await createTransport();
      const methods = ['request', 'stream', 'pipeline', 'upgrade', 'connect', 'compose'];
      const loaded = Object.keys(process.getBuiltinModule('node:module')._cache);
      console.log(JSON.stringify({
        missing: methods.filter((name) => typeof dispatcher[name] !== 'function'),
        entries: loaded.filter((path) => /undici.index\\.js$|undici.lib.web.fetch.index\\.js$/.test(path)),
        global: Symbol.for('undici.globalDispatcher.1') in globalThis,
      }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(JSON.parse(stdout)).toEqual({ missing: [], entries: [], global: false });
  });
});
