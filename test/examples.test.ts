import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { type Ending, runOnSource } from './helpers/run-on-source.ts';

const root = join(import.meta.dirname, '..');
function runExample(
  file: string,
  env: Readonly<Record<string, string>> = {},
  words: readonly string[] = [],
): Promise<Ending> {
  return runOnSource([join('examples', file), ...words], { cwd: root, env });
}

describe('the demo', () => {
  it('ends with 0, every expectation met, plain when piped', async () => {
    const { code, output, errors } = await runExample('demo.ts');
    expect(errors).toBe('');
    expect(output).toMatch(/All \d+ as expected/);
    expect(output).toMatch(/POST \/login +none +403/);
    expect(output).toMatch(/POST \/login +visitor +303/);
    expect(output).toContain('✓');
    expect(output).not.toContain('✗');
    expect(output).not.toContain('\u001B');
    expect(code).toBe(0);
  });

  it('shows code that can be read, and what each way of logging in has sent', async () => {
    const { output } = await runExample('demo.ts');
    const shown = [...output.matchAll(/^\d {2}.*\n((?: {3}.+\n)+)\n/gm)].map(([, code = '']) => code);
    expect(shown.length).toBeGreaterThan(4);
    const faults = shown.filter(
      (code) => ts.transpileModule(code, { reportDiagnostics: true }).diagnostics?.length !== 0,
    );
    expect(faults).toEqual([]);
    expect(output.match(/It has seen the headers of.*/g)).toEqual([
      expect.stringContaining('no browser, from nowhere'),
      expect.stringContaining('Chrome, from its own page'),
    ]);
  });

  it('is coloured when FORCE_COLOR asks for it', async () => {
    const { output } = await runExample('demo.ts', { FORCE_COLOR: '1' });
    expect(output).toContain('\u001B[32m✓');
  });

  it('ends with 1 and names the leaked cookie and both accounts when the site leaks one', async () => {
    const { code, output } = await runExample('demo.ts', { JARFETCH_DEMO_BREAK: 'leak' });
    expect(output).toMatch(/✗ .*expected bob, got \w+,\w+/);
    expect(output).toMatch(/\d of \d+ not as expected/);
    expect(code).toBe(1);
  });
});

describe('the examples', () => {
  it.each([
    ['login.ts', '200 <h1>Hello, alice</h1>'],
    ['login-form.ts', '200 /members\nHello, alice'],
    ['multi-step.ts', 'Thank you / Order 17\n3 forms sent'],
    ['parallel-jobs.ts', "{ user: 'erin', secret: 'the ferry leaves late' }"],
    ['shared-transport.ts', "{ user: 'bob', secret: 'the crane is rented' }"],
    ['sign-requests.ts', '200 signed by a friend\n403 who are you?'],
    ['throttle-by-origin.ts', '8 pages, at most 2 at a time'],
    ['answer-from-cache.ts', '/news 200 made for request 1\n4 calls, 2 requests'],
    ['download.ts', 'cut off: ERR_BODY_TRUNCATED\n[####################] 100%\n1700000 bytes, 850001 of'],
    ['crawl-shop.ts', '200 items, 5 baskets\nno basket was mixed over at most 3 connections'],
    ['commits.ts', 'commit 7, commit 8, commit 9\ncommit 1 was the first, now it is commit 0'],
    ['count-traffic.ts', '200 after 3 tries\n3 requests, 2 retries, 300 bytes out, 1008 in'],
  ])('%s ends with 0 and prints what it promises', async (file, expected) => {
    const { code, output, errors } = await runExample(file);
    expect(errors).toBe('');
    expect(output).toContain(expected);
    expect(code).toBe(0);
  });

  it('stay-logged-in.ts logs in only when it must', async () => {
    const { output } = await runExample('stay-logged-in.ts');
    const page = 'Hello, alice';
    const seen = output
      .trim()
      .split('\n')
      .map((line) => (line.includes(page) ? page : line));
    expect(seen).toEqual(['logged in', page, 'logged in', page, page]);
  });

  it('print-exchanges.ts prints what was sent and received, and no secret', async () => {
    const { code, output, errors } = await runExample('print-exchanges.ts');
    expect([errors, code]).toEqual(['', 0]);
    expect(output).toMatch(
      /^\* Connected to 127\.0\.0\.1 port \d+\n> POST \/api\/login\n> Host: 127\.0\.0\.1:\d+\n/,
    );
    expect(output).toMatch(/\n< 200 OK\n/);
    expect(output).toMatch(/\n> Cookie: \w+=…\n/i);
    expect(output).toMatch(/\n< Set-Cookie: \w+=…;/i);
    expect(output).toMatch(/\n\* Re-using connection to 127\.0\.0\.1 port \d+\n> GET \/api\/me\n/);
    expect(output).not.toMatch(/hard-hat|Cookie: \w+=[^…]/);
  });

  it('headers.ts prints the list of a preset as a table', async () => {
    const words = ['chrome_156', 'windows', '--destination', 'image', '--referrer', 'https://example.com/a'];
    const { code, output, errors } = await runExample('headers.ts', {}, words);
    expect([errors, code]).toEqual(['', 0]);
    const rows = output.trimEnd().split('\n');
    expect(rows[0]).toBe('sec-ch-ua-platform  "Windows"');
    expect(rows).toContain('Sec-Fetch-Dest      image');
    expect(rows).toContain('Referer             https://example.com/a');
  });

  it.each([
    [['crome'], 'did you mean chrome'],
    [['--nope'], "Unknown option '--nope'"],
  ])('headers.ts says how it is used when it is given %s', async (words, message) => {
    const { code, errors } = await runExample('headers.ts', {}, words);
    expect(errors).toContain(message);
    expect(errors).toContain('npm run headers -- [browser] [os] [options]');
    expect(code).toBe(1);
  });
});
