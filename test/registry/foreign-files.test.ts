import {
  chmod,
  chown,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPrivate, systemFiles } from '../../src/registry/durable-file.ts';
import { fileStore } from '../../src/registry/index.ts';
import { documentOf } from '../contracts/documents.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { refusalOf } from '../helpers/refusals.ts';

/** Another user than the one of this process. */
const stranger = 12_345;
const canChown = process.geteuid?.() === 0;

async function saved(folder: string): Promise<string> {
  const document = await documentOf('ada');
  await fileStore(folder).update('ada', () => document);
  return join(folder, 'session-ada.json');
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('A17 a folder to which others have access', () => {
  it('is refused when it is a link, and its target is not changed', async () => {
    const parent = await temporaryFolder();
    const [target, folder] = [join(parent, 'target'), join(parent, 'sessions')];
    await mkdir(target, { mode: 0o755 });
    await chmod(target, 0o755);
    await symlink(target, folder);
    const error = await refusalOf(() => fileStore(folder).load('ada'));
    expect([error.code, error.message]).toEqual([
      'ERR_STORE',
      `fileStore cannot read session ada: ${folder} is a link`,
    ]);
    expect([await modeOf(target), await readdir(target)]).toEqual(['755', []]);
  });

  it.skipIf(!canChown)('is refused when it is another user’s', async () => {
    const folder = join(await temporaryFolder(), 'sessions');
    await mkdir(folder, { mode: 0o777 });
    await chmod(folder, 0o777);
    await chown(folder, stranger, stranger);
    const document = await documentOf('ada');
    const error = await refusalOf(() => fileStore(folder).update('ada', () => document));
    expect(error.message).toBe(
      `fileStore cannot use its folder: ${folder} belongs to another user (${stranger})`,
    );
    expect([await modeOf(folder), await readdir(folder)]).toEqual(['777', []]);
  });
});

describe('A17 a file to which others have access', () => {
  it.skipIf(!canChown)('is not read when it is another user’s', async () => {
    const folder = await temporaryFolder();
    const path = await saved(folder);
    await chown(path, stranger, stranger);
    const error = await refusalOf(() => fileStore(folder).load('ada'));
    expect([error.code, error.message]).toEqual([
      'ERR_STORE',
      `fileStore cannot read session ada: ${path} belongs to another user (${stranger})`,
    ]);
  });

  it('is not read when it has another hard link, and is not changed', async () => {
    const folder = await temporaryFolder();
    const path = await saved(folder);
    const elsewhere = join(await temporaryFolder(), 'other');
    await rename(path, elsewhere);
    await chmod(elsewhere, 0o644);
    await link(elsewhere, path);
    const error = await refusalOf(() => fileStore(folder).load('ada'));
    expect(error.message).toContain('has another name, too');
    expect(await modeOf(elsewhere)).toBe('644');
  });

  it('is read when it was just written, and another process replaces it meanwhile', async () => {
    const path = await saved(await temporaryFolder());
    const before = await readFile(path, 'utf8');
    await link(path, `${path}.lock`);
    const lstat = async (...given: Parameters<typeof systemFiles.lstat>) => {
      await unlink(`${path}.lock`);
      await writeFile(`${path}.tmp`, 'after');
      await rename(`${path}.tmp`, path);
      return systemFiles.lstat(...given);
    };
    const files = { ...systemFiles, lstat: lstat as typeof systemFiles.lstat };
    expect(await readPrivate(path, files)).toBe(before);
    expect(await readPrivate(path, systemFiles)).toBe('after');
  });

  it('is not followed when it is a link', async () => {
    const folder = await temporaryFolder();
    const path = await saved(folder);
    const elsewhere = join(await temporaryFolder(), 'other');
    await rename(path, elsewhere);
    await symlink(elsewhere, path);
    expect((await refusalOf(() => fileStore(folder).load('ada'))).message).toContain('ELOOP');
  });

  it('is not used as a note that a session was killed', async () => {
    const folder = await temporaryFolder();
    await saved(folder);
    const note = join(await temporaryFolder(), 'note');
    await writeFile(note, `{"until":${Date.now() + 60_000}}`);
    await symlink(note, join(folder, 'session-bob.killed'));
    expect((await refusalOf(() => fileStore(folder).load('bob'))).code).toBe('ERR_STORE');
    expect(await readFile(note, 'utf8')).toContain('until');
  });
});
