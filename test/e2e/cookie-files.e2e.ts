/** cookies.txt between sessions and curl, wget and Python: what one writes, the other reads, and sends the same. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSession, type Session } from 'jarfetch';
import { startCookieHosts } from './cookie-hosts.ts';
import { type CookieProgram, cookiePrograms, PACKAGES } from './cookie-programs.ts';
import type { Suite, SuiteContext } from './suite.ts';
import { installPackages } from './system.ts';

const pages = {
  'http://www.shop.example/account/login': [
    'session=1; Path=/',
    'deep=2',
    'dated=3; Path=/; Max-Age=86400',
    'domain=4; Path=/; Max-Age=86400; Domain=shop.example',
    'quoted="a = b"; Path=/; Max-Age=86400',
    'empty=; Path=/; Max-Age=86400',
    'httponly=5; Path=/; Max-Age=86400; HttpOnly',
  ],
  'https://secure.shop.example/': [
    'secure=6; Path=/; Max-Age=86400; Secure',
    '__Host-id=7; Path=/; Max-Age=86400; Secure',
  ],
  'http://other.test/': ['other=8; Path=/; Max-Age=86400', 'gone=9; Path=/; Max-Age=0'],
  'http://127.0.0.1/': ['address=10; Path=/; Max-Age=86400'],
};
const visited = Object.keys(pages);

/** Pages that set nothing, so that looking changes nothing. */
const matrix = [
  'http://www.shop.example/',
  'http://www.shop.example/account/orders',
  'http://www.shop.example/help',
  'http://shop.example/',
  'http://sub.shop.example/',
  'https://secure.shop.example/here',
  'http://secure.shop.example/here',
  'http://other.test/here',
  'http://unrelated.test/',
  'http://127.0.0.1/here',
];

export const suite: Suite = {
  name: 'cookie-files',
  run: async (context) => {
    const { step, signal, defer } = context;
    await step(`${PACKAGES.join(', ')} are installed`, () => installPackages(PACKAGES, signal));
    const hosts = await startCookieHosts(pages);
    defer(() => hosts.stop());
    const folder = await mkdtemp(join(tmpdir(), 'jarfetch-cookie-files-'));
    defer(() => rm(folder, { recursive: true }));
    const start = async (): Promise<Session> => {
      const session = await createSession({ proxy: hosts.proxy, insecure: true });
      defer(() => session.close());
      return session;
    };
    const own = await start();
    for (const url of visited) await (await own.fetch(url)).text();
    const expected = await shown((url) => openPage(own, url));
    await step('a session sends ten pages the cookies that are theirs', () => {
      assert.equal(Object.values(expected).flat().length, 27);
    });
    for (const program of cookiePrograms(hosts.proxy, signal)) {
      await exchangeFiles(context, { program, folder, own, expected, start });
    }
  },
};

type Shown = Record<string, string[]>;

/** The cookies that each page was asked with; programs differ in their order. */
async function shown(open: (url: string) => Promise<string>): Promise<Shown> {
  const result: Shown = {};
  for (const url of matrix) {
    const header = await open(url);
    result[url] = header === '' ? [] : header.split('; ').sort();
  }
  return result;
}

async function openPage(session: Session, url: string): Promise<string> {
  return (await session.fetch(url)).text();
}

interface Exchange {
  readonly program: CookieProgram;
  readonly folder: string;
  /** A session that has visited the pages. */
  readonly own: Session;
  /** What it sends. */
  readonly expected: Shown;
  /** Makes a session that has visited nothing. */
  start(): Promise<Session>;
}

async function exchangeFiles({ step }: SuiteContext, exchange: Exchange): Promise<void> {
  const { program, folder, own, expected, start } = exchange;
  const other = await start();
  const theirs = join(folder, `${program.name}-writes.txt`);
  const ours = join(folder, `${program.name}-reads.txt`);

  await step(`${program.name} visits the pages and keeps its cookies in a file`, () =>
    program.visit(visited, theirs),
  );
  await step(`a session reads the file of ${program.name}, and every line of it`, async () => {
    const { format, imported, rejected } = other.importCookies(await readFile(theirs));
    assert.deepEqual({ format, rejected }, { format: 'netscape', rejected: [] });
    assert.equal(imported, 11);
  });
  await step(`and sends what it would send had it visited the pages itself`, async () => {
    assert.deepEqual(await shown((url) => openPage(other, url)), expected);
  });
  const readable = Object.fromEntries(
    Object.entries(expected).map(([url, pairs]) => [
      url,
      pairs.filter((pair) => !program.loses.includes(pair.slice(0, pair.indexOf('=')))),
    ]),
  );
  await step(`${program.name} reads the file of a session, and sends the same`, async () => {
    await writeFile(ours, own.exportCookies('netscape'));
    assert.deepEqual(await shown((url) => program.open(url, ours)), readable);
  });
  await step(`${program.name} writes that file anew, and a session reads it back`, async () => {
    await program.visit(['http://unrelated.test/'], ours);
    const again = await start();
    assert.deepEqual(again.importCookies(await readFile(ours, 'utf8')).rejected, []);
    assert.deepEqual(await shown((url) => openPage(again, url)), readable);
  });
}
