import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

/**
 * The house: a file imports only from rows below its own, types included. A folder is one row; inside it, files may
 * use each other as long as there is no cycle, which Biome checks.
 */
const layers = [
  'page',
  'interop',
  'registry',
  'index.ts',
  'core/session/create.ts',
  'core/session/session.ts',
  'core/session/read-saved-session.ts',
  'core/session/saved-session.ts',
  'core/live/websocket.ts',
  'core/live/event-stream.ts',
  'core/live/event-parser.ts',
  'core/flow/call.ts',
  'core/request/resolve.ts',
  'core/request/request-context.ts',
  'core/session/options.ts',
  'core/request/settings.ts',
  'core/flow/retry.ts',
  'core/flow/redirects.ts',
  'core/flow/preset-stage.ts',
  'core/flow/cookie-dispatcher.ts',
  'core/flow/cookies.ts',
  'core/cookies/formats',
  'core/cookies/adapter',
  'core/cookies/jar',
  'core/flow/exchange.ts',
  'core/transport/upload.ts',
  'core/transport/head/compose.ts',
  'core/transport/timings.ts',
  'core/response/response.ts',
  'core/response/incoming-body.ts',
  'core/response/byte-stream.ts',
  'core/response/decode.ts',
  'core/response/zstd-frames.ts',
  'core/flow/deadline.ts',
  'core/transport/transport.ts',
  'core/transport/transport-options.ts',
  'core/presets',
  'core/transport/connection-pool.ts',
  'core/transport/head/client.ts',
  'core/in-flight.ts',
  'core/transport/connect.ts',
  'core/transport/tunnel.ts',
  'core/transport/proxy.ts',
  'core/transport/tls.ts',
  'core/transport/undici-errors.ts',
  'core/request/request-body.ts',
  'core/request/headers.ts',
  'core/header-text.ts',
  'core/checks.ts',
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
