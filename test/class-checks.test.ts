import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

/**
 * `instanceof` does not know the classes of another realm or of a package. What comes in from outside is told by brand:
 * `types.isUint8Array`, `isFileLike`, `isFormData`, `isUrlSearchParams`, `isRequest`. These checks are left: the file,
 * the class, how many, and why it may be so.
 */
const allowed: readonly (readonly [file: string, name: string, count: number, reason: string])[] = [
  ['cli/commands/submit.ts', 'File', 1, 'the program makes its files itself'],
  ['core/live/websocket.ts', 'Blob', 1, 'finds those that are of another class'],
  ['core/request/fields.ts', 'URLSearchParams', 1, 'the quick way; the tag is looked at next'],
  ['core/request/file-like.ts', 'Blob', 3, 'parts those of Node.js from all others'],
  ['core/request/file-like.ts', 'Uint8Array', 3, 'parts of a form are made by this package'],
  ['core/request/request-body.ts', 'ReadableStream', 1, 'one of another class throws when it is read'],
  ['core/request/request-source.ts', 'FormData', 1, 'comes from the fetch of Node.js'],
  ['core/request/request-source.ts', 'ReadableStream', 2, 'comes from the fetch of Node.js'],
  ['core/request/request-source.ts', 'Request', 1, 'the source of another class cannot be found'],
  ['core/response/byte-stream.ts', 'ArrayBuffer', 1, 'the chunk was received by this package'],
  ['core/response/incoming-body.ts', 'Uint8Array', 2, 'was decoded by this package'],
  ['core/response/response.ts', 'ArrayBuffer', 1, 'the bytes were received by this package'],
  ['core/response/response.ts', 'Response', 1, 'is a comment'],
  ['core/transport/piece-sources.ts', 'ReadableStream', 1, 'one of another class is iterated over'],
  ['core/transport/piece-sources.ts', 'Uint8Array', 2, 'the brand is looked at next; parts are our own'],
  ['core/transport/routes.ts', 'Uint8Array', 1, 'the body was made by this package'],
  ['har/har-entry.ts', 'Blob', 1, 'a WebSocket sends none of another class'],
  ['har/replay-har.ts', 'ReadableStream', 1, 'the stream was made by this package'],
  ['interop/cookie-fetch.ts', 'Blob', 1, 'parts those of Node.js from all others'],
  ['interop/cookie-fetch.ts', 'Uint8Array', 1, 'the parts were made by this package'],
  ['page/form.ts', 'Blob', 1, 'finds those that a FormData cannot hold'],
  ['page/form/encode.ts', 'Uint8Array', 1, 'texts are encoded by this package'],
];

const source = resolve(import.meta.dirname, '../src');
const check =
  /instanceof (?:globalThis\.)?(Uint8Array|ArrayBuffer|Blob|File|URLSearchParams|FormData|Headers|Request|Response|ReadableStream)\b/g;

/** How many checks of which class each file has. */
function found(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const path of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue;
    for (const [, name = ''] of readFileSync(join(source, path), 'utf8').matchAll(check)) {
      const key = `${path.replaceAll('\\', '/')} ${name}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  return counts;
}

it('classes of other realms and packages are recognised by brand, except where this table gives a reason', () => {
  const table = allowed.map(([file, name, count]) => [`${file} ${name}`, count]);
  expect(found()).toEqual(Object.fromEntries(table));
});
