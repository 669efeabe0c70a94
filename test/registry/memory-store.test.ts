import { memoryStore } from '../../src/registry/index.ts';
import { itIsAStore } from '../contracts/store.ts';

itIsAStore('memoryStore', async () => {
  const store = memoryStore();
  return [store, store];
});
