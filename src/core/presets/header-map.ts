/**
 * The order in which a Chromium renderer sends a page's headers. Blink keeps them in a hash table
 * (`HTTPHeaderMap`) and sends them in bucket order, so the order follows from the set of names.
 * Source: computed orders checked against captures of 156 with up to twelve page headers.
 */

/** Which string hash a Chromium's table uses: rapidhash since 129, SuperFastHash before. */
export type MapHash = 'rapidhash' | 'superfast';

const hashes: Record<MapHash, Map<string, number>> = { rapidhash: new Map(), superfast: new Map() };

/** Sorts lower-case names, given in the order of insertion, into the order of the table's buckets. */
export function mapOrder(names: readonly string[], hash: MapHash): string[] {
  let buckets: (string | undefined)[] = new Array(8).fill(undefined);
  let count = 0;
  for (const name of names) {
    insert(buckets, name, hash);
    count++;
    if (count * 2 >= buckets.length) buckets = grow(buckets, hash);
  }
  return buckets.filter((name) => name !== undefined);
}

function grow(buckets: readonly (string | undefined)[], hash: MapHash): (string | undefined)[] {
  const larger = new Array<string | undefined>(buckets.length * 2).fill(undefined);
  for (const name of buckets) if (name !== undefined) insert(larger, name, hash);
  return larger;
}

function insert(buckets: (string | undefined)[], name: string, hash: MapHash): void {
  const mask = buckets.length - 1;
  let index = hashOf(name, hash) & mask;
  for (let step = 1; buckets[index] !== undefined; step++) index = (index + step) & mask;
  buckets[index] = name;
}

function hashOf(name: string, hash: MapHash): number {
  const known = hashes[hash];
  const seen = known.get(name);
  if (seen !== undefined) return seen;
  const value = hash === 'rapidhash' ? rapidhash(name) : superFastHash(name);
  // Callers choose the names, so the size of the cache is limited.
  if (known.size >= 512) known.clear();
  known.set(name, value);
  return value;
}

const seed = 0xbdd89aa982704029n;
const secret0 = 0x2d358dccaa6c78a5n;
const secret1 = 0x8bb84b93962eacc9n;
const secret2 = 0x4b33a62ed433d4a3n;
const mask64 = 0xffffffffffffffffn;

/** rapidhash v1 of a name as UTF-16LE, truncated to the 24 bits that a Blink string keeps. */
function rapidhash(name: string): number {
  const bytes = Buffer.from(name, 'utf16le');
  const length = BigInt(bytes.length);
  let state = seed ^ mix(seed ^ secret0, secret1) ^ length;
  let a: bigint;
  let b: bigint;
  if (bytes.length <= 16) {
    [a, b] = shortWords(bytes);
  } else {
    state = absorb(bytes, state);
    a = bytes.readBigUInt64LE(bytes.length - 16);
    b = bytes.readBigUInt64LE(bytes.length - 8);
  }
  const product = (a ^ secret1) * (b ^ state);
  const low = product & mask64;
  const high = product >> 64n;
  return Number(mix(low ^ secret0 ^ length, high ^ secret1) & 0xffffffn);
}

/** The two words of an input of up to 16 bytes; UTF-16 never has one of 1 or 3. */
function shortWords(bytes: Buffer): [bigint, bigint] {
  const { length } = bytes;
  if (length < 4) {
    const at = (index: number) => BigInt(bytes[index] ?? 0);
    return length === 0 ? [0n, 0n] : [(at(0) << 56n) | (at(length >> 1) << 32n) | at(length - 1), 0n];
  }
  const word = (index: number) => BigInt(bytes.readUInt32LE(index));
  const last = length - 4;
  const delta = (length & 24) >> (length >> 3);
  return [(word(0) << 32n) | word(last), (word(delta) << 32n) | word(last - delta)];
}

function absorb(bytes: Buffer, start: bigint): bigint {
  const word = (index: number) => bytes.readBigUInt64LE(index);
  let state = start;
  let offset = 0;
  if (bytes.length > 48) {
    let second = start;
    let third = start;
    for (; bytes.length - offset >= 48; offset += 48) {
      state = mix(word(offset) ^ secret0, word(offset + 8) ^ state);
      second = mix(word(offset + 16) ^ secret1, word(offset + 24) ^ second);
      third = mix(word(offset + 32) ^ secret2, word(offset + 40) ^ third);
    }
    state ^= second ^ third;
  }
  const rest = bytes.length - offset;
  if (rest > 16) state = mix(word(offset) ^ secret2, word(offset + 8) ^ state ^ secret1);
  if (rest > 32) state = mix(word(offset + 16) ^ secret2, word(offset + 24) ^ state);
  return state;
}

function mix(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & mask64) ^ (product >> 64n);
}

/** Paul Hsieh's SuperFastHash in Blink's variant, over UTF-16 units, truncated to 24 bits. */
function superFastHash(name: string): number {
  let hash = 0x9e3779b9;
  const even = name.length - (name.length % 2);
  for (let index = 0; index < even; index += 2) {
    hash = (hash + name.charCodeAt(index)) >>> 0;
    hash = ((hash << 16) ^ (name.charCodeAt(index + 1) << 11) ^ hash) >>> 0;
    hash = (hash + (hash >>> 11)) >>> 0;
  }
  if (even < name.length) {
    hash = (hash + name.charCodeAt(even)) >>> 0;
    hash = (hash ^ (hash << 11)) >>> 0;
    hash = (hash + (hash >>> 17)) >>> 0;
  }
  hash = (hash ^ (hash << 3)) >>> 0;
  hash = (hash + (hash >>> 5)) >>> 0;
  hash = (hash ^ (hash << 2)) >>> 0;
  hash = (hash + (hash >>> 15)) >>> 0;
  hash = (hash ^ (hash << 10)) >>> 0;
  return hash & 0xffffff;
}
