import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseChecksum, verify } from '../../../src/page/download/checksum.ts';
import { refusalOf } from '../../helpers/refusals.ts';

const hash = (algorithm: string, encoding: 'hex' | 'base64' | 'base64url'): string =>
  createHash(algorithm).update('tea').digest(encoding);

describe('parseChecksum', () => {
  const hex = hash('sha256', 'hex');

  it.each([
    [`sha256:${hex}`],
    [` SHA256:${hex.toUpperCase()}\n`],
    [`sha256-${hash('sha256', 'base64')}`],
    [`sha256:${hash('sha256', 'base64url')}`],
    [{ algorithm: 'sha256', value: hex }],
    [{ algorithm: 'sha256', value: hash('sha256', 'base64') }],
  ])('reads %j', (given) => {
    expect(parseChecksum(given)).toEqual({ algorithm: 'sha256', hex });
  });

  it.each(['sha384', 'sha512', 'sha1', 'md5'])('knows %s', (algorithm) => {
    const expected = { algorithm, hex: hash(algorithm, 'hex') };
    expect(parseChecksum(`${algorithm}:${hash(algorithm, 'base64')}`)).toEqual(expected);
  });

  it.each([
    [7, 'checksum must be "sha256:…" or { algorithm, value }'],
    [null, 'checksum must be'],
    [hex, 'checksum must name one of sha256'],
    [`crc32:${hex}`, 'checksum must name one of sha256'],
    ['sha256:abc', 'checksum must have the 32 bytes of sha256'],
    [`sha256:${hex.slice(1)}g`, 'checksum must have the 32 bytes'],
    [`sha512:${hex}`, 'checksum must have the 64 bytes of sha512'],
    [{ algorithm: 'sha256' }, 'checksum must have the 32 bytes'],
    [{ algorithm: 'toString', value: hex }, 'checksum must name one of'],
    [{ algorithm: 'sha256', digest: hex }, 'checksum has an unknown option: "digest"'],
  ])('refuses %j', async (given, message) => {
    const error = await refusalOf(() => parseChecksum(given));
    expect([error.code, error.message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(message)]);
  });
});

describe('verify', () => {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('te');
    yield Buffer.from('a');
  }

  it('accepts the expected bytes, and no others', async () => {
    const tea = { algorithm: 'sha1', hex: hash('sha1', 'hex') } as const;
    await verify(chunks(), tea);
    const error = await refusalOf(() => verify(chunks(), { ...tea, hex: '0'.repeat(40) }));
    expect(error.code).toBe('ERR_CHECKSUM');
    expect(error.message).toContain(tea.hex);
  });
});
