import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readDocument } from '../../src/core/session/read-saved-session.ts';
import { canonicalHost } from '../../src/core/sites.ts';
import { createSession, isRequestError, loadSession, type SessionDocument } from '../../src/index.ts';
import { fileStore } from '../../src/registry/index.ts';
import { resolveSeal, type Seal } from '../../src/registry/sealing.ts';
import { type SeededRandom, seededRandom } from '../helpers/random.ts';
import { checkWork } from './count-work.ts';
import type { FuzzResult } from './fuzz.ts';
import { mutate } from './mutate.ts';

/** Is in a cookie of each document and must be in no error. */
const secret = 's3cr3t-of-a-cookie';
const key = Buffer.alloc(32, 7);
const otherKey = Buffer.alloc(32, 8);

/**
 * Reads mutated documents and encrypted files. Each is the document that was written or an error of a kind that is
 * known and shows no cookie; a file that is no session is set aside as it is; the work grows no faster than the input.
 */
export async function fuzzSaved(seed: number, isOver: (rounds: number) => boolean): Promise<FuzzResult> {
  const random = seededRandom(seed);
  const findings: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'jarfetch-fuzz-'));
  const document = await wholeDocument();
  const sealed = await sealedTexts(JSON.stringify(document));
  let rounds = 0;
  try {
    for (; !isOver(rounds); rounds++) {
      const file = mutateSealed(sealed, random);
      for (const finding of [
        await fuzzDocument(document, random),
        await fuzzSealed(file, JSON.stringify(document)),
        rounds % 10 === 0 ? await fuzzFile(join(folder, String(rounds)), file, document) : null,
      ]) {
        if (finding !== null) findings.push(`round ${rounds}: ${finding}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { rounds, findings };
}

/** A document in which every field is there. */
async function wholeDocument(): Promise<SessionDocument> {
  const session = await createSession({
    sessionId: 'ada',
    browser: 'chrome',
    baseUrl: 'https://shop.example/',
    proxy: 'http://127.0.0.1:9/',
    defaultHeaders: { 'X-A': '1' },
  });
  for (const url of ['https://shop.example/a/', 'https://www.shop.example/'])
    session.setCookie('sid', secret, url);
  const saved = session.save({ userData: { text: '\xfc', list: [1, null] } });
  await session.close();
  const [failures, until, changedAt] = [1, 2, 3];
  const counts = { restsUntil: 1, failures, score: 1, uses: 1, firstUsedAt: 1, changedAt };
  const account = { ...counts, retired: null };
  return { ...saved, lineage: 'l', era: 'e', loginPause: { failures, until, changedAt }, account };
}

const oddValues: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    -1,
    1e308,
    0.5,
    '',
    'x',
    '\0',
    '\r\nX: y',
    '__proto__',
    'http://[',
    '.',
    'co.uk',
    'x'.repeat(9000),
  ],
  ...[[], {}, [[]], [null], { length: 5 }, { toString: 1 }, 2, '9'.repeat(400), '\ud800'],
];

/** Puts an odd value, a copy or nothing somewhere in a document. */
function mutateDocument(document: SessionDocument, random: SeededRandom): unknown {
  const copy: object = structuredClone(document);
  for (let left = 1 + random.below(4); left > 0; left--) {
    let place: object = copy;
    for (;;) {
      const name = random.pick(Object.keys(place));
      const inner: unknown = name === undefined ? null : Reflect.get(place, name);
      if (typeof inner === 'object' && inner !== null && random.below(4) !== 0) place = inner;
      else {
        if (name !== undefined) changeAt(place, name, inner, random);
        break;
      }
    }
  }
  return copy;
}

function changeAt(place: object, name: string, inner: unknown, random: SeededRandom): void {
  const kind = random.below(5);
  if (kind === 0) Reflect.deleteProperty(place, name);
  else if (kind === 1 && Array.isArray(inner)) Reflect.set(place, name, Array(300).fill(inner).flat());
  else if (kind === 2 && typeof inner === 'string') Reflect.set(place, name, mutate([inner], random));
  else Reflect.set(place, name, structuredClone(random.pick(oddValues)));
}

async function fuzzDocument(document: SessionDocument, random: SeededRandom): Promise<string | null> {
  const text =
    random.below(4) === 0
      ? mutate([JSON.stringify(document)], random)
      : JSON.stringify(mutateDocument(document, random));
  let finding: string | null = null;
  let read: SessionDocument | null = null;
  const work = await checkWork(text.length, () => {
    try {
      read = readDocument(text);
    } catch (error) {
      finding = checkRefusal(error, ['ERR_INVALID_DOCUMENT', 'ERR_STORE_VERSION']);
    }
  });
  finding ??= work ?? (read === null ? null : await checkLoaded(read));
  return finding === null ? null : `a document: ${finding}: ${text.slice(0, 3000)}`;
}

async function checkLoaded(read: SessionDocument): Promise<string | null> {
  if (!isDeepStrictEqual(readDocument(JSON.stringify(read)), read)) return 'is another when it is read again';
  const { sessionId, os, cookies } = read;
  const texts: unknown[] = [
    sessionId,
    os,
    ...cookies.flatMap(({ name, value, domain, path }) => [name, value, domain, path]),
  ];
  if (texts.some((text) => typeof text !== 'string')) return 'a text that is none';
  try {
    const session = await loadSession(read);
    const again = session.save({ proxyPassword: true });
    await session.close();
    await (await loadSession(again)).close();
    // A host is kept in its canonical spelling, without the dot that some programs write before it.
    const spelling = (domain: string): string => canonicalHost(domain.replace(/^\./, '')) ?? domain;
    const known = new Set(cookies.map(({ name, domain }) => `${name} ${spelling(domain)}`));
    const strange = again.cookies.find(({ name, domain }) => !known.has(`${name} ${domain}`));
    return strange === undefined ? null : `a cookie that was not in it: ${strange.name} of ${strange.domain}`;
  } catch (error) {
    return checkRefusal(error, ['ERR_INVALID_OPTION', 'ERR_INVALID_HEADER', 'ERR_INVALID_URL']);
  }
}

function checkRefusal(error: unknown, codes: readonly string[]): string | null {
  if (!isRequestError(error) || !codes.includes(error.code)) return `threw ${String(error)}`;
  return String(error.message).includes(secret) ? `the error shows a cookie: ${error.message}` : null;
}

const noSalt = (fresh: string): Promise<string> => Promise.resolve(fresh);

function sealWith(encryptionKey: Uint8Array): Seal {
  const seal = resolveSeal({ encryptionKey }, noSalt);
  if (seal === null) throw new TypeError('no seal');
  return seal;
}

/** The file itself, then files of another name and of another key. */
async function sealedTexts(text: string): Promise<readonly string[]> {
  const strange = text.replaceAll('sid', 'other');
  return Promise.all([
    sealWith(key).seal('ada', text),
    sealWith(key).seal('eve', strange),
    sealWith(otherKey).seal('ada', strange),
  ]);
}

/** Flips bits, cuts, and takes heads and fields of other files. */
function mutateSealed(sealed: readonly string[], random: SeededRandom): Uint8Array {
  const [own = '', ...others] = sealed;
  const kind = random.below(6);
  if (kind === 0) return Buffer.from(mutate([own], random));
  if (kind === 1) return Buffer.from(random.pick(others));
  if (kind === 2) return Buffer.from(mixFields(own, random.pick(others), random));
  const bytes = Buffer.from(own);
  const at = random.below(kind === 3 ? 120 : bytes.length);
  if (kind === 4) return bytes.subarray(0, at);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function mixFields(own: string, other: string, random: SeededRandom): string {
  const strange: Record<string, unknown> = JSON.parse(other);
  const fields: Record<string, unknown> = JSON.parse(own);
  const name = random.pick(Object.keys(fields));
  const bytes = Buffer.alloc(random.pick([0, 4, 12, 16, 17]), 1).toString('base64');
  fields[name] = random.pick([strange[name], bytes, 'jarfetch-sealed-2', null, random.pick(oddValues)]);
  return JSON.stringify(fields);
}

async function fuzzSealed(file: Uint8Array, original: string): Promise<string | null> {
  const seal = sealWith(key);
  const text = Buffer.from(file).toString();
  let finding: string | null = null;
  const work = await checkWork(text.length, async () => {
    try {
      if ((await seal.open('ada', text)) !== original) finding = 'opens to another text';
    } catch (error) {
      finding = checkRefusal(error, ['ERR_STORE_KEY', 'ERR_INVALID_DOCUMENT']);
    }
  });
  finding ??= work;
  return finding === null ? null : `a sealed text: ${finding}: ${text}`;
}

async function fuzzFile(folder: string, file: Uint8Array, document: SessionDocument): Promise<string | null> {
  await mkdir(folder, { mode: 0o700 });
  const name = 'session-ada.json';
  await writeFile(join(folder, name), file, { mode: 0o600 });
  let code: string | null = null;
  let finding: string | null = null;
  try {
    const loaded = await fileStore(folder, { encryptionKey: key }).load('ada');
    if (!isDeepStrictEqual(loaded, readDocument(document))) finding = 'loads as another document';
  } catch (error) {
    finding = checkRefusal(error, ['ERR_STORE_KEY', 'ERR_INVALID_DOCUMENT']);
    if (isRequestError(error)) code = error.code;
  }
  const names = (await readdir(folder)).filter((entry) => entry.startsWith(name));
  const [left = ''] = names;
  const isAside = left.startsWith(`${name}.corrupt-`);
  if (names.length !== 1 || isAside !== (code === 'ERR_INVALID_DOCUMENT')) finding ??= `leaves ${names}`;
  else if (!(await readFile(join(folder, left))).equals(file)) finding ??= 'changes the file';
  await rm(folder, { recursive: true });
  return finding === null ? null : `a file: ${finding}: ${Buffer.from(file)}`;
}
