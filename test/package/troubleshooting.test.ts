/** The programs of docs/troubleshooting.md print what stands below them. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as har from '../../src/har/index.ts';
import { createSession, type Session } from '../../src/index.ts';
import { root } from '../../tools/entries.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { harOf } from '../helpers/hars.ts';

/** The programs with the text that follows each, by their heading. */
const text = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');
const programs = [...text.matchAll(/```[jt]s\n(.*?)```\n(?:\n```text\n(.*?)```)?/gs)].map(
  ([whole, code = '', shown = '']) => ({
    code,
    lines: shown.split('\n').filter(Boolean),
    heading: /^## (.*)$/gm.exec(text.slice(text.lastIndexOf('\n## ', text.indexOf(whole)) + 1))?.[1] ?? '',
  }),
);

const answers: Readonly<Record<string, () => Response>> = {
  'https://www.shop.example/login': () => {
    const headers = new Headers({ 'set-cookie': '__Host-sid=1; Path=/' });
    headers.append('set-cookie', 'track=1; Domain=tracker.example');
    return new Response('', { headers });
  },
  'https://shop.example/orders': () =>
    new Response(null, { status: 302, headers: { location: '/login?next=orders' } }),
  'https://shop.example/api/orders': () => new Response('', { status: 403, statusText: 'Forbidden' }),
  'https://api.shop.example/orders': () =>
    new Response(null, { status: 307, headers: { location: 'https://eu.shop.example/orders' } }),
  'https://eu.shop.example/orders': () => new Response('', { status: 401, statusText: 'Unauthorized' }),
  'http://shop.example/orders': () =>
    new Response(null, { status: 301, headers: { location: 'https://shop.example/orders' } }),
};

/** What is in the jar before a program runs. */
const jars: Readonly<Record<string, (session: Session) => void>> = {
  'My cookie is not sent': (session) => {
    session.setCookie('cart', '1', 'https://www.shop.example/', { path: '/cart' });
    session.setCookie('sid', '1', 'https://shop.example/');
    session.setCookie('csrf', '1', 'https://www.shop.example/', { sameSite: 'strict' });
  },
  'The site answers 403': (session) => session.setCookie('csrftoken', '1', 'https://shop.example/'),
};

async function run(code: string, heading: string): Promise<string> {
  const transport = har.mockTransport(({ url }) => answers[url]?.() ?? new Response());
  const create = (options: object = {}): Promise<Session> => createSession({ transport, ...options });
  const session = await create({ observers: [har.callLog()] });
  jars[heading]?.(session);
  const printed: string[] = [];
  const folder = await temporaryFolder();
  const recorded = harOf({
    url: 'https://shop.example/search?q=tea&page=2',
    requestHeaders: [['X-Requested-With', 'XMLHttpRequest']],
  });
  await writeFile(join(folder, 'browser.har'), JSON.stringify(recorded));
  const given: Record<string, unknown> = {
    createSession: create,
    ...har,
    readHar: (name: string) => har.readHar(join(folder, name)),
    console: { log: (line: string) => void printed.push(line) },
    ...(!code.includes('const session') && { session }),
  };
  const body = code.replaceAll(/^import .*$/gm, '').replaceAll('(error: Error)', '(error)');
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  await new AsyncFunction(...Object.keys(given), body)(...Object.values(given));
  await session.close();
  return printed.join('\n');
}

it('has a program for each symptom', () => {
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect([...new Set(programs.map(({ heading }) => heading))]).toEqual(headings);
});

it.each(programs)('$heading: $lines.0', async ({ code, lines, heading }) => {
  const printed = await run(code, heading);
  expect(printed).not.toBe('');
  // In the order of the text, but for cookies: the jar's order is their own.
  let at = 0;
  for (const line of lines) {
    const found = printed.indexOf(line, line.startsWith('* withheld') ? 0 : at);
    expect(found, `${line}\nin\n${printed}`).toBeGreaterThanOrEqual(0);
    at = found;
  }
});
