import { join } from 'node:path';
import * as sqlite from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { loadSqlite, SqliteDatabase } from '../../src/registry/sqlite-database.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { refusalOf } from '../helpers/refusals.ts';

/** A database with one table of numbers, and how often a transaction of it has begun. */
async function openDatabase() {
  let begun = 0;
  class Counting extends sqlite.DatabaseSync {
    override exec(text: string): void {
      if (text === 'BEGIN IMMEDIATE') begun++;
      super.exec(text);
    }
  }
  const path = join(await temporaryFolder(), 'numbers.db');
  const database = new SqliteDatabase({ ...sqlite, DatabaseSync: Counting }, path, 10_000);
  onTestFinished(() => database.close());
  await database.write('make a table', (sql) => void sql('CREATE TABLE numbers (n UNIQUE)').run());
  const put = (n: number): Promise<number> =>
    database.write('put', (sql) => {
      sql('INSERT INTO numbers VALUES (?)').run(n);
      return n;
    });
  const all = (): Promise<unknown[]> =>
    database.read('look', (sql) =>
      sql('SELECT n FROM numbers ORDER BY n')
        .all()
        .map(({ n }) => n),
    );
  const before = begun;
  return { database, put, all, transactions: () => begun - before };
}

const numbers = Array.from({ length: 200 }, (_, index) => index);

it('F01 writes the changes of one turn in one transaction', async () => {
  const { put, all, transactions } = await openDatabase();
  expect(await Promise.all(numbers.map(put))).toEqual(numbers);
  expect([transactions(), await all()]).toEqual([1, numbers]);
});

it('writes changes after a transaction, at any time', async () => {
  const { put, all } = await openDatabase();
  for (let n = 0; n < 20; n++) {
    await put(n);
    if (n % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await all()).length).toBe(20);
});

it('fails only the failing change of a transaction', async () => {
  const { put, all } = await openDatabase();
  await put(1);
  const ends = await Promise.allSettled([0, 1, 2].map(put));
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await all()).toEqual([0, 1, 2]);
});

it('waits for writes before it closes', async () => {
  const { database, put } = await openDatabase();
  const written = Promise.all(numbers.map(put));
  await database.close();
  expect(await written).toEqual(numbers);
});

it('is Node’s own, and missing where the runtime has none', async () => {
  expect(loadSqlite()).toBe(process.getBuiltinModule('node:sqlite'));
  const { getBuiltinModule } = process;
  onTestFinished(() => {
    process.getBuiltinModule = getBuiltinModule;
  });
  process.getBuiltinModule = (() => undefined) as unknown as typeof getBuiltinModule;
  const error = await refusalOf(loadSqlite);
  expect([error.code, error.message]).toEqual([
    'ERR_STORE',
    'sqliteStore needs node:sqlite, which this runtime does not have: use Node.js, or fileStore',
  ]);
});
