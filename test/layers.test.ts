import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

/**
 * The rooms, top to bottom: a file imports only from its own room and from rooms below it, types included. Inside a
 * room files may use each other as long as there is no cycle, which Biome checks.
 */
const layers = [
  'cli',
  'mcp',
  'page',
  'har',
  'interop',
  'registry',
  'index.ts',
  'core/session',
  'core/live',
  'core/flow',
  'core/request',
  'core/response',
  'core/cookies',
  'core/cookies/formats',
  'core/cookies/adapter',
  'core/cookies/jar',
  'core/transport',
  'core/transport/head',
  'core/presets',
  'core',
];

const source = resolve(import.meta.dirname, '../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);

/** The row of the innermost room that holds `path`. */
function layerOf(path: string): number {
  const rooms = layers.filter((layer) => path === layer || path.startsWith(`${layer}/`));
  const innermost = rooms.sort((a, b) => b.length - a.length)[0];
  return innermost === undefined ? -1 : layers.indexOf(innermost);
}

function importsOf(path: string): string[] {
  const text = readFileSync(join(source, path), 'utf8');
  const found = text.matchAll(/(?:from|import) '(\.[^']+)'/g);
  return [...found].map(([, target = '']) => relative(source, resolve(source, dirname(path), target)));
}

it.each(files)('%s has a room', (path) => {
  expect(layerOf(path)).toBeGreaterThanOrEqual(0);
});

it.each(layers)('the layer %s has a file', (layer) => {
  expect(files.some((path) => layerOf(path) === layers.indexOf(layer))).toBe(true);
});

it.each(files)('%s imports only from rows below its own', (path) => {
  const upwards = importsOf(path).filter((target) => {
    const isSameRoom = layerOf(path) === layerOf(target);
    return !isSameRoom && layerOf(target) < layerOf(path);
  });
  expect(upwards).toEqual([]);
});
