/** DokuWiki from Debian's packages on PHP's built-in server, with configuration and data of its own. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Server, startServer } from './system.ts';

export const PACKAGES = ['dokuwiki', 'php-cli', 'php-xml'];

const PHP = '/usr/bin/php';
const PROGRAM = '/usr/share/dokuwiki';
const DEFAULTS = '/etc/dokuwiki';

export interface WikiUser {
  readonly login: string;
  readonly name: string;
  readonly password: string;
}

export interface WikiSettings {
  readonly users: readonly WikiUser[];
  /** Lines of DokuWiki's access control list: page, user or group, level. */
  readonly acl: readonly string[];
  /** Page id to wiki text. */
  readonly pages: Readonly<Record<string, string>>;
}

/** Starts a wiki. Its `stop` ends the server and removes everything it has written. */
export async function startWiki(settings: WikiSettings, signal: AbortSignal): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'jarfetch-dokuwiki-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    await writeConfiguration(folder, settings, signal);
    await writePages(folder, settings.pages);
    const server = await startServer(
      {
        command: PHP,
        args: [
          ...['-d', `auto_prepend_file=${join(folder, 'prepend.php')}`],
          ...['-d', `session.save_path=${join(folder, 'sessions')}`],
          // Port 0: the system chooses a free one, and PHP prints it.
          ...['-S', '127.0.0.1:0', '-t', PROGRAM],
        ],
        // One process answers one request at a time; sessions that work in parallel need several.
        env: { PHP_CLI_SERVER_WORKERS: '6' },
        findUrl: (output) => /Development Server \((http:\/\/127\.0\.0\.1:\d+)\) started/.exec(output)?.[1],
        // On SIGTERM it would leave its workers to nobody.
        stopSignal: 'SIGINT',
      },
      signal,
    );
    return {
      ...server,
      stop: async () => {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function writeConfiguration(
  folder: string,
  settings: WikiSettings,
  signal: AbortSignal,
): Promise<void> {
  const conf = join(folder, 'conf');
  await mkdir(conf);
  await mkdir(join(folder, 'sessions'));
  // Debian's preload.php leaves DOKU_CONF alone where it is defined: nothing of the machine's own wiki is used.
  await writeFile(join(folder, 'prepend.php'), `<?php define('DOKU_CONF', '${conf}/');\n`);
  for (const file of ['plugins.php', 'plugins.required.php']) {
    await copyFile(join(DEFAULTS, file), join(conf, file));
  }
  const local = { title: 'End to end', useacl: 1, savedir: join(folder, 'data'), updatecheck: 0 };
  const lines = Object.entries(local).map(([name, value]) => `$conf['${name}'] = ${JSON.stringify(value)};`);
  await writeFile(join(conf, 'local.php'), ['<?php', ...lines, ''].join('\n'));
  await writeFile(join(conf, 'acl.auth.php'), [...settings.acl, ''].join('\n'));
  const hash = 'foreach (array_slice($argv, 1) as $word) echo password_hash($word, PASSWORD_BCRYPT), "\\n";';
  const passwords = settings.users.map((user) => user.password);
  const hashes = (await run(PHP, ['-r', hash, '--', ...passwords], signal)).trim().split('\n');
  const accounts = settings.users.map(
    ({ login, name }, index) => `${login}:${hashes[index]}:${name}:${login}@example.test:user`,
  );
  await writeFile(join(conf, 'users.auth.php'), [...accounts, ''].join('\n'));
}

async function writePages(folder: string, pages: Readonly<Record<string, string>>): Promise<void> {
  const data = join(folder, 'data');
  const rooms = 'pages attic media media_attic media_meta meta cache index locks log tmp';
  for (const room of rooms.split(' ')) await mkdir(join(data, room), { recursive: true });
  for (const [id, text] of Object.entries(pages)) {
    const file = join(data, 'pages', `${id.replaceAll(':', '/')}.txt`);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text);
  }
}
