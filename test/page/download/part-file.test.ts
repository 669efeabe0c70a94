import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSession } from '../../../src/index.ts';
import { PartFile, systemFiles } from '../../../src/page/download/part-file.ts';
import { downloadWith } from '../../../src/page/download.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { startServer } from '../../helpers/servers.ts';
import { FaultyFiles } from './faulty-files.ts';

const startReport = () =>
  startServer((_, response) => {
    response.writeHead(200, { 'content-length': 6, etag: '"1"' }).end('report');
  });

describe('the steps of a download', () => {
  it('sync the file before the rename, and the folder after it', async () => {
    const server = await startReport();
    const folder = await temporaryFolder();
    const faulty = new FaultyFiles();
    faulty.mostBytes = 4;
    await downloadWith(faulty.files, await createSession(), server.url, join(folder, 'file'), {});
    const writes = ['open part', 'write note', 'write', 'write', 'truncate', 'sync part'];
    expect(faulty.steps).toEqual([...writes, 'rename', 'open folder', 'sync folder']);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('report');
  });

  it.each<[string, string[]]>([
    ['open part', []],
    ['write note', []],
    ['write', []],
    ['truncate', ['file.part', 'file.part.json']],
    ['sync part', ['file.part', 'file.part.json']],
    ['rename', ['file.part', 'file.part.json']],
  ])('leave the old file whole where "%s" finds a full disk', async (step, kept) => {
    const server = await startReport();
    const folder = await temporaryFolder();
    const path = join(folder, 'file');
    await writeFile(path, 'old');
    const faulty = new FaultyFiles();
    faulty.failAt = step;
    await using session = await createSession();
    const error = await refusalOf(() => downloadWith(faulty.files, session, server.url, path, {}));
    expect([error.code, error.message]).toEqual([
      'ERR_FILE',
      expect.stringContaining('the disk is full (ENOSPC)'),
    ]);
    expect((error.cause as NodeJS.ErrnoException).code).toBe('ENOSPC');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect((await readdir(folder)).sort()).toEqual(['file', ...kept]);
    faulty.failAt = null;
    await downloadWith(faulty.files, session, server.url, path, { resume: true });
    expect(await readFile(path, 'utf8')).toBe('report');
    expect(await readdir(folder)).toEqual(['file']);
  });

  it('leave no part that cannot be continued', async () => {
    const server = await startServer((_, response) => void response.end('report'));
    const folder = await temporaryFolder();
    const faulty = new FaultyFiles();
    faulty.failAt = 'rename';
    const session = await createSession();
    await refusalOf(() => downloadWith(faulty.files, session, server.url, join(folder, 'file'), {}));
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['open folder', 'sync folder'])('end well where "%s" cannot be done', async (step) => {
    const server = await startReport();
    const path = join(await temporaryFolder(), 'file');
    const faulty = new FaultyFiles();
    faulty.failAt = step;
    await downloadWith(faulty.files, await createSession(), server.url, path, {});
    expect(await readFile(path, 'utf8')).toBe('report');
  });
});

describe('two processes that write to one path', () => {
  const begun = async (path: string, text: string): Promise<PartFile> => {
    const part = new PartFile(path, systemFiles);
    await part.begin({ field: 'etag', value: '"1"' }, null, 'http://a.test/');
    await part.write(Buffer.from(text));
    return part;
  };

  it('do not mix their bytes: the later start succeeds, the other one fails', async () => {
    const path = join(await temporaryFolder(), 'file');
    const first = await begun(path, 'first');
    const second = await begun(path, '2');
    await first.write(Buffer.from(' and more'));
    expect((await refusalOf(() => first.finish())).message).toContain('another download has taken its place');
    await first.release();
    await first.discard();
    await second.sync();
    await second.finish();
    expect(await readFile(path, 'utf8')).toBe('2');
  });

  it('do not continue a part by the note of another', async () => {
    const path = join(await temporaryFolder(), 'file');
    await (await begun(path, 'first')).release();
    await writeFile(`${path}.new`, 'foreign');
    await rename(`${path}.new`, `${path}.part`);
    expect(await new PartFile(path, systemFiles).reopen()).toBeNull();
  });
});
