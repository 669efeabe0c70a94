/** WordPress from Debian's packages on PHP's built-in server, before a MariaDB of its own. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MariaDb, startMariaDb } from './mariadb-server.ts';
import { makeFolder, startPhp } from './php-server.ts';
import type { SuiteContext } from './suite.ts';
import { run, type Server } from './system.ts';
import type { Person } from './visits.ts';

export const PACKAGES = [
  ...[
    'wordpress',
    'wordpress-theme-twentytwentythree',
    'mariadb-server',
    'php-cgi',
    'php-cli',
    'micro-httpd',
  ],
];

const PROGRAM = '/usr/share/wordpress';

/** Starts a site whose authors are these people. The suite's end stops it and removes everything that it has written. */
export async function startWordPress(context: SuiteContext, people: readonly Person[]): Promise<Server> {
  const folder = await makeFolder(context, 'wordpress', 'sessions');
  const database = await startMariaDb(context);
  await database.execute('CREATE DATABASE wordpress CHARACTER SET utf8mb4;');
  // It looks for its settings, and keeps uploads, beside its scripts, so it is a copy of its own.
  const program = join(folder, 'program');
  await cp(PROGRAM, program, { recursive: true, verbatimSymlinks: true });
  await writeFile(join(program, 'wp-config.php'), configuration(database));
  const installer = join(folder, 'install.php');
  await writeFile(installer, INSTALL);
  await run('php', [installer, program, JSON.stringify(people)], context.signal);
  return startPhp(context, {
    root: program,
    settings: { 'session.save_path': join(folder, 'sessions'), upload_max_filesize: '8M' },
  });
}

/** The site's address is that of the request: the port is not known before. It asks nothing of the network. */
function configuration({ socket }: MariaDb): string {
  const names = ['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY'];
  const constants: Record<string, string | boolean> = {
    ...{ DB_NAME: 'wordpress', DB_USER: 'root', DB_PASSWORD: '', DB_HOST: `localhost:${socket}` },
    ...{ DB_CHARSET: 'utf8mb4', DB_COLLATE: '', DISABLE_WP_CRON: true, WP_HTTP_BLOCK_EXTERNAL: true },
    ...{ AUTOMATIC_UPDATER_DISABLED: true, WP_DEFAULT_THEME: 'twentytwentythree' },
    ...Object.fromEntries(names.map((name) => [name, `${name} of a test`])),
    ...Object.fromEntries(names.map((name) => [name.replace('KEY', 'SALT'), `${name} salt of a test`])),
  };
  return `<?php
${Object.entries(constants)
  .map(([name, value]) => `define('${name}', ${JSON.stringify(value)});`)
  .join('\n')}
$site = 'http://' . ($_SERVER['HTTP_HOST'] ?? '127.0.0.1');
define('WP_HOME', $site);
define('WP_SITEURL', $site);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
`;
}

/** What its installer does, and its page for new users, which keeps a password as PHP's slashed \$_POST has it. */
const INSTALL = `<?php
define('WP_INSTALLING', true);
[, $program, $people] = $argv;
require "$program/wp-load.php";
require "$program/wp-admin/includes/upgrade.php";
wp_install('End to end', 'admin', 'admin@example.test', false, '', 'only for the installer');
foreach (json_decode($people) as $person) {
  $id = wp_insert_user([
    'user_login' => $person->username, 'user_pass' => wp_slash($person->password),
    'user_email' => "$person->username@example.test", 'role' => 'author',
  ]);
  if (is_wp_error($id)) exit($id->get_error_message());
}
// Older than the installer's own, so that it is the first.
update_option('posts_per_page', 4);
for ($number = 1; $number <= 9; $number++) {
  wp_insert_post([
    'post_title' => "Post & <em>number</em> $number", 'post_content' => "été € $number", 'post_status' => 'publish',
    'post_author' => 1, 'post_date' => sprintf('2020-01-%02d 12:00:00', $number),
  ]);
}
`;
