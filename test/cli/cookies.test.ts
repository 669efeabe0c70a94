import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand, stateOf } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const file = `# Netscape HTTP Cookie File
shop.example\tFALSE\t/\tTRUE\t0\tsid\tc4n4ry
.shop.example\tTRUE\t/cart\tFALSE\t0\ttheme\tdark
broken line
`;

async function shop() {
  const env = await stateOf({ JARFETCH_SESSION: 'ada', SID: 'c4n4ry' });
  await runCommand(['session', 'new', 'ada'], { env });
  const run = (words: readonly string[], stdin = '') => runCommand(words, { env, stdin });
  const imported = await run(['cookies', 'import', '-'], file);
  return { env, run, imported };
}

describe('cookies import', () => {
  it('reports which cookies were imported and which were not, without values', async () => {
    const { imported, run } = await shop();
    expect(imported).toEqual({
      ...{ code: 0, output: '2 imported, 1 left out (netscape)\n', errors: 'left out: line 4: malformed\n' },
    });
    expect(JSON.parse((await run(['cookies', 'import', '-', '--json'], file)).output).data).toMatchObject({
      imported: 2,
    });
  });

  it('reads a file, and a Cookie header for a URL', async () => {
    const { run } = await shop();
    const path = join(await temporaryFolder(), 'cookies.txt');
    await writeFile(path, file);
    expect((await run(['cookies', 'import', path])).code).toBe(0);
    const header = ['cookies', 'import', '-', '--format', 'cookie-header', '--url', 'https://a.test/'];
    expect((await run(header, 'Cookie: a=1; b=2')).output).toContain('2 imported');
    expect((await run(['cookies', 'import', '-'], 'neither this nor that')).code).toBe(2);
  });
});

describe('cookies list and explain', () => {
  it('show values only with an option', async () => {
    const { run } = await shop();
    const { output } = await run(['cookies', 'list']);
    expect(output).toBe(
      'sid=…    shop.example/       session  Secure\ntheme=…  .shop.example/cart  session\n',
    );
    expect((await run(['cookies', 'list', '--json'])).output).not.toContain('c4n4ry');
    expect((await run(['cookies', 'list', '--show-secrets'])).output).toContain('sid=c4n4ry');
  });

  it('list the cookies that a URL is sent, and explain the others', async () => {
    const { run } = await shop();
    const names = async (...words: string[]) =>
      JSON.parse((await run([...words, '--json'])).output).data.cookies.map(
        (one: { name?: string; cookie?: { name: string }; reason?: string | null }) =>
          one.name ?? `${one.cookie?.name} ${one.reason}`,
      );
    expect(await names('cookies', 'list', '--url', 'http://shop.example/cart')).toEqual(['theme']);
    expect(await names('cookies', 'explain', 'http://shop.example/')).toEqual(['theme path', 'sid insecure']);
    expect((await run(['cookies', 'explain', 'shop.example/cart', '--context', 'none'])).output).toContain(
      'not sent: its SameSite does not allow it',
    );
  });
});

describe('cookies export', () => {
  it('writes a file that is its owner’s alone', async () => {
    const { run } = await shop();
    const path = join(await temporaryFolder(), 'out.txt');
    expect((await run(['cookies', 'export', '-o', path])).output).toBe(`${path}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toContain('shop.example\tFALSE\t/\tTRUE\t0\tsid\tc4n4ry\n');
  });

  it('prints secrets only with an option', async () => {
    const { run } = await shop();
    const { code, errors } = await run(['cookies', 'export']);
    expect(errors).toContain('print them with --show-secrets');
    expect(code).toBe(2);
    const { output } = await run(['cookies', 'export', '--format', 'playwright', '--show-secrets']);
    expect(JSON.parse(output).cookies).toHaveLength(2);
  });

  it('of each format is imported again', async () => {
    const { run } = await shop();
    for (const format of ['netscape', 'playwright', 'chrome', 'puppeteer', 'webdriver', 'tough-cookie']) {
      const { output } = await run(['cookies', 'export', '--format', format, '--show-secrets']);
      const again = await run(['cookies', 'import', '-', '--format', format], output);
      expect([format, again.output]).toEqual([format, `2 imported, 0 left out (${format})\n`]);
    }
  });
});

describe('cookies set and clear', () => {
  it.each([
    [['theme=dark'], 'theme=dark', ''],
    [['sid', '--value-stdin'], 'sid=c4n4ry', 'c4n4ry\n'],
    [['sid', '--value-env', 'SID'], 'sid=c4n4ry', ''],
  ])('%j sets a cookie', async (words, pair, stdin) => {
    const { run } = await shop();
    const set = [
      'cookies',
      'set',
      ...words,
      '--url',
      'https://a.test/',
      '--secure',
      '--http-only',
      '--same-site',
      'lax',
    ];
    expect(await run([...set, '--max-age', '1h', '--domain', 'a.test', '--path', '/x'], stdin)).toEqual({
      ...{ code: 0, output: '', errors: '' },
    });
    const { output } = await run(['cookies', 'list', '--show-secrets']);
    expect(output).toMatch(
      new RegExp(`^${pair} +\\.a\\.test/x +20\\S+Z +Secure HttpOnly SameSite=[Ll]ax$`, 'm'),
    );
  });

  it.each([
    [['theme=dark'], 'needs --url URL'],
    [['theme', '--url', 'a.test'], 'needs one value'],
    [['theme=dark', '--value-stdin', '--url', 'a.test'], 'needs one value'],
    [['sid', '--value-env', 'NOWHERE', '--url', 'a.test'], 'this environment variable is not set'],
  ])('%j is refused', async (words, message) => {
    const { run } = await shop();
    const { code, errors } = await run(['cookies', 'set', ...words]);
    expect(errors).toContain(message);
    expect(code).toBe(2);
  });

  it('clear some, then all', async () => {
    const { run } = await shop();
    expect((await run(['cookies', 'clear', '--name', 'sid'])).output).toBe('1 removed, 1 left\n');
    expect((await run(['cookies', 'clear'])).output).toBe('1 removed, 0 left\n');
  });
});

it('need a session', async () => {
  const { code, errors } = await runCommand(['cookies', 'list']);
  expect(errors).toContain('cookies list needs a session');
  expect(code).toBe(2);
});
