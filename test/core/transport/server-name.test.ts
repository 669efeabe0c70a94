import { describe, expect, it } from 'vitest';
import { isAddress, nameInTls, serverName } from '../../../src/core/transport/server-name.ts';

describe('the name of a server in TLS', () => {
  it.each([
    ['shop.example', 'shop.example'],
    ['localhost', 'localhost'],
    ['127.0.0.1', ''],
    ['::1', ''],
    ['[::1]', ''],
  ])('of %s is "%s"', (hostname, name) => {
    expect(nameInTls(hostname)).toBe(name);
    expect(isAddress(hostname)).toBe(name === '');
  });

  it.each([
    ['https://shop.example/', 'shop.example'],
    ['https://shop.example:8443/', 'shop.example'],
    ['http://shop.example/', undefined],
  ])('is asked of undici for %s as %s', (url, name) => {
    expect(serverName(new URL(url))).toBe(name);
  });
});
