/**
 * The package as its users get it: packed, installed in an empty project, type-checked and run as ES module, as
 * CommonJS and under Jest, and refused in one sentence by a Node.js that is too old.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicNames } from '../package/public-names.ts';
import type { Suite, SuiteContext } from './suite.ts';
import { run } from './system.ts';

const esm = `
import { createSession, isRequestError, type Session, type SessionResponse } from 'jarfetch';
import { createRegistry, type Registry, redisStore } from 'jarfetch/registry';
const registry: Registry = createRegistry({ store: redisStore('redis://127.0.0.1:1') });
await registry.close();
const session: Session = await createSession({ browser: 'firefox', os: 'windows' });
try {
  const response: SessionResponse = await session.fetch('http://127.0.0.1:1/');
  const platform: Response = response;
  console.log(platform.status);
} catch (error) {
  console.log(isRequestError(error, 'ERR_CONNECT') ? 'refused as expected' : error);
}
await session.close();
`;

const cjs = `
import jarfetch = require('jarfetch');
const profile: jarfetch.BrowserProfile = jarfetch.resolveProfile('chrome');
jarfetch.createSession().then((session) => session.close()).then(() => console.log(profile));
`;

const jestTest = `
const { createSession, RequestError } = require('jarfetch');
test('a session opens, refuses and closes', async () => {
  const session = await createSession();
  await expect(session.fetch('ftp://127.0.0.1/')).rejects.toBeInstanceOf(RequestError);
  await session.close();
  expect(session.closed).toBe(true);
});
`;

export const suite: Suite = {
  name: 'package',
  async run(context) {
    const folder = await mkdtemp(join(tmpdir(), 'jarfetch-package-'));
    context.defer(() => rm(folder, { recursive: true }));
    const inFolder = (command: string, args: readonly string[]): Promise<string> =>
      run(command, args, context.signal, folder);
    await install(context, folder, inFolder);
    await check(context, inFolder);
  },
};

type InFolder = (command: string, args: readonly string[]) => Promise<string>;

async function install({ step, signal }: SuiteContext, folder: string, inFolder: InFolder): Promise<void> {
  const tarball = await step('npm pack writes the files of the package and no others', async () => {
    const packed = await run(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
      signal,
    );
    const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
    const wanted = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
    const entries = Object.keys(publicNames).map((entry) => (entry === '.' ? 'index' : entry.slice(2)));
    // The last is loaded with the first WebSocket.
    for (const name of [...entries, 'node-version', 'chunk-*', 'websocket-*']) {
      wanted.push(`dist/${name}.js`, `dist/${name}.cjs`);
    }
    for (const name of entries) wanted.push(`dist/${name}.d.ts`, `dist/${name}.d.cts`);
    // What entries share has its content's hash in its name.
    const built = files.map(({ path }) => path).filter((path) => !/^(docs|examples)\//.test(path));
    const isProgram = (path: string): boolean => path.startsWith('dist/cli/');
    if (!built.includes('dist/cli/main.js')) throw new Error('the program is not packed');
    const library = built.filter((path) => !isProgram(path));
    const got = [...new Set(library.map((path) => path.replace(/-[\w-]{8}(?=\.)/, '-*')))].sort();
    if (got.join() !== wanted.sort().join()) throw new Error(`packed ${got.join(', ')}`);
    // What the README links to; what is only for those who work on it stays out.
    const others = files.map(({ path }) => path).filter((path) => !built.includes(path));
    if (!others.includes('docs/support.md') || !others.includes('examples/login.ts')) {
      throw new Error(`packed ${others.join(', ')}`);
    }
    const unwanted = others.filter((path) =>
      /api-report|node_modules|package-lock|\.vitepress|docs\/(package\.json|api\/|project\/|public\/)/.test(
        path,
      ),
    );
    if (unwanted.length > 0) throw new Error(`packed ${unwanted.join(', ')}`);
    return join(folder, filename);
  });
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  await writeFile(join(folder, 'esm.mts'), esm);
  await writeFile(join(folder, 'cjs.cts'), cjs);
  await writeFile(join(folder, 'session.test.js'), jestTest);
  await step('it installs in an empty project', () =>
    inFolder('npm', ['install', tarball, 'typescript@6', '@types/node@22', 'jest@30', 'node20@npm:node@20']),
  );
}

async function check({ step }: SuiteContext, inFolder: InFolder): Promise<void> {
  for (const [entry, names] of Object.entries(publicNames)) {
    const specifier = entry.replace('.', 'jarfetch');
    for (const load of [`import('${specifier}')`, `Promise.resolve(require('${specifier}'))`]) {
      await step(`${load} has the public names and no others`, async () => {
        const print = `${load}.then((module) => console.log(Object.keys(module).sort().join()))`;
        expectOutput(await inFolder(process.execPath, ['-e', print]), `${names.join()}\n`);
      });
    }
  }
  for (const entry of ['jarfetch', 'jarfetch/page', 'jarfetch/registry']) {
    for (const load of [`import('${entry}')`, `Promise.resolve(require('${entry}'))`]) {
      await step(`the classes of ${load} have their names`, async () => {
        const isOther = "typeof each === 'function' && /^class/.test(String(each)) && each.name !== name";
        const others = `Object.entries(all).filter(([name, each]) => ${isOther}).map(([name]) => name)`;
        expectOutput(
          await inFolder(process.execPath, ['-e', `${load}.then((all) => console.log(${others}.join()))`]),
          '\n',
        );
      });
    }
  }
  const tsc = join('node_modules', '.bin', 'tsc');
  const strict = ['--strict', '--target', 'es2023', '--lib', 'es2024,esnext.disposable', '--types', 'node'];
  await step('it type-checks without skipLibCheck under nodenext', () =>
    inFolder(tsc, [...strict, '--noEmit', '--module', 'nodenext', 'esm.mts', 'cjs.cts']),
  );
  await step('it type-checks without skipLibCheck under bundler', () =>
    inFolder(tsc, [
      ...strict,
      '--noEmit',
      '--module',
      'preserve',
      '--moduleResolution',
      'bundler',
      'esm.mts',
    ]),
  );
  await step('it runs as ES module', async () => {
    expectOutput(await inFolder(process.execPath, ['esm.mts']), 'refused as expected');
  });
  await step('it runs as CommonJS', async () => {
    await inFolder(tsc, [...strict, '--module', 'nodenext', 'cjs.cts']);
    expectOutput(await inFolder(process.execPath, ['cjs.cjs']), 'chrome_');
  });
  await step('it runs under Jest, which requires it', () =>
    inFolder(process.execPath, [join('node_modules', 'jest', 'bin', 'jest.js')]),
  );
  await step('an older Node.js is told in one sentence what is needed', async () => {
    const old = join('node_modules', 'node20', 'bin', 'node');
    const tell = "import('jarfetch').catch((error) => console.log(error.stack))";
    expectOutput(await inFolder(old, ['-e', tell]), 'jarfetch needs Node.js 22.19 or newer, this is 20.');
  });
}

function expectOutput(output: string, start: string): void {
  if (!output.startsWith(start) || output.trim().includes('\n')) throw new Error(`printed ${output}`);
}
