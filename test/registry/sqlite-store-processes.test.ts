import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { startRotatingSite } from '../helpers/rotating-site.ts';
import { openStoreOf, startWriter } from '../helpers/session-writer.ts';

async function databasePath(): Promise<string> {
  return join(await temporaryFolder(), 'sessions.db');
}

it('D03 loses no cookie of four processes that save one session 200 times each', async () => {
  const path = await databasePath();
  const names = ['a', 'b', 'c', 'd'];
  const ends = await Promise.all(names.map((name) => startWriter('sqliteStore', path, name, 200).ended));
  expect(ends.map(({ code, errors }) => [code, errors])).toEqual(Array(4).fill([0, '']));
  const store = openStoreOf('sqliteStore', path);
  const cookies = (await store.load('ada'))?.cookies ?? [];
  await store.close();
  const wanted = names.flatMap((name) => Array.from({ length: 200 }, (_, index) => `${name}${index}`));
  expect(cookies.map(({ name }) => name).sort()).toEqual(wanted.sort());
}, 240_000);

/** Calls a site that replaces the session's cookie with every answer, each call with the account for itself. */
const renter = `
  import { createRegistry, sqliteStore } from 'jarfetch/registry';
  const [path, home, accounts, calls] = process.argv.slice(1);
  const store = sqliteStore(path);
  const registry = createRegistry({ store });
  let good = 0;
  await Promise.all(Array.from({ length: Number(calls) }, async (_, index) => {
    const user = 'user' + (index % Number(accounts));
    const login = async (session) => { await session.fetch('/login', { method: 'POST', body: user }); };
    const answer = await registry.withSession(user, (session) => session.fetch('/page'), { baseUrl: home, login });
    if ((await answer.text()) === 'welcome') good++;
  }));
  console.log(good);
  await registry.close();
  await store.close();
`;

it('F14 shares accounts whose cookie is good for one request among four processes, with one login each', async () => {
  const site = await startRotatingSite();
  const [processes, calls, accounts] = [4, 24, 6];
  const args = [await databasePath(), site.server.url, String(accounts), String(calls)];
  const ends = await Promise.all(Array.from({ length: processes }, () => startChild(renter, args).ended));
  expect(ends.map(({ output, errors }) => [output, errors])).toEqual(
    Array(processes).fill([`${calls}\n`, '']),
  );
  expect([site.logins, site.stale]).toEqual([accounts, 0]);
}, 240_000);

it('costs nothing when no sqliteStore is made', async () => {
  const program = (code: string): string => `
    const { sqliteStore } = await import('jarfetch/registry');
    ${code}
    console.log(process.moduleLoadList.some((name) => name.endsWith(' sqlite')));`;
  const ends = [program(''), program("sqliteStore('unused.db');")].map((code) => startChild(code).ended);
  expect((await Promise.all(ends)).map(({ output }) => output)).toEqual(['false\n', 'true\n']);
});
