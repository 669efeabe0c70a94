import { chmod, link, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRegistry, type EncryptionKey, sqliteStore } from '../../src/registry/index.ts';
import { documentOf } from '../contracts/documents.ts';
import { itIsAStore } from '../contracts/store.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { refusalOf } from '../helpers/refusals.ts';

function openStore(...given: Parameters<typeof sqliteStore>) {
  const store = sqliteStore(...given);
  onTestFinished(() => store.close());
  return store;
}

async function databasePath(): Promise<string> {
  return join(await temporaryFolder(), 'sessions.db');
}

/** Looks into the database, or changes it, beside the store. */
function inDatabase<T>(path: string, action: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path);
  try {
    return action(database);
  } finally {
    database.close();
  }
}

itIsAStore('sqliteStore', async () => {
  const path = await databasePath();
  return [openStore(path), openStore(path)];
});

itIsAStore('sqliteStore with a passphrase', async () => {
  const path = await databasePath();
  const encryptionKey = 'c4n4ry horse';
  return [openStore(path, { encryptionKey }), openStore(path, { encryptionKey })];
});

describe('the file of sqliteStore', () => {
  it('is its owner’s alone, like those beside it, in a folder that is made', async () => {
    const folder = join(await temporaryFolder(), 'deep', 'down');
    const document = await documentOf('ada');
    await openStore(join(folder, 'sessions.db')).update('ada', () => document);
    const names = ['.', ...(await readdir(folder))];
    const modes = await Promise.all(
      names.map(async (name) => ((await stat(join(folder, name))).mode & 0o777).toString(8)),
    );
    expect(Object.fromEntries(names.map((name, index) => [name, modes[index]]))).toEqual({
      '.': '700',
      'sessions.db': '600',
      'sessions.db-shm': '600',
      'sessions.db-wal': '600',
    });
  });

  it('loses the permissions of others', async () => {
    const path = await databasePath();
    await writeFile(path, '');
    await chmod(path, 0o644);
    await openStore(path).load('ada');
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['is a link', (path) => writeFile(`${path}.other`, '').then(() => symlink(`${path}.other`, path))],
    ['is a link', (path) => symlink(`${path}.missing`, path)],
    ['has another name, too', (path) => writeFile(path, '').then(() => link(path, `${path}.other`))],
    ['is not a file', (path) => mkdir(path)],
  ])('is refused when it %s', async (reason, make) => {
    const path = await databasePath();
    await make(path);
    const error = await refusalOf(() => openStore(path).load('ada'));
    expect([error.code, error.message]).toEqual([
      'ERR_STORE',
      `sqliteStore cannot read session ada: ${path} ${reason}`,
    ]);
  });

  it('is not changed when it is not a database, or that of another program', async () => {
    const [path, others] = [await databasePath(), await databasePath()];
    await writeFile(path, 'nonsense '.repeat(100));
    inDatabase(others, (database) => database.exec('CREATE TABLE sessions (a)'));
    const errors = await Promise.all(
      [path, others].map(async (name) => (await refusalOf(() => openStore(name).load('ada'))).message),
    );
    expect(errors).toEqual([
      'sqliteStore cannot read session ada (file is not a database)',
      'sqliteStore cannot read session ada: the database belongs to another program',
    ]);
    expect(await readFile(path, 'utf8')).toMatch(/^(nonsense )+$/);
  });

  it('F10 is not changed when a later release made it, nor is a document of one', async () => {
    const [path, later] = [await databasePath(), await databasePath()];
    const document = await documentOf('ada');
    for (const name of [path, later]) {
      const store = sqliteStore(name);
      await store.update('ada', () => document);
      await store.close();
    }
    inDatabase(later, (database) => database.exec('PRAGMA user_version = 9'));
    inDatabase(path, (database) => database.exec(`UPDATE sessions SET document = '{"version":9}'`));
    const errors = await Promise.all(
      [path, later].map((name) => refusalOf(() => openStore(name).load('ada'))),
    );
    expect(errors.map(({ code }) => code)).toEqual(['ERR_STORE_VERSION', 'ERR_STORE_VERSION']);
    expect(errors[1]?.message).toBe('The database has version 9; this release of jarfetch knows version 1');
  });

  it('F10 can delete a document that cannot be read', async () => {
    const path = await databasePath();
    const store = openStore(path);
    const document = await documentOf('ada');
    await store.update('ada', () => document);
    inDatabase(path, (database) => database.exec(`UPDATE sessions SET document = 'nonsense'`));
    expect((await refusalOf(() => store.load('ada'))).code).toBe('ERR_INVALID_DOCUMENT');
    expect(await store.kill?.('ada', { ttl: 1000, evenIfAbsent: false })).toBe(true);
  });
});

