/** What docs/guide/migrating.md says of other clients' names: which are refused, and which are ignored. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createSession } from '../../src/index.ts';
import { root } from '../../tools/entries.ts';

const page = readFileSync(join(root, 'docs/guide/migrating.md'), 'utf8');
const [, table = ''] = /^\| in other clients \| here \|\n(?:.*\n)([\s\S]*?)\n\n/m.exec(page) ?? [];
const [, ignored = ''] = /`session\.fetch` ignores ([\s\S]*?),\nbecause/.exec(page) ?? [];

/** Names of options in the left column that are no options of a call here. */
const foreign = [...table.matchAll(/^\| (.+?) \|/gm)]
  .flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)(?=[`:=])/g)].map(([, name = '']) => name))
  .filter(
    (name) => !['body', 'form', 'searchParams', 'headers', 'retry', 'timeout', 'maxRedirects'].includes(name),
  );
const ignoredNames = [...ignored.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);

it('the page has names of other clients', () => {
  expect(foreign.length).toBeGreaterThan(20);
  expect(ignoredNames.length).toBeGreaterThan(3);
});

it.each(foreign)(
  'session.fetch refuses %s with the name to write, or ignores it as the page says',
  async (name) => {
    const session = await createSession({ baseUrl: 'http://127.0.0.1:1' });
    const failure = await session
      .fetch('/', { [name]: 'value' })
      .catch((error: { code: string }) => error.code);
    await session.close();
    expect(failure).toBe(ignoredNames.includes(name) ? 'ERR_CONNECT' : 'ERR_INVALID_OPTION');
  },
);

it.each(foreign.filter((name) => name !== 'cookieJar'))('createSession refuses %s', async (name) => {
  await expect(createSession({ [name]: 'value' })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
});
