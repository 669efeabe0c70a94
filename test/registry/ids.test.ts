import { describe, expect, it } from 'vitest';
import { refusalOf } from '../helpers/refusals.ts';
import { openRegistry } from '../helpers/registry.ts';

describe('an id', () => {
  it.each(['a', 'ada@example.com', 'job:1+2=3', 'A-b_c~d', 'CON', 'x'.repeat(64), 'constructor', 'toString'])(
    'may be %s',
    async (id) => {
      const registry = openRegistry();
      expect((await registry.create(id)).id).toBe(id);
    },
  );

  it.each<[string, unknown]>([
    ['nothing', ''],
    ['65 characters', 'x'.repeat(65)],
    ['..', '..'],
    ['a dot first', '.hidden'],
    ['a dot last', 'name.'],
    ['a slash', 'a/b'],
    ['a backslash', 'a\\b'],
    ['NUL', 'a\0b'],
    ['a newline last', 'a\n'],
    ['a space', 'a b'],
    ['a letter that has two forms', '\u00e9'],
    ['__proto__', '__proto__'],
    ['a number', 5],
    ['null', null],
  ])('D07 must not be %s', async (_, id) => {
    const registry = openRegistry();
    for (const action of ['create', 'get', 'getOrCreate', 'has', 'kill'] as const) {
      expect((await refusalOf(() => registry[action](id as string))).code).toBe('ERR_INVALID_OPTION');
    }
  });

  it.each([[undefined], ['new']])('is random when %s is asked for', async (id) => {
    const registry = openRegistry();
    const [one, two] = [await registry.create(id), await registry.create(id)];
    expect(one.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(one.id).not.toBe(two.id);
    expect(await registry.get(one.id)).toBe(one);
  });
});
