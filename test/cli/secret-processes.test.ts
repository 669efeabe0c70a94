import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../helpers/folders.ts';
import { startServer } from '../helpers/servers.ts';

const program = join(import.meta.dirname, '../../src/cli/main.ts');
const node = [process.execPath, '--disable-warning=ExperimentalWarning'];
const secret = 'S3cret-of-ada';

/** Where a secret comes from, besides the arguments that say so. */
interface Source {
  readonly words: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
  /** The terminal that asks for it. */
  readonly prompt?: string;
}

const login = ['login', 'URL/login', '--user', 'ada'];
const sources: Readonly<Record<string, Source>> = {
  'a password on stdin': { words: [...login, '--password-stdin'], stdin: `${secret}\n` },
  'a password in the environment': { words: [...login, '--password-env', 'PW'], env: { PW: secret } },
  'a password in a file': { words: [...login, '--password-file', 'FILE'], file: secret },
  'a password that is typed': { words: login, prompt: 'Password of ada: ', stdin: `${secret}\r` },
  'a body on stdin': { words: ['post', 'URL/stall', '-d', '@-'], stdin: secret },
  'a header in a file': { words: ['get', 'URL/stall', 'Authorization:@FILE'], file: `Bearer ${secret}\n` },
  'a field in a file': { words: ['post', 'URL/stall', 'token=@FILE'], file: secret },
  'a curl command on stdin': {
    words: ['import-curl'],
    stdin: `curl URL/stall -H 'Authorization: Bearer ${secret}'`,
  },
};

const whyNot =
  process.platform !== 'linux'
    ? `there is no /proc on ${process.platform}`
    : existsSync('/usr/bin/script')
      ? null
      : 'the program script of util-linux, which makes a terminal, is missing';
if (whyNot !== null) console.log(`test/cli/secret-processes.test.ts is left out: ${whyNot}`);

/** A server whose login form can be read, and that answers no request with a body or to /stall. */
async function startStalling() {
  const { promise: stalled, resolve } = Promise.withResolvers<string>();
  const form = '<form method=post><input name=user><input name=password type=password><button>Go</button>';
  const server = await startServer((request, response, body) => {
    if (request.url !== '/stall' && request.method === 'GET') {
      response.setHeader('content-type', 'text/html').end(form);
      return;
    }
    resolve(`${request.headers.authorization ?? ''}${body}`);
  });
  return { url: server.url, stalled };
}

/** Starts the program, or a terminal with the program in it. */
async function start({ words, stdin = '', env = {}, file, prompt }: Source, url: string) {
  const folder = await temporaryFolder();
  const path = join(folder, 'secret');
  if (file !== undefined) await writeFile(path, file, { mode: 0o600 });
  const given = words.map((word) => word.replace('URL', url).replace('FILE', path));
  const line = [...node, program, ...given, '--session', 'new'];
  const [command = '', ...rest] =
    prompt === undefined
      ? line
      : ['/usr/bin/script', '-qec', line.map((word) => `'${word}'`).join(' '), '/dev/null'];
  const child = spawn(command, rest, {
    env: { PATH: process.env.PATH, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let shown = '';
  const typed = stdin.replace('URL', url);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      const before = shown;
      shown += chunk;
      if (prompt !== undefined && !before.includes(prompt) && shown.includes(prompt))
        child.stdin.write(typed);
    });
  }
  if (prompt === undefined) child.stdin.end(typed);
  const failed = new Promise<never>((_resolve, reject) => {
    child.on('close', (code) => reject(new Error(`the program ended with ${code}: ${shown}`)));
  });
  // A test that has what it wants ends the program itself.
  failed.catch(() => {});
  return { child, failed };
}

/** The process and its descendants. */
async function family({ pid }: Pick<ChildProcess, 'pid'>): Promise<readonly number[]> {
  const all = [Number(pid)];
  for (const parent of all) {
    for (const thread of await readdir(`/proc/${parent}/task`)) {
      const children = await readFile(`/proc/${parent}/task/${thread}/children`, 'utf8');
      all.push(...children.split(' ').filter(Boolean).map(Number));
    }
  }
  return all;
}

/** The command lines of a program that has sent the secret and waits for the answer. */
async function commandLines(source: Source) {
  const { url, stalled } = await startStalling();
  const { child, failed } = await start(source, url);
  expect(decodeURIComponent(await Promise.race([stalled, failed]))).toContain(secret);
  const processes = await family(child);
  const lines = await Promise.all(processes.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')));
  expect(lines.some((line) => line.includes('main.ts'))).toBe(true);
  return { processes, withSecret: lines.filter((line) => line.includes(secret)) };
}

it.skipIf(whyNot !== null).each(Object.entries(sources))(
  '%s is in no command line that other users can read',
  async (_, source) => {
    const { processes, withSecret } = await commandLines(source);
    expect(withSecret).toEqual([]);
    for (const pid of processes) {
      const { mode, uid } = await stat(`/proc/${pid}/environ`);
      expect([mode & 0o777, uid]).toEqual([0o400, process.getuid?.()]);
    }
  },
);

it.skipIf(whyNot !== null)('a secret that is an argument can be read, as the guide says', async () => {
  expect((await commandLines({ words: ['post', 'URL/stall', `token=${secret}`] })).withSecret).toHaveLength(
    1,
  );
});
