import { createHash } from 'node:crypto';
import { checkOptions } from '../../core/checks.ts';
import { invalidOption, RequestError } from '../../core/errors.ts';

/** Hash functions of published checksums. */
export type ChecksumAlgorithm = 'sha256' | 'sha384' | 'sha512' | 'sha1' | 'md5';

/** The expected hash of a file; the value in hexadecimal or Base64. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
}

/** Bytes of each digest. */
const digestBytes: Readonly<Record<ChecksumAlgorithm, number>> = {
  sha256: 32,
  sha384: 48,
  sha512: 64,
  sha1: 20,
  md5: 16,
};

/** A checked checksum: the digest in lower-case hexadecimal. */
export interface ExpectedDigest {
  readonly algorithm: ChecksumAlgorithm;
  readonly hex: string;
}

/**
 * Reads `sha256:…` (or `sha256-…`, as Subresource Integrity writes it) or `{ algorithm, value }`.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function parseChecksum(given: unknown): ExpectedDigest | null {
  if (given === undefined) return null;
  const { algorithm, value } = partsOf(given);
  const name = Object.keys(digestBytes).find((known): known is ChecksumAlgorithm => known === algorithm);
  if (name === undefined) {
    const known = Object.keys(digestBytes).join(', ');
    throw new RequestError('ERR_INVALID_OPTION', `checksum must name one of ${known}, as in "sha256:…"`);
  }
  const length = digestBytes[name];
  const hex = typeof value === 'string' ? hexOf(value, length) : null;
  if (hex === null) {
    const message = `checksum must have the ${length} bytes of ${name} in hexadecimal or Base64`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  return { algorithm: name, hex };
}

function partsOf(given: unknown): { readonly algorithm: unknown; readonly value: unknown } {
  if (typeof given === 'string') {
    const [, algorithm, value] = /^([a-z0-9]+)[:-](.+)$/is.exec(given.trim()) ?? [];
    return { algorithm: algorithm?.toLowerCase(), value };
  }
  if (typeof given !== 'object' || given === null) {
    throw invalidOption('checksum', '"sha256:…" or { algorithm, value }', given);
  }
  checkOptions(given, 'checksum', new Set(['algorithm', 'value']));
  const { algorithm, value }: { algorithm?: unknown; value?: unknown } = given;
  return { algorithm, value };
}

function hexOf(value: string, length: number): string | null {
  if (value.length === length * 2 && /^[0-9a-f]+$/i.test(value)) return value.toLowerCase();
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(value)) return null;
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === length ? bytes.toString('hex') : null;
}

/**
 * Compares the hash of the bytes with the expected one.
 *
 * @throws RequestError ERR_CHECKSUM
 */
export async function verify(chunks: AsyncIterable<Uint8Array>, expected: ExpectedDigest): Promise<void> {
  const hash = createHash(expected.algorithm);
  for await (const chunk of chunks) hash.update(chunk);
  const found = hash.digest('hex');
  if (found === expected.hex) return;
  const message = `The file is not the expected one: its ${expected.algorithm} is ${found}, not ${expected.hex}`;
  throw new RequestError('ERR_CHECKSUM', message);
}
