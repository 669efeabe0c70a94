/** A session by name that logs in by itself, whenever its login is gone, and is there again after a restart. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from 'jarfetch';
import { createRegistry, fileStore } from 'jarfetch/registry';
import { startSite } from './site.ts';

const site = await startSite();
const folder = await mkdtemp(join(tmpdir(), 'sessions-'));

const login = async (session: Session): Promise<void> => {
  const form = await (await session.fetch('/login')).text();
  const csrf = /name="csrf" value="(.*?)"/.exec(form)?.[1] ?? '';
  await session.fetch('/login', { method: 'POST', form: { user: 'alice', password: 'white-rabbit', csrf } });
  console.log('logged in');
};

const registry = createRegistry({ store: fileStore(folder) });
const session = await registry.getOrCreate('alice', { baseUrl: site.url, login });
console.log(await (await session.fetch('/members')).text()); // logs in first
await session.fetch('/logout', { method: 'POST' });
console.log(await (await session.fetch('/members')).text()); // logs in again
await registry.close();

const later = createRegistry({ store: fileStore(folder) });
const again = await later.getOrCreate('alice', { baseUrl: site.url, login });
console.log(await (await again.fetch('/members')).text()); // is logged in
await later.close();

await rm(folder, { recursive: true });
await site.close();
