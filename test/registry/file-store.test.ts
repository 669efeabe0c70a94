import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRegistry, fileStore } from '../../src/registry/index.ts';
import { documentOf } from '../contracts/documents.ts';
import { itIsAStore } from '../contracts/store.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { refusalOf } from '../helpers/refusals.ts';

itIsAStore('fileStore', async () => {
  const folder = await temporaryFolder();
  return [fileStore(folder), fileStore(folder)];
});

itIsAStore('fileStore with a passphrase', async () => {
  const folder = await temporaryFolder();
  const options = { encryptionKey: 'correct horse' };
  return [fileStore(folder, options), fileStore(folder, options)];
});

/** The rights of a file, in octal. */
async function rightsOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

async function saved(folder: string, id = 'ada', options = {}): Promise<string> {
  const document = await documentOf(id);
  await fileStore(folder, options).update(id, () => document);
  return join(folder, `session-${id}.json`);
}

describe('the permissions of the files of fileStore', () => {
  it.each([0o000, 0o022, 0o077])('D04 are the owner\u2019s alone under umask %o', async (mask) => {
    const folder = join(await temporaryFolder(), 'inner', 'sessions');
    const before = process.umask(mask);
    try {
      const path = await saved(folder);
      expect([await rightsOf(folder), await rightsOf(path)]).toEqual(['700', '600']);
    } finally {
      process.umask(before);
    }
  });

  it('D04 are removed for others when a folder and a file have more', async () => {
    const folder = await temporaryFolder();
    const path = await saved(folder);
    await chmod(folder, 0o755);
    await chmod(path, 0o644);
    expect((await fileStore(folder).load('ada'))?.sessionId).toBe('ada');
    expect([await rightsOf(folder), await rightsOf(path)]).toEqual(['700', '600']);
    await chmod(path, 0o666);
    await saved(folder);
    expect(await rightsOf(path)).toBe('600');
  });
});

describe('a file that is not a session', () => {
  it('D05 is refused when it is a link, for reading and writing', async () => {
    const folder = await temporaryFolder();
    const target = join(folder, 'elsewhere');
    await writeFile(target, 'precious');
    await symlink(target, join(folder, 'session-ada.json'));
    const document = await documentOf('ada');
    expect((await refusalOf(() => fileStore(folder).load('ada'))).code).toBe('ERR_STORE');
    expect((await refusalOf(() => fileStore(folder).update('ada', () => document))).code).toBe('ERR_STORE');
    expect(await readFile(target, 'utf8')).toBe('precious');
  });

  it('D05 is not read when it is a folder', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'session-ada.json'));
    expect((await refusalOf(() => fileStore(folder).load('ada'))).code).toBe('ERR_STORE');
  });

  it.each<[string, string]>([
    ['empty', ''],
    ['cut', '{"version":1,"sessionId":"ada"'],
    ['binary', '\u0000\u0001\ufffd'],
    ['null', 'null'],
    ['a list', '[]'],
    ['of no version that there ever was', '{"version":0}'],
    ['with a cookie that is null', '{"version":1,"cookies":[null]}'],
    ['nested without end', '['.repeat(100_000)],
  ])('D06 is set aside and told: %s', async (_, text) => {
    const folder = await temporaryFolder();
    const path = await saved(folder);
    await writeFile(path, text);
    const store = fileStore(folder);
    const error = await refusalOf(() => store.load('ada'));
    expect(error).toMatchObject({
      code: 'ERR_INVALID_DOCUMENT',
      message: expect.stringContaining('set aside as'),
    });
    const [aside] = await readdir(folder);
    expect(aside).toMatch(/^session-ada\.json\.corrupt-/);
    expect(await readFile(join(folder, aside ?? ''), 'utf8')).toBe(text);
    expect([await store.load('ada'), await store.ids()]).toEqual([null, []]);
  });

  it('F10 is not changed when a later release wrote it, and can be killed', async () => {
    const folder = await temporaryFolder();
    const path = await saved(folder);
    const text = '{"version":2,"sessionId":"ada","more":"than is known here"}';
    await writeFile(path, text);
    const store = fileStore(folder);
    const document = await documentOf('ada');
    for (const action of [() => store.load('ada'), () => store.update('ada', () => document)]) {
      const error = await refusalOf(action);
      expect([error.code, error.message]).toEqual([
        'ERR_STORE_VERSION',
        'The saved session is of version 2, which a later release of jarfetch wrote; this one reads version 1',
      ]);
    }
    expect([await readdir(folder), await readFile(path, 'utf8')]).toEqual([['session-ada.json'], text]);
    const registry = createRegistry({ store });
    expect((await refusalOf(() => registry.getOrCreate('ada'))).code).toBe('ERR_STORE_VERSION');
    expect(await registry.kill('ada')).toBe(true);
    await registry.close();
  });

  it('D06 is never treated as an empty session: overwriting it fails once, too', async () => {
    const folder = await temporaryFolder();
    await writeFile(await saved(folder), 'broken');
    const document = await documentOf('ada');
    const store = fileStore(folder);
    const error = await refusalOf(() => store.update('ada', () => document));
    expect(error.code).toBe('ERR_INVALID_DOCUMENT');
    expect(await store.update('ada', () => document)).toEqual(document);
  });

  it('D19 does not hide other sessions from list', async () => {
    const folder = await temporaryFolder();
    await saved(folder, 'bob');
    await writeFile(await saved(folder, 'ada'), 'broken');
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await writeFile(join(folder, 'session-A.json'), 'a name that no id has');
    const told: string[] = [];
    const registry = createRegistry({ store: fileStore(folder), onError: (_, id) => told.push(id) });
    expect((await registry.list()).map(({ id }) => id)).toEqual(['bob']);
    expect(told).toEqual(['ada']);
    await registry.close();
  });
});

