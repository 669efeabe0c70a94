import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import type { HeaderEntry } from '../../src/core/http.ts';
import { maskHeader, showMasked } from '../../src/core/masking.ts';

it.each([
  ['Cookie', 'sid=canary; theme=canary;canary', 'sid=…; theme=…; …'],
  ['Set-Cookie', 'sid=canary; Path=/; HttpOnly', 'sid=…; Path=/; HttpOnly'],
  ['set-cookie', 'canary', '…'],
  ['Authorization', 'Bearer canary', 'Bearer …'],
  ['Authorization', 'canary', '…'],
  ['Proxy-Authorization', 'Basic canary', 'Basic …'],
  ['X-Api-Key', 'canary', '…'],
  ['x-goog-apikey', 'canary', '…'],
  ['X-CSRF-Token', 'canary', '…'],
  ['X-Signature', 'canary', '…'],
  ['Location', '/next?code=canary&state=canary#canary', '/next?code=…&state=…'],
  ['Location', 'https://ada:canary@shop.example/a?canary', 'https://shop.example/a?…'],
  ['Referer', 'https://shop.example/a?token=canary', 'https://shop.example/a?token=…'],
  ['location', 'http://[', '…'],
  [':path', '/a?b=canary', '/a?b=…'],
  [':authority', 'shop.example', 'shop.example'],
  ['WWW-Authenticate', 'Basic realm="a"', 'Basic realm="a"'],
  ['Clear-Site-Data', '"cookies"', '"cookies"'],
  ['Content-Type', 'text/html', 'text/html'],
  ['User-Agent', 'Mozilla/5.0', 'Mozilla/5.0'],
])('shows %s: %s as %s', (name, value, shown) => {
  expect(maskHeader(name, value)).toBe(shown);
});

it('does not change the entries for other readers', () => {
  const entries: HeaderEntry[] = [['Cookie', 'sid=canary']];
  const shown = showMasked(entries);
  expect(shown).toEqual([['Cookie', 'sid=canary']]);
  expect(JSON.stringify({ shown })).toBe('{"shown":[["Cookie","sid=…"]]}');
  expect(inspect({ shown })).not.toContain('canary');
  expect(Object.keys(shown)).toEqual(['0']);
});
