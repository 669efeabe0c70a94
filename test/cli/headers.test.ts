import { expect, it } from 'vitest';
import { runCommand } from '../helpers/command-line.ts';

it('prints what a browser would send, in its order', async () => {
  const words = [
    'headers',
    'chrome_156',
    'windows',
    '--destination',
    'image',
    '--referrer',
    'https://example.com/a',
  ];
  const { code, output, errors } = await runCommand(words);
  const rows = output.trimEnd().split('\n');
  expect(rows[0]).toBe('sec-ch-ua-platform  "Windows"');
  expect(rows).toContain('Sec-Fetch-Dest      image');
  expect(rows).toContain('Referer             https://example.com/a');
  expect([code, errors]).toEqual([0, '']);
});

it('takes headers, hops and HTTP/2', async () => {
  const words = [
    'headers',
    'chrome',
    'linux',
    '-H',
    'X-Own: a:b',
    '--redirected-from',
    'https://other.test/',
    '--http2',
  ];
  const { data } = JSON.parse((await runCommand([...words, '--json'])).output);
  const headers: Record<string, string> = Object.fromEntries(data.headers);
  expect(headers['x-own']).toBe('a:b');
  expect(headers['sec-fetch-site']).toBe('none');
});

it.each([
  [['crome'], 'did you mean chrome'],
  [['chrome', 'windos'], 'os'],
  [['-H', 'none'], '--header must be Name:value'],
  [['--mode', 'x'], 'mode'],
])('%j is refused with 2', async (words, message) => {
  const { code, errors } = await runCommand(['headers', ...words]);
  expect(errors).toContain(message);
  expect(code).toBe(2);
});
