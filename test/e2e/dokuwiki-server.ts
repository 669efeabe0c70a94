/** DokuWiki from Debian's packages on PHP's built-in server, with configuration and data of its own. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, startPhp } from './php-server.ts';
import type { SuiteContext } from './suite.ts';
import { run, type Server } from './system.ts';
import type { Person } from './visits.ts';

export const PACKAGES = ['dokuwiki', 'php-cli', 'php-xml'];

const PHP = '/usr/bin/php';
const PROGRAM = '/usr/share/dokuwiki';
const DEFAULTS = '/etc/dokuwiki';

export interface WikiUser extends Person {
  readonly name: string;
}

export interface WikiSettings {
  readonly users: readonly WikiUser[];
  /** Lines of DokuWiki's access control list: page, user or group, level. */
  readonly acl: readonly string[];
  /** Page id to wiki text. */
  readonly pages: Readonly<Record<string, string>>;
}

/** Starts a wiki. The suite's end stops it and removes everything that it has written. */
export async function startWiki(context: SuiteContext, settings: WikiSettings): Promise<Server> {
  const folder = await makeFolder(context, 'dokuwiki', 'conf', 'sessions');
  await writeConfiguration(folder, settings, context.signal);
  await writePages(folder, settings.pages);
  const php = {
    auto_prepend_file: join(folder, 'prepend.php'),
    'session.save_path': join(folder, 'sessions'),
  };
  return startPhp(context, { root: PROGRAM, settings: php });
}

async function writeConfiguration(
  folder: string,
  settings: WikiSettings,
  signal: AbortSignal,
): Promise<void> {
  const conf = join(folder, 'conf');
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
    ({ username, name }, index) => `${username}:${hashes[index]}:${name}:${username}@example.test:user`,
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
