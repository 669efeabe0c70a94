/** Programs of the docs that need other people's packages. They run as they stand, but for their hosts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startSite, users } from '../../examples/site.ts';
import { clientsFolder } from './client-example.ts';
import { docsFolder } from './site-browser.ts';
import type { SuiteContext } from './suite.ts';
import { installPackages, run, runWith } from './system.ts';

interface Program {
  readonly heading: string;
  readonly language: string;
  readonly code: string;
}

async function programsOf(page: string): Promise<Program[]> {
  const text = await readFile(join(docsFolder, page), 'utf8');
  return text.split(/^## /m).flatMap((section) =>
    [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => {
      return { heading: section.split('\n', 1)[0] ?? '', language, code };
    }),
  );
}

/** A folder whose programs find the packages of examples/clients. */
async function makeFolder({ defer }: SuiteContext): Promise<string> {
  const folder = join(clientsFolder, 'node_modules/.documented');
  await mkdir(folder, { recursive: true });
  defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What the programs of docs/guide/migrating.md print that a reader comes with. */
const formerPrograms: Readonly<Record<string, RegExp>> = {
  got: /^\{ user: 'alice', secret: 'the tea is at six' \}\n$/,
  axios: /^\{ user: 'alice', secret: 'the tea is at six' \}\n$/,
  'node-fetch with fetch-cookie': /^\{ user: 'alice', secret: 'the tea is at six' \}\n$/,
  'requests (Python)': /^\{'user': 'alice', 'secret': 'the tea is at six'\}\n$/,
  'mechanize and MechanicalSoup (Python)': /^Order 1\n$/,
};
/** The package has had no release since 2020, and depends on others that are as old. */
const notRun = ['request'];

export async function runFormerPrograms(context: SuiteContext): Promise<void> {
  const { step, defer, signal } = context;
  const programs = (await programsOf('guide/migrating.md')).filter(({ language }) => language !== 'js');
  await step('each program that a reader comes with is known here', () => {
    const known = [...Object.keys(formerPrograms), ...notRun];
    assert.deepEqual(programs.map(({ heading }) => heading).sort(), known.sort());
  });
  await step('the clients of Python are installed', () =>
    installPackages(['python3-requests', 'python3-mechanicalsoup'], signal),
  );
  const site = await startSite();
  defer(() => site.close());
  const folder = await makeFolder(context);
  for (const { heading, language, code } of programs.filter((each) => !notRun.includes(each.heading))) {
    await step(`the program of ${heading} works as the guide shows it`, async () => {
      const file = join(folder, `program.${language}`);
      await writeFile(file, code.replaceAll('https://shop.example', site.url));
      // Debian's own, which has Debian's packages.
      const command = language === 'python' ? '/usr/bin/python3' : process.execPath;
      assert.match(await run(command, [file], signal), formerPrograms[heading] ?? /^$/);
    });
  }
}

/** The worker of docs/fleet.md, and what gives it work. */
export async function runFleet(context: SuiteContext, redisUrl: string): Promise<void> {
  const { step, defer, signal } = context;
  const [worker, producer] = (await programsOf('fleet.md'))
    .filter(({ heading, language }) => heading.startsWith('Many machines') && language === 'js')
    .map(({ code }) => code);
  assert.ok(worker !== undefined && producer !== undefined);
  const site = await startSite();
  defer(() => site.close());
  const folder = await makeFolder(context);
  const passwords = Object.fromEntries(users.map(({ name, password }) => [name, password]));
  const secrets = `const credentialsOf = (username) => ({ username, password: (${JSON.stringify(passwords)})[username] });`;
  const tell = "worker.on('completed', ({ data }, page) => console.log(data.account, page));";
  await writeFile(
    join(folder, 'worker.mjs'),
    `${secrets}\n${worker.replaceAll('https://shop.example', site.url)}\n${tell}\n`,
  );
  await writeFile(join(folder, 'producer.mjs'), producer);
  const env = { ...process.env, REDIS_URL: redisUrl };
  const child = spawn(process.execPath, [join(folder, 'worker.mjs')], {
    env,
    signal,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  exit.catch(() => {});
  defer(() => void child.kill('SIGKILL'));
  await step('the worker of the guide does the jobs of its queue', async () => {
    await runWith(process.execPath, [join(folder, 'producer.mjs')], { REDIS_URL: redisUrl }, signal);
    const done: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      done.push(line);
      if (done.length === 2) break;
    }
    const pages = ['alice', 'bob'].map((name) => {
      const user = users.find((each) => each.name === name);
      return `${name} <h1>Hello, ${name}</h1><p id="secret">${user?.secret}</p>`;
    });
    assert.deepEqual(done.sort(), pages);
  });
  await step('the worker of the guide ends at SIGTERM', async () => {
    child.kill('SIGTERM');
    assert.deepEqual(await exit, [0, null]);
  });
}
