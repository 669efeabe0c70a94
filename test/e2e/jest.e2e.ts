/** The packed package under Jest, which requires it, and under Jest with ES modules. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installSmoke, runSmoke } from './smoke.ts';
import type { Suite, SuiteContext } from './suite.ts';

const body = `
test('logs in', async () => {
  const session = await createSession({ baseUrl: process.env.SITE_URL });
  const page = await openPage(session, new URL('/login', process.env.SITE_URL));
  const members = await page.form().fill({ user: 'alice', password: 'white-rabbit' }).submit();
  expect(members.html()).toContain('Hello, alice');
  await session.close();
  expect(session.closed).toBe(true);
});
test('moves time', async () => {
  // Streams stand still without these.
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  const session = await createSession({ transport: mockTransport(() => new Promise(() => {})) });
  const call = session.fetch('https://shop.example/', { timeout: 30_000 });
  const failed = expect(call).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  await jest.advanceTimersByTimeAsync(30_000);
  await failed;
  await session.close();
  jest.useRealTimers();
});
test('refuses by code', async () => {
  const session = await createSession();
  await expect(session.fetch('ftp://127.0.0.1/')).rejects.toBeInstanceOf(RequestError);
  await session.close();
  process.stdout.write('smoke: passed');
});
`;
const required = `
const { createSession, RequestError } = require('jarfetch');
const { mockTransport } = require('jarfetch/har');
const { openPage } = require('jarfetch/page');
${body}`;
const imported = `
import { jest } from '@jest/globals';
import { createSession, RequestError } from 'jarfetch';
import { mockTransport } from 'jarfetch/har';
import { openPage } from 'jarfetch/page';
${body}`;

export const suite: Suite = {
  name: 'jest',
  run: async (context) => {
    const folder = await installSmoke(context, ['jest@30']);
    await writeFile(join(folder, 'jest.config.cjs'), "module.exports = { testMatch: ['**/*.test.*js'] };\n");
    await writeFile(join(folder, 'required.test.cjs'), required);
    await writeFile(join(folder, 'imported.test.mjs'), imported);
    // What jarfetch/page stands on is ES modules only: Jest requires them with this flag of Node.js.
    const modules = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    await context.step('it runs where it is required', () => runJest(context, folder, modules, 'required'));
    await context.step('it runs where it is imported', () => runJest(context, folder, modules, 'imported'));
  },
};

function runJest(
  context: SuiteContext,
  folder: string,
  flags: readonly string[],
  test: string,
): Promise<void> {
  const jest = join(folder, 'node_modules/jest/bin/jest.js');
  return runSmoke(context, process.execPath, [...flags, jest, '--silent=false', test], folder);
}
