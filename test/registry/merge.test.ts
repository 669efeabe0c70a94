import { describe, expect, it } from 'vitest';
import { createSession, type SessionDocument } from '../../src/index.ts';
import { memoryStore } from '../../src/registry/index.ts';
import { changesBetween, mergeData, mergeDocument } from '../../src/registry/merge.ts';
import { openRegistry } from '../helpers/registry.ts';

const url = 'https://example.com/';
type Cookie = SessionDocument['cookies'][number];

function cookie(name: string, value: string, more: Partial<Cookie> = {}): Cookie {
  const place = { domain: 'example.com', path: '/', hostOnly: true, secure: false, httpOnly: false };
  return { name, value, ...place, ...more };
}

const empty = await createSession({ sessionId: 'ada' });
const plain = empty.save();

function documentWith(cookies: readonly Cookie[], more: Partial<SessionDocument> = {}): SessionDocument {
  return { ...plain, cookies, revision: 1, ...more };
}

/** What is stored after this side has saved `own` over `stored`, having last seen `base`. */
function merged(base: SessionDocument | null, own: SessionDocument, stored: SessionDocument | null) {
  const changes = changesBetween(base?.cookies ?? [], own.cookies);
  return mergeDocument(stored, { document: own, base, changes });
}

function valuesOf({ cookies }: SessionDocument): Record<string, string> {
  return Object.fromEntries(cookies.map(({ name, value }) => [name, value]));
}

describe('of two changes to one cookie', () => {
  const base = documentWith([cookie('sid', 'old', { changedAt: 1 })]);

  it.each<[string, Partial<Cookie>, Partial<Cookie>, string]>([
    ['the newer stays: ours', { changedAt: 3 }, { changedAt: 2 }, 'ours'],
    ['the newer stays: theirs', { changedAt: 2 }, { changedAt: 3 }, 'theirs'],
    [
      'that of the later login stays, though it is older: ours',
      { changedAt: 2, login: 2 },
      { changedAt: 3, login: 1 },
      'ours',
    ],
    [
      'that of the later login stays, though it is older: theirs',
      { changedAt: 3 },
      { changedAt: 2, login: 1 },
      'theirs',
    ],
  ])('%s', (_, ours, theirs, wanted) => {
    const own = documentWith([cookie('sid', 'ours', ours)]);
    const stored = documentWith([cookie('sid', 'theirs', theirs)], { revision: 2 });
    expect(valuesOf(merged(base, own, stored))).toEqual({ sid: wanted });
  });

  it('F6 keeps the newer of two changes, also when it is saved later', async () => {
    const store = memoryStore();
    const [one, two] = [1, 2].map(() => openRegistry({ store, saveInterval: false }));
    const first = await one?.create('ada');
    await one?.save();
    const second = await two?.get('ada');
    first?.setCookie('n', 'older', url);
    await new Promise((resolve) => setTimeout(resolve, 5));
    second?.setCookie('n', 'newer', url);
    await two?.save();
    await one?.save();
    expect((await openRegistry({ store }).get('ada')).getCookies(url)).toEqual({ n: 'newer' });
  });
});

describe('F7 a store that was restored to an earlier state', () => {
  const now = documentWith([cookie('a', '1'), cookie('sid', 'new', { changedAt: 9 })], {
    revision: 5,
    era: 'x',
    requests: 7,
  });

  it.each<[string, Partial<SessionDocument>]>([
    ['by some writes', { revision: 3, era: 'x' }],
    ['to nothing, and another has written since', { revision: 9, era: 'y' }],
  ])('%s deletes nothing that is still known', (_, more) => {
    const stored = documentWith([cookie('sid', 'old', { changedAt: 2 }), cookie('b', '2')], {
      requests: 4,
      ...more,
    });
    const result = merged(now, now, stored);
    expect(valuesOf(result)).toEqual({ a: '1', b: '2', sid: 'new' });
    expect([result.revision > stored.revision, result.requests]).toEqual([true, 7]);
  });

  it('does not treat a deletion as a loss when it was not restored', () => {
    const stored = documentWith([cookie('sid', 'new', { changedAt: 9 })], { revision: 6, era: 'x' });
    expect(valuesOf(merged(now, now, stored))).toEqual({ sid: 'new' });
  });

  it('removes nothing from the process that still holds it', async () => {
    const store = memoryStore();
    const [one, two] = [1, 2].map(() => openRegistry({ store, saveInterval: false }));
    const first = await one?.create('ada');
    await one?.save();
    const early = await store.load('ada');
    const second = await two?.get('ada');
    first?.setCookie('sid', '1', url);
    await one?.save();
    // Redis restarts without a copy; the other writes first, who has never seen the cookie.
    await store.update('ada', () => null);
    second?.setCookie('other', '1', url);
    await two?.save();
    await one?.get('ada');
    expect(first?.getCookies(url)).toEqual({ sid: '1', other: '1' });
    await one?.save();
    expect((await two?.get('ada'))?.getCookies(url)).toEqual({ sid: '1', other: '1' });
    // A replica that lags behind takes over.
    await store.update('ada', () => early);
    await one?.get('ada');
    expect(first?.getCookies(url)).toEqual({ sid: '1', other: '1' });
    await one?.save();
    expect(valuesOf((await store.load('ada')) ?? plain)).toEqual({ sid: '1', other: '1' });
  });
});

describe('F24 user data of two writers', () => {
  it.each<[string, unknown, unknown, unknown, unknown]>([
    ['of different keys: both stay', { a: 1, c: 1 }, { b: 2 }, {}, { a: 1, c: 1, b: 2 }],
    ['of one key: the one that writes last', { a: 1 }, { a: 2 }, {}, { a: 2 }],
    ['a key that one took away stays away', { a: 1, b: 2 }, {}, { a: 1 }, { b: 2 }],
    ['nothing changed here: what the other wrote', { a: 2 }, { a: 1 }, { a: 1 }, { a: 2 }],
    ['no objects: the one that writes last', [1], [2], null, [2]],
    ['an object over nothing that was known', { a: 1 }, { b: 1 }, null, { a: 1, b: 1 }],
    ['nothing any more: it is gone', { a: 1, b: 1 }, null, { a: 1 }, null],
    [
      'a key of a prototype is a key',
      JSON.parse('{"__proto__":1}'),
      { b: 1 },
      {},
      JSON.parse('{"__proto__":1,"b":1}'),
    ],
  ])('%s', (_, stored, own, base, expected) => {
    expect(JSON.stringify(mergeData(stored, base, own))).toBe(JSON.stringify(expected));
  });

  it('is merged through the store, also during a save', async () => {
    const store = memoryStore();
    const [one, two] = [1, 2].map(() => openRegistry({ store, saveInterval: false }));
    const first = await one?.create('ada', { userData: { shared: 0 } });
    await one?.save();
    const second = await two?.get('ada');
    if (first === undefined || second === undefined) return expect.fail('there are two');
    second.userData = { ...Object(second.userData), theirs: 1 };
    await two?.save();
    first.userData = { ...Object(first.userData), mine: 1 };
    const saving = one?.save();
    first.userData = { ...Object(first.userData), late: 1 };
    await saving;
    await one?.save();
    await two?.get('ada');
    expect([first.userData, second.userData]).toEqual(
      Array(2).fill({ shared: 0, theirs: 1, mine: 1, late: 1 }),
    );
  });
});
