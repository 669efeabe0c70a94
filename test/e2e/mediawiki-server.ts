/** MediaWiki from Debian's package on PHP's built-in server, with SQLite and a configuration of its own. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, startPhp } from './php-server.ts';
import type { SuiteContext } from './suite.ts';
import { run, type Server } from './system.ts';
import type { Person } from './visits.ts';

export const PACKAGES = ['mediawiki', 'php-cgi', 'php-cli', 'php-sqlite3', 'micro-httpd'];

const PROGRAM = '/usr/share/mediawiki';

/** What is not the installer's: the port is not known to it, and jobs are for a wiki that lives longer. */
const SETTINGS = `
$wgServer = 'http://' . ( $_SERVER['HTTP_HOST'] ?? '127.0.0.1' );
$wgJobRunRate = 0;
$wgEnableEmail = false;
$wgSessionCacheType = CACHE_DB;
`;

/** Starts a wiki with these users. The suite's end stops it and removes everything that it has written. */
export async function startMediaWiki(context: SuiteContext, people: readonly Person[]): Promise<Server> {
  const { signal } = context;
  const folder = await makeFolder(context, 'mediawiki', 'data', 'sessions', 'tmp');
  const php = (script: string, ...args: string[]): Promise<string> =>
    run('php', [join(PROGRAM, 'maintenance', script), ...args], signal);
  await php(
    'install.php',
    ...['--dbtype=sqlite', `--dbpath=${join(folder, 'data')}`, '--dbname=wiki', `--confpath=${folder}`],
    ...['--server=http://127.0.0.1', '--scriptpath=', '--pass=only for the installer', '--skins=Vector'],
    ...['End to end', 'Admin'],
  );
  const settings = join(folder, 'LocalSettings.php');
  await appendFile(settings, SETTINGS);
  for (const { username, password } of people) {
    await php('createAndPromote.php', `--conf=${settings}`, username, password);
  }
  return startPhp(context, {
    root: PROGRAM,
    settings: { 'session.save_path': join(folder, 'sessions') },
    env: { MW_CONFIG_FILE: settings, TMPDIR: join(folder, 'tmp') },
  });
}
