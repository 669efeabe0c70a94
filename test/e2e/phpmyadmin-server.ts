/** phpMyAdmin from Debian's package on PHP's built-in server, before a MariaDB of its own. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MariaDb, startMariaDb } from './mariadb-server.ts';
import { makeFolder, startPhp } from './php-server.ts';
import type { SuiteContext } from './suite.ts';
import type { Server } from './system.ts';
import type { Person } from './visits.ts';

export const PACKAGES = [
  ...['phpmyadmin', 'dbconfig-no-thanks', 'mariadb-server', 'php-cgi', 'php-cli', 'micro-httpd'],
];

const PROGRAM = '/usr/share/phpmyadmin';

/** Starts it with a database for each person, who is a user of the database server. */
export async function startPhpMyAdmin(context: SuiteContext, people: readonly Person[]): Promise<Server> {
  const folder = await makeFolder(context, 'phpmyadmin', 'sessions', 'tmp');
  const database = await startMariaDb(context);
  await addUsers(database, people);
  // Its settings are found from the place of its scripts, so it is a copy of its own.
  const program = join(folder, 'program');
  await cp(PROGRAM, program, { recursive: true, verbatimSymlinks: true });
  const paths = join(program, 'libraries', 'vendor_config.php');
  const config = join(folder, 'config.inc.php');
  const text = await readFile(paths, 'utf8');
  const own = text
    .replace('/etc/phpmyadmin/config.inc.php', config)
    .replace('/var/lib/phpmyadmin/tmp/', `${join(folder, 'tmp')}/`);
  await writeFile(paths, own);
  await writeFile(config, configuration(database));
  return startPhp(context, {
    root: program,
    settings: { 'session.save_path': join(folder, 'sessions'), error_reporting: 0 },
  });
}

function configuration({ socket }: MariaDb): string {
  const server = { auth_type: 'cookie', host: 'localhost', socket, AllowNoPassword: false };
  const lines = Object.entries(server).map(
    ([name, value]) => `$cfg['Servers'][1]['${name}'] = ${JSON.stringify(value)};`,
  );
  const secret = `$cfg['blowfish_secret'] = '${'0123456789abcdef'.repeat(2)}';`;
  return ['<?php', secret, ...lines, "$cfg['CookieSameSite'] = 'Strict';", ''].join('\n');
}

async function addUsers(database: MariaDb, people: readonly Person[]): Promise<void> {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const statements = people.flatMap(({ username, password }) => {
    const user = `${quote(username)}@'localhost'`;
    return [
      `CREATE USER ${user} IDENTIFIED BY ${quote(password)};`,
      `CREATE DATABASE desk_${username};`,
      `GRANT ALL ON desk_${username}.* TO ${user};`,
    ];
  });
  await database.execute(statements.join('\n'));
}
