/** The programs of docs/recipes.md and of the README run as they stand, each against a site of its own on 127.0.0.1. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startHttpProxy } from '../helpers/proxies.ts';
import { startRecipeSite } from '../helpers/recipe-site.ts';
import { startWebSocketServer } from '../helpers/websockets.ts';
import { type PreparedProgram, prepareSnippet } from './run-snippet.ts';
import { type Snippet, snippetsOf } from './snippets.ts';

const recipes = snippetsOf('docs/recipes.md');
const ofReadme = snippetsOf('README.md');

interface Recipe extends PreparedProgram {
  readonly site: Awaited<ReturnType<typeof startRecipeSite>>;
}

/** @param changes what stands for a host of the reader's, and what is there in its place */
function prepare(heading: string, changes: Readonly<Record<string, string>> = {}): Promise<Recipe> {
  return prepareRecipe(
    recipes.find((recipe) => recipe.heading === heading),
    changes,
  );
}

async function prepareRecipe(
  snippet: Snippet | undefined,
  changes: Readonly<Record<string, string>> = {},
): Promise<Recipe> {
  const site = await startRecipeSite();
  return { ...(await prepareSnippet(snippet, site.url, changes)), site };
}

describe('a recipe', () => {
  it('logs in by a form with a token and downloads a file', async () => {
    const { run, folder, site } = await prepare('Log in by a form, and download a file');
    await run();
    expect(await readFile(join(folder, 'report.pdf'), 'utf8')).toBe('%PDF-1.7');
    expect(site.logins()).toBe(1);
  });

  it('uses ten proxies, each with its own session', async () => {
    const proxies = await Promise.all(Array.from({ length: 10 }, () => startHttpProxy()));
    const hosts = JSON.stringify(proxies.map(({ host }) => host));
    const { run } = await prepare('Ten proxies', { 'proxy-${index}.example:8080': `\${${hosts}[index]}` });
    expect(await run()).toBe('an address\n'.repeat(10));
    expect(proxies.map(({ seen }) => seen.length)).toEqual(Array(10).fill(1));
  });

  it('reports which proxy could not be reached', async () => {
    const { run } = await prepare('Ten proxies', { 'proxy-${index}.example:8080': '127.0.0.1:1' });
    const message = 'Could not connect to the proxy 127.0.0.1:1 (ECONNREFUSED)\n';
    expect(await run()).toBe(message.repeat(10));
  });

  it('imports the cookies of a browser', async () => {
    const { run, folder } = await prepare('The cookies of a browser');
    await writeFile(join(folder, 'cookies.txt'), '127.0.0.1\tFALSE\t/\tFALSE\t0\tfile\t1\n');
    expect(await run()).toBe('1 []\nfile=1; theme=dark; lang=en; cart=7\n');
  });

  it('waits as long as a 429 asks for', async () => {
    const { run } = await prepare('429 and Retry-After');
    expect(await run()).toBe('again, because of status 429\n200 after 2 attempts\n');
  });

  it('reads all pages of an API', async () => {
    expect(await (await prepare('An API of pages that the Link header names')).run()).toBe('6\n');
  });

  it('uploads a file with its length', async () => {
    const { run, folder } = await prepare('Upload a file');
    await writeFile(join(folder, 'photo.jpg'), 'x'.repeat(100_000));
    expect(await run()).toMatch(/^100\d\d\d photo\.jpg\n$/);
  });

  it('says why a cookie is not sent', async () => {
    const output = await (await prepare('Why is my cookie not sent?')).run();
    const told = output
      .replaceAll(/http:\S+ /g, '')
      .trim()
      .split('\n');
    const stored = ['ok stored', 'part stored', 'all same-site-none-insecure'];
    expect(told).toEqual([...stored, 'part path', 'ok sent']);
  });

  it('stays logged in over a restart', async () => {
    const { run, site } = await prepare('Stay logged in over a restart');
    expect([await run(), await run(), site.logins()]).toEqual(['200\n', '200\n', 1]);
  });

  it('receives events and uses a WebSocket', async () => {
    const { url } = await startWebSocketServer();
    const { run } = await prepare('Server-sent events and a WebSocket', { "'/chat'": `new URL('${url}')` });
    expect(await run()).toBe('message hello\nbye soon\nhello\n');
  });

  it('runs as CommonJS', async () => {
    expect(await (await prepare('CommonJS')).run()).toBe('The shop\n');
  });

  it('is here for each program of the page', () => {
    expect(recipes.map(({ heading }) => heading)).toEqual([
      'Log in by a form, and download a file',
      'Ten proxies',
      'The cookies of a browser',
      '429 and Retry-After',
      'An API of pages that the Link header names',
      'Upload a file',
      'Why is my cookie not sent?',
      'Stay logged in over a restart',
      'Server-sent events and a WebSocket',
      'CommonJS',
    ]);
  });
});

describe('the README', () => {
  it('begins with a program that logs in at an ordinary form site without changes', async () => {
    const [first] = ofReadme;
    const { run, site } = await prepareRecipe(first);
    expect(await run()).toBe('200 <h1>Hello</h1>\n');
    expect([site.logins(), first?.code.split('\n').length]).toEqual([1, expect.toSatisfy(isShort)]);
  });

  it('has a program that is logged in after a restart without changes', async () => {
    const { run, site } = await prepareRecipe(ofReadme.find(({ code }) => code.includes('createRegistry')));
    expect([await run(), await run(), site.logins()]).toEqual(['200\n', '200\n', 1]);
  });
});

const isShort = (lines: unknown): boolean => Number(lines) <= 10;