describe('sqliteStore', () => {
  it('F17 lets a session expire, and deletes it although it is not requested', async () => {
    const path = await databasePath();
    const document = await documentOf('ada');
    const first = sqliteStore(path);
    for (const [id, ttl] of [
      ['ada', 20],
      ['bob', 60_000],
      ['eve', undefined],
    ] as const)
      await first.update(id, () => document, { ttl });
    while ((await first.load('ada')) !== null) await new Promise((resolve) => setImmediate(resolve));
    expect((await first.ids()).sort()).toEqual(['bob', 'eve']);
    // It begins anew where its row still is.
    expect(await first.update('ada', (stored) => (stored === null ? document : null), { ttl: 1 })).toEqual(
      document,
    );
    while ((await first.load('ada')) !== null) await new Promise((resolve) => setImmediate(resolve));
    await first.close();
    await openStore(path).update('bob', (stored) => (stored === null ? null : { ...stored }));
    const rows = inDatabase(path, (database) =>
      database.prepare('SELECT id FROM sessions ORDER BY id').all(),
    );
    expect(rows.map(({ id }) => id)).toEqual(['bob', 'eve']);
  });

  it('waits while another process writes, and fails when that takes too long', async () => {
    const path = await databasePath();
    const [store, hasty] = [openStore(path), openStore(path, { lockTimeout: 20 })];
    await Promise.all([store.load('ada'), hasty.load('ada')]);
    const document = await documentOf('ada');
    const other = new DatabaseSync(path);
    onTestFinished(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    const waiting = store.update('ada', () => document);
    const error = await refusalOf(() => hasty.update('ada', () => document));
    expect([error.code, error.message]).toEqual([
      'ERR_STORE',
      'sqliteStore cannot save session ada (database is locked)',
    ]);
    // Reading waits for nobody.
    expect(await store.load('ada')).toBe(null);
    other.exec('COMMIT');
    expect(await waiting).toEqual(document);
  });

  it('D14 reports a database that cannot be written, keeps its changes, and continues when it can', async () => {
    const path = await databasePath();
    const store = openStore(path);
    const document = await documentOf('ada');
    await store.update('ada', () => document);
    const trigger =
      "CREATE TRIGGER full BEFORE INSERT ON sessions WHEN NEW.id = 'bob' BEGIN SELECT RAISE(ABORT, 'no'); END";
    inDatabase(path, (database) => database.exec(trigger));
    // In one transaction with one that fails.
    const [bob, eve] = await Promise.allSettled([
      store.update('bob', () => document),
      store.update('eve', () => document),
    ]);
    expect([bob, eve]).toMatchObject([
      { status: 'rejected', reason: { code: 'ERR_STORE' } },
      { status: 'fulfilled', value: document },
    ]);
    inDatabase(path, (database) => database.exec('DROP TRIGGER full'));
    await store.update('bob', () => document);
    expect((await store.ids()).sort()).toEqual(['ada', 'bob', 'eve']);
  });

  it('refuses work once it is closed', async () => {
    const store = sqliteStore(await databasePath());
    const document = await documentOf('ada');
    const saved = store.update('ada', () => document);
    await saved;
    await store.close();
    await store.close();
    const error = await refusalOf(() => store.load('ada'));
    expect([error.code, error.message]).toEqual(['ERR_STORE', 'sqliteStore has been closed']);
  });

  it.each([
    ['path', ['']],
    ['lockTimeout', ['x.db', { lockTimeout: -1 }]],
    ['timeout', ['x.db', { timeout: 1 }]],
    ['encryptionKey', ['x.db', { encryptionKey: undefined }]],
  ])('refuses by its name: %s', async (name, given) => {
    const error = await refusalOf(() => sqliteStore(...(given as Parameters<typeof sqliteStore>)));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) });
  });
});

describe('encryption of sqliteStore', () => {
  const encryptionKey = 'c4n4ry horse';

  it('D16 leaves nothing of a session readable in any of its files', async () => {
    const folder = await temporaryFolder();
    const store = openStore(join(folder, 'sessions.db'), { encryptionKey });
    const registry = createRegistry({ store });
    (await registry.create('ada')).setCookie('sid', 'c4n4ry', 'https://example.com/');
    await registry.close();
    for (const name of await readdir(folder))
      expect(await readFile(join(folder, name), 'latin1')).not.toMatch(/c4n4ry|example\.com/);
    const again = createRegistry({ store });
    expect((await again.get('ada')).getCookies('https://example.com/')).toEqual({ sid: 'c4n4ry' });
    await again.close();
  });

  it.each<[string, { encryptionKey?: EncryptionKey }]>([
    ['another passphrase', { encryptionKey: 'c4n4ry other' }],
    ['a key instead of a passphrase', { encryptionKey: new Uint8Array(32) }],
    ['no key', {}],
  ])('D16 tells %s, and leaves the document as it is', async (_, options) => {
    const path = await databasePath();
    const document = await documentOf('ada');
    await openStore(path, { encryptionKey }).update('ada', () => document);
    const other = openStore(path, options);
    for (const action of [() => other.load('ada'), () => other.update('ada', () => ({ ...document }))])
      expect((await refusalOf(action)).code).toBe('ERR_STORE_KEY');
    expect(await openStore(path, { encryptionKey }).load('ada')).toEqual(document);
  });

  it('F21 has one salt for all processes, and decrypts with any key of a list', async () => {
    const path = await databasePath();
    const ids = Array.from({ length: 6 }, (_, index) => `user${index}`);
    await Promise.all(
      ids.map(async (id) => {
        const document = await documentOf(id);
        await openStore(path, { encryptionKey }).update(id, () => document);
      }),
    );
    const rows = inDatabase(path, (database) => database.prepare('SELECT document FROM sessions').all());
    expect(new Set(rows.map(({ document }) => JSON.parse(String(document)).salt)).size).toBe(1);
    const next = openStore(path, { encryptionKey: ['c4n4ry next', encryptionKey] });
    await next.update('user0', (stored) => (stored === null ? null : { ...stored }));
    expect((await openStore(path, { encryptionKey: 'c4n4ry next' }).load('user0'))?.sessionId).toBe('user0');
  });
});
