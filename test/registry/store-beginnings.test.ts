import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/folders.ts';
import { openStoreOf, type StoreKind } from '../helpers/session-writer.ts';

const registryEntry = pathToFileURL(join(import.meta.dirname, '../../src/registry/index.ts')).href;

/** Begins a session in one store after another, each at the same moment as the other threads do. */
const beginner = `
  import { workerData } from 'node:worker_threads';
  import * as registry from ${JSON.stringify(registryEntry)};
  const { name, kind, options, folder, stores, threads, arrived } = workerData;
  for (let index = 0; index < stores; index++) {
    Atomics.add(arrived, 0, 1);
    while (Atomics.load(arrived, 0) < threads * (index + 1));
    const store = registry[kind](folder + '/' + index, options);
    const sessions = registry.createRegistry({ store, saveInterval: false });
    const session = await sessions.getOrCreate(name);
    session.setCookie('name', name, 'https://site.example/');
    await sessions.close();
    await store.close();
  }
`;

const threads = 3;

async function begin(kind: StoreKind, options: object, folder: string, stores: number): Promise<string[]> {
  const arrived = new Int32Array(new SharedArrayBuffer(4));
  const errors: string[] = [];
  const names = Array.from({ length: threads }, (_, index) => `user${index}`);
  await Promise.all(
    names.map((name) => {
      const workerData = { name, kind, options, folder, stores, threads, arrived };
      const url = new URL(`data:text/javascript,${encodeURIComponent(beginner)}`);
      const worker = new Worker(url, { workerData, execArgv: ['--disable-warning=ExperimentalWarning'] });
      worker.on('error', (error) => {
        errors.push(String(error));
        // The others are not to wait for it.
        Atomics.add(arrived, 0, stores * threads);
      });
      return new Promise((resolve) => worker.on('exit', resolve));
    }),
  );
  return errors;
}

it.each<[StoreKind, object, number]>([
  ['sqliteStore', {}, 25],
  ['fileStore', {}, 25],
  // Each stretches its passphrase, which takes a while.
  ['sqliteStore', { encryptionKey: 'c4n4ry horse' }, 5],
  ['fileStore', { encryptionKey: 'c4n4ry horse' }, 5],
])(
  '%s %j is made by several at the same moment',
  async (kind, options, stores) => {
    const folder = await temporaryFolder();
    expect(await begin(kind, options, folder, stores)).toEqual([]);
    const counts = [];
    for (let index = 0; index < stores; index++) {
      const store = openStoreOf(kind, join(folder, String(index)));
      counts.push((await store.ids()).length);
      await store.close();
    }
    expect(counts).toEqual(Array(stores).fill(threads));
  },
  240_000,
);
