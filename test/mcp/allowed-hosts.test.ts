import { expect, it } from 'vitest';
import { AllowedHosts } from '../../src/mcp/allowed-hosts.ts';

it.each([
  ['localhost', 'localhost', 80, true],
  ['localhost', 'localhost', 8443, true],
  ['LocalHost.', 'localhost', 80, true],
  ['localhost:8080', 'localhost', 8080, true],
  ['localhost:8080', 'localhost', 80, false],
  ['localhost:80', 'localhost', 80, true],
  ['[::1]:8080', '::1', 8080, true],
  ['[::1]', '::1', 1, true],
  ['127.1', '127.0.0.1', 80, true],
  ['bücher.test', 'xn--bcher-kva.test', 80, true],
  ['a.test', 'b.a.test', 80, false],
  ['b.a.test', 'a.test', 80, false],
])('%s lets %s of port %i: %s', (given, hostname, port, expected) => {
  expect(new AllowedHosts([given]).has(hostname, port)).toBe(expected);
});

it.each([
  '',
  'http://localhost',
  'a.test/path',
  'a b',
  'a@b.test',
  '[::1',
  'a.test:',
  'a.test:999999x',
  5,
  null,
])('refuses %j', (given) => {
  expect(() => new AllowedHosts([given as string])).toThrow("'[::1]:8080'");
});
