import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

/**
 * The rooms, top to bottom: a file imports only from its own room and from rooms below it, types and imports at run
 * time included. Each folder is a room, so that folders have no cycle. The contents page of an entry and the start of
 * the program are rows of their own where they import from above the other files of their folder. Inside a room files
 * may use each other as long as there is no cycle, which Biome checks.
 */
const layers = [
  'cli/main.ts',
  'cli/table',
  'cli/commands',
  'cli',
  'mcp/index.ts',
  'mcp/server',
  'mcp/tools',
  'mcp',
  'page/index.ts',
  'page/paginate',
  'page',
  'page/download',
  'page/extract',
  'page/view',
  'page/form',
  'page/navigate',
  'page/document',
  'page/select',
  'page/encoding',
  'page/tree',
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
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replaceAll('\\', '/'));

/** The row of the innermost room that holds `path`. */
function layerOf(path: string): number {
  const rooms = layers.filter((layer) => path === layer || path.startsWith(`${layer}/`));
  const innermost = rooms.sort((a, b) => b.length - a.length)[0];
  return innermost === undefined ? -1 : layers.indexOf(innermost);
}

function importsOf(path: string): string[] {
  const text = readFileSync(join(source, path), 'utf8');
  const found = text.matchAll(/(?:from |import |import\()'(\.[^']+)'/g);
  return [...found].map(([, target = '']) =>
    relative(source, resolve(source, dirname(path), target)).replaceAll('\\', '/'),
  );
}

it.each(files)('%s has a room', (path) => {
  expect(layerOf(path)).toBeGreaterThanOrEqual(0);
});

it('each folder is a row', () => {
  const folders = new Set(files.filter((path) => path.includes('/')).map((path) => dirname(path)));
  expect([...folders].filter((folder) => !layers.includes(folder))).toEqual([]);
});

const contents = files.filter((path) => /(^|\/)index\.ts$/.test(path));

it.each(contents)('%s only exports what other files declare', (path) => {
  const text = readFileSync(join(source, path), 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const rest = code.replace(/export (?:type )?(?:\*|\{[^}]*\}) from '[^']+';/g, '');
  expect(rest.trim()).toBe('');
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
