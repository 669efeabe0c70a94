import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

/**
 * The house: a file imports only from rows below its own, types included. A folder is one row; inside it, files may
 * use each other as long as there is no cycle, which Biome checks.
 */
const layers = [
  'interop',
  'registry',
  'index.ts',
  'core/create.ts',
  'core/session.ts',
  'core/document-reading.ts',
  'core/document.ts',
  'core/websocket.ts',
  'core/event-stream.ts',
  'core/event-parser.ts',
  'core/call.ts',
  'core/request.ts',
  'core/request-context.ts',
  'core/options.ts',
  'core/call-settings.ts',
  'core/retry.ts',
  'core/redirects.ts',
  'core/preset-stage.ts',
  'core/cookie-dispatcher.ts',
  'core/cookies.ts',
  'core/cookie-formats',
  'core/cookie-access',
  'core/jar',
  'core/exchange.ts',
  'core/outgoing-body.ts',
  'core/request-head.ts',
  'core/timings.ts',
  'core/response.ts',
  'core/body.ts',
  'core/byte-stream.ts',
  'core/decode.ts',
  'core/zstd-frames.ts',
  'core/deadline.ts',
  'core/transport.ts',
  'core/transport-options.ts',
  'presets',
  'core/pool.ts',
  'core/ordered-client.ts',
  'core/in-flight.ts',
  'core/connect.ts',
  'core/tunnel.ts',
  'core/proxy.ts',
  'core/trust.ts',
  'core/undici-errors.ts',
  'core/request-body.ts',
  'core/headers.ts',
  'core/header-text.ts',
  'core/input.ts',
  'core/errors.ts',
  'core/pipeline.ts',
  'core/node-version.ts',
];

const source = resolve(import.meta.dirname, '../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);

function layerOf(path: string): number {
  return layers.findIndex((layer) => path === layer || path.startsWith(`${layer}/`));
}

function importsOf(path: string): string[] {
  const text = readFileSync(join(source, path), 'utf8');
  const found = text.matchAll(/(?:from|import) '(\.[^']+)'/g);
  return [...found].map(([, target = '']) => relative(source, resolve(source, dirname(path), target)));
}

it.each(files)('%s has its place in the house', (path) => {
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
