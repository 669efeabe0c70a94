import { expect, it } from 'vitest';
import { runChild } from '../helpers/children.ts';

/** How many pages are read. 10,000 is the whole run. */
const pages = Number(process.env.JARFETCH_PAGES ?? 2000);

it(`reads ${pages} pages through 50 sessions, and leaves no memory, socket or timer`, {
  timeout: 60_000 + pages * 100,
}, async () => {
  const child = await runChild('pages', {
    args: [String(pages), '50'],
    node: ['--expose-gc', '--max-old-space-size=96'],
  });
  expect(child.stderr).toBe('');
  const { read, served, rows, growth, left, trouble } = JSON.parse(child.stdout);
  expect(trouble).toEqual([]);
  expect(read).toBeGreaterThanOrEqual(pages);
  // The hop after the login is one more.
  expect(served).toBeGreaterThanOrEqual(read);
  expect(rows).toBe(4 * read);
  expect(left).toEqual([]);
  // The heap was bounded all the way, too. A page that was kept would be 100 KB of nodes.
  expect(growth).toBeLessThan(5_000_000);
  if (process.env.JARFETCH_PAGES !== undefined) console.info(child.stdout);
});