describe('the names of files', () => {
  it.each(['../evil', '/etc/passwd', 'a/b', 'a\0b', '..', ''])(
    'D07 never leave the folder: %j',
    async (id) => {
      const folder = await temporaryFolder();
      const store = fileStore(folder);
      expect((await refusalOf(() => store.load(id))).code).toBe('ERR_INVALID_OPTION');
      expect((await refusalOf(() => store.update(id, () => null))).code).toBe('ERR_INVALID_OPTION');
    },
  );

  it('D07 differ by more than case, leave room for a lock, and are not devices', async () => {
    const folder = await temporaryFolder();
    const ids = ['CON', 'con', 'X'.repeat(64), '.a'.slice(1), 'a.b'];
    for (const id of ids) {
      const document = await documentOf(id);
      await fileStore(folder).update(id, () => document);
    }
    const names = await readdir(folder);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(ids.length);
    expect(Math.max(...names.map((name) => name.length))).toBeLessThan(230);
    expect(names.every((name) => name.startsWith('session-'))).toBe(true);
  });

  it('D12 are resolved in the given folder, also after process.chdir', async () => {
    const [folder, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    await saved(elsewhere);
    const before = process.cwd;
    process.cwd = () => folder;
    const store = fileStore('sessions');
    process.cwd = () => elsewhere;
    try {
      expect(await store.load('ada')).toBe(null);
      const document = await documentOf('ada');
      await store.update('ada', () => document);
    } finally {
      process.cwd = before;
    }
    expect(await readdir(join(folder, 'sessions'))).toEqual(['session-ada.json']);
  });
});

describe('options of fileStore', () => {
  it.each([
    ['folder', '', {}],
    ['lockTimeout', 'x', { lockTimeout: 0 }],
    ['key', 'x', { key: 'k' }],
    ['encryptionKey', 'x', { encryptionKey: undefined }],
    ['encryptionKey', 'x', { encryptionKey: [] }],
    ['encryptionKey', 'x', { encryptionKey: ['good', ''] }],
  ])('are refused by their name: %s', async (name, folder, options) => {
    const error = await refusalOf(() => fileStore(folder, options as object));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) });
  });
});
