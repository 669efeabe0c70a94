import { readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createRegistry, type EncryptionKey, fileStore } from '../../src/registry/index.ts';
import { documentOf } from '../contracts/documents.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { refusalOf } from '../helpers/refusals.ts';

const url = 'https://example.com/';

/** The rights of a file, in octal. */
async function rightsOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

async function saved(folder: string, id = 'ada', options = {}): Promise<string> {
  const document = await documentOf(id);
  await fileStore(folder, options).update(id, () => document);
  return join(folder, `session-${id}.json`);
}

describe('encryption of files', () => {
  const encryptionKey = 'c4n4ry horse';

  it('D16 leaves nothing of a session readable', async () => {
    const folder = await temporaryFolder();
    const registry = createRegistry({ store: fileStore(folder, { encryptionKey }) });
    (await registry.create('ada')).setCookie('sid', 'c4n4ry', url);
    await registry.close();
    const text = await readFile(join(folder, 'session-ada.json'), 'utf8');
    expect(text).not.toMatch(/c4n4ry|sid|example/);
    const again = createRegistry({ store: fileStore(folder, { encryptionKey }) });
    expect((await again.get('ada')).getCookies(url)).toEqual({ sid: 'c4n4ry' });
    await again.close();
  });

  it('D16 uses 32 bytes as the key itself', async () => {
    const folder = await temporaryFolder();
    const options = { encryptionKey: new Uint8Array(32).fill(7) };
    const path = await saved(folder, 'ada', options);
    expect((await fileStore(folder, options).load('ada'))?.sessionId).toBe('ada');
    expect(JSON.parse(await readFile(path, 'utf8')).salt).toBe('');
  });

  it.each<[string, { encryptionKey?: string | Uint8Array }]>([
    ['another passphrase', { encryptionKey: 'c4n4ry other' }],
    ['a key instead of a passphrase', { encryptionKey: new Uint8Array(32) }],
    ['no key', {}],
  ])('D16 tells %s, and leaves the file as it is', async (_, options) => {
    const folder = await temporaryFolder();
    const path = await saved(folder, 'ada', { encryptionKey });
    const before = await readFile(path, 'utf8');
    const document = await documentOf('ada');
    for (const action of [
      () => fileStore(folder, options).load('ada'),
      () => fileStore(folder, options).update('ada', () => document),
    ]) {
      const error = await refusalOf(action);
      expect([error.code, inspect(error)]).toEqual(['ERR_STORE_KEY', expect.not.stringContaining('c4n4ry')]);
    }
    expect([await readdir(folder), await readFile(path, 'utf8')]).toEqual([
      ['salt', 'session-ada.json'],
      before,
    ]);
  });

  it('D16 detects a changed file, and one under the name of another', async () => {
    const folder = await temporaryFolder();
    const path = await saved(folder, 'ada', { encryptionKey });
    const text = await readFile(path, 'utf8');
    const store = fileStore(folder, { encryptionKey });
    await writeFile(join(folder, 'session-bob.json'), text);
    expect((await refusalOf(() => store.load('bob'))).code).toBe('ERR_STORE_KEY');
    const sealed = JSON.parse(text);
    await writeFile(path, JSON.stringify({ ...sealed, data: `AAAA${sealed.data.slice(4)}` }));
    expect((await refusalOf(() => store.load('ada'))).code).toBe('ERR_STORE_KEY');
  });

  it('D16 does not read an unencrypted file', async () => {
    const folder = await temporaryFolder();
    await saved(folder);
    expect((await refusalOf(() => fileStore(folder, { encryptionKey }).load('ada'))).code).toBe(
      'ERR_STORE_KEY',
    );
  });

  it('A22 sets aside a file that was truncated at any position, and continues', async () => {
    const folder = await temporaryFolder();
    const key = new Uint8Array(32).fill(7);
    const path = await saved(folder, 'ada', { encryptionKey: key });
    const text = await readFile(path, 'utf8');
    for (const length of [0, 1, 12, 40, text.length - 60, text.length - 1]) {
      await writeFile(path, text.slice(0, length));
      const store = fileStore(folder, { encryptionKey: key });
      const error = await refusalOf(() => store.load('ada'));
      expect([length, error.code]).toEqual([length, 'ERR_INVALID_DOCUMENT']);
      expect(error.message).toContain('.corrupt-');
      expect(await store.load('ada')).toBe(null);
      const document = await documentOf('ada');
      await store.update('ada', () => document);
      expect(await store.load('ada')).toEqual(document);
    }
  });

  it('A23 does not use the salt of a file that cannot be decrypted, and has one salt for all processes', async () => {
    const folder = await temporaryFolder();
    const path = await saved(folder, 'mallory', { encryptionKey: 'of another' });
    const planted = JSON.parse(await readFile(path, 'utf8')).salt;
    await unlink(join(folder, 'salt'));
    const store = fileStore(folder, { encryptionKey });
    expect((await refusalOf(() => store.load('mallory'))).code).toBe('ERR_STORE_KEY');
    const ids = ['ada', 'bob', 'eve'];
    await Promise.all(ids.map((id) => saved(folder, id, { encryptionKey })));
    const salts = new Set<string>();
    for (const id of ids)
      salts.add(JSON.parse(await readFile(join(folder, `session-${id}.json`), 'utf8')).salt);
    expect([salts.size, salts.has(planted), (await rightsOf(join(folder, 'salt'))).slice(-3)]).toEqual([
      1,
      false,
      '600',
    ]);
  });

  it('A23 ignores a salt file that is not valid', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'salt'), 'AAAA');
    const path = await saved(folder, 'ada', { encryptionKey });
    const { salt } = JSON.parse(await readFile(path, 'utf8'));
    expect(Buffer.from(salt, 'base64').length).toBe(16);
    expect((await fileStore(folder, { encryptionKey }).load('ada'))?.sessionId).toBe('ada');
  });

  it.each<[string, EncryptionKey, EncryptionKey]>([
    ['passphrases', 'c4n4ry old', 'c4n4ry new'],
    ['a passphrase and bytes', 'c4n4ry old', new Uint8Array(32).fill(9)],
    ['bytes', new Uint8Array(32).fill(8), new Uint8Array(32).fill(9)],
  ])('opens with any key of a list and writes with the first: %s', async (_, old, next) => {
    const folder = await temporaryFolder();
    await saved(folder, 'ada', { encryptionKey: old });
    const store = fileStore(folder, { encryptionKey: [next, old] });
    const document = await store.load('ada');
    await store.update('ada', (stored) => (stored === null ? null : { ...stored }));
    expect(await fileStore(folder, { encryptionKey: next }).load('ada')).toEqual(document);
    const error = await refusalOf(() => fileStore(folder, { encryptionKey: old }).load('ada'));
    expect(error.code).toBe('ERR_STORE_KEY');
  });

  it('is off for null', async () => {
    const folder = await temporaryFolder();
    const path = await saved(folder, 'ada', { encryptionKey: null });
    expect(await readFile(path, 'utf8')).toContain('"sid"');
  });

  it.each<[unknown, string]>([
    ['', 'an empty string'],
    [new Uint8Array(16), '16 bytes'],
    [5, 'a value of the type number'],
    [['c4n4ry', ''], 'an empty string'],
    [['c4n4ry', null], 'null'],
  ])('D16 refuses %o as a key', async (key, came) => {
    const error = await refusalOf(() => fileStore('x', { encryptionKey: key as string }));
    expect(error).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: `encryptionKey must be a passphrase, 32 bytes, or a list of them, got ${came}`,
    });
  });

  it('D16 keeps the key out of inspect', async () => {
    const store = fileStore(await temporaryFolder(), { encryptionKey });
    expect(inspect(store, { depth: 20, showHidden: true })).not.toContain('c4n4ry');
  });
});
