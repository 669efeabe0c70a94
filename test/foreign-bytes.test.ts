import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { createSession } from '../src/index.ts';
import { parsePage } from '../src/page/index.ts';
import { fileStore } from '../src/registry/index.ts';

const realm = createContext({});

/** Bytes whose class is that of another realm, as Jest's are. */
function foreign(text: string): Uint8Array {
  return runInContext(`Uint8Array.from(${JSON.stringify([...Buffer.from(text)])})`, realm) as Uint8Array;
}

it('F22 takes bytes of another realm as a page', () => {
  expect(foreign('x')).not.toBeInstanceOf(Uint8Array);
  const page = parsePage(foreign('<title>hello</title>'), { url: 'https://a.test/' });
  expect(page.title).toBe('hello');
});

it('F22 takes bytes of another realm as a cookie file', async () => {
  await using session = await createSession();
  const bytes = foreign('a.test\tFALSE\t/\tFALSE\t0\tsid\t1\n');
  await session.importCookies(bytes as never);
  expect(session.getCookies('http://a.test/')).toMatchObject({ sid: '1' });
});

it('F22 takes bytes of another realm as a key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-foreign-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(() => fileStore(folder, { encryptionKey: foreign('k'.repeat(32)) })).not.toThrow();
});
