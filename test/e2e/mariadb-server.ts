/** MariaDB with data of its own, reached by a socket in its folder alone. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from './php-server.ts';
import type { SuiteContext } from './suite.ts';
import { run, startServer } from './system.ts';

export interface MariaDb {
  /** What a client connects to. */
  readonly socket: string;
  /** Runs statements as the database's administrator, who has no password. */
  execute(sql: string): Promise<string>;
}

/** Starts a database server without a port; the suite's end stops it. */
export async function startMariaDb(context: SuiteContext): Promise<MariaDb> {
  const { defer, signal } = context;
  const folder = await makeFolder(context, 'mariadb');
  const socket = join(folder, 'socket');
  // --no-defaults comes first and leaves the machine's own server alone. Without --user root is refused.
  const common = ['--no-defaults', `--datadir=${join(folder, 'data')}`, `--user=${userInfo().username}`];
  const withoutRights = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
  await run('mariadb-install-db', [...common, ...withoutRights], signal);
  const server = await startServer(
    {
      command: 'mariadbd',
      args: [
        ...common,
        ...['--skip-networking', '--skip-log-bin', `--socket=${socket}`],
        // Nothing needs to survive a crash here.
        ...['--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=32M'],
      ],
      findUrl: (output) => (output.includes('ready for connections') ? socket : undefined),
      answers: async () => true,
    },
    signal,
  );
  defer(() => server.stop());
  const execute = (sql: string): Promise<string> =>
    run(
      'mariadb',
      ['--no-defaults', `--socket=${socket}`, '--user=root', '--batch', `--execute=${sql}`],
      signal,
    );
  return { socket, execute };
}
