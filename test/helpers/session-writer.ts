import { fileStore, redisStore, type SessionStore, sqliteStore } from '../../src/registry/index.ts';
import { type Child, startChild } from './child.ts';

/** The stores that outlive a process. The place is a folder, a path or a URL. */
const stores = {
  fileStore: (place: string): SessionStore => fileStore(place, { lockTimeout: 60_000 }),
  sqliteStore: (place: string): SessionStore => sqliteStore(place, { lockTimeout: 60_000 }),
  redisStore: (place: string): SessionStore => redisStore(place, { timeout: 60_000 }),
};

export type StoreKind = keyof typeof stores;

export function openStoreOf(kind: StoreKind, place: string): SessionStore {
  return stores[kind](place);
}

/** Saves one session again and again, with a cookie more each time, and says so after each. */
const program = `
  import { createRegistry, ...stores } from 'jarfetch/registry';
  const [kind, place, name, saves] = process.argv.slice(1);
  const store = ({ fileStore, sqliteStore, redisStore })[kind](place, kind === 'redisStore' ? { timeout: 60_000 } : { lockTimeout: 60_000 });
  const registry = createRegistry({ store, saveInterval: false });
  const session = await registry.getOrCreate('ada');
  for (let index = 0; index < Number(saves); index++) {
    session.setCookie(name + index, String(index), 'https://' + name + (index % 4) + '.example/');
    await registry.save('ada');
    console.log('saved ' + index + '.');
  }
  await registry.close();
  await store.close();
`.replace('...stores', Object.keys(stores).join(', '));

/** Starts a process that saves `ada` so many times; its cookies are called `name` and a number. */
export function startWriter(kind: StoreKind, place: string, name: string, saves: number): Child {
  return startChild(program, [kind, place, name, String(saves)]);
}

/** The number of the last save that a writer has told of; -1 for none. */
export function lastSaved(output: string): number {
  return Number(/.*saved (\d+)\./s.exec(output)?.[1] ?? -1);
}
