import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

function loadOn(node: string): Promise<unknown> {
  vi.stubGlobal('process', Object.create(process, { versions: { value: { ...process.versions, node } } }));
  return import('../../src/core/node-version.ts');
}

it.each(['18.20.8', '20.19.0', '22.18.9'])('refuses Node.js %s in one sentence', async (version) => {
  await expect(loadOn(version)).rejects.toMatchObject({
    message: `jarfetch needs Node.js 22.19 or newer, this is ${version}`,
    stack: `jarfetch needs Node.js 22.19 or newer, this is ${version}`,
  });
});

it.each(['22.19.0', '24.0.0', '100.1.0'])('runs on Node.js %s', async (version) => {
  await expect(loadOn(version)).resolves.toBeDefined();
});
