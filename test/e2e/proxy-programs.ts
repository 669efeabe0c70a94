/** Proxies from Debian's packages, each on 127.0.0.1 with a configuration and a folder of its own. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { run, type Server, type ServerCommand, startServer } from './system.ts';

export const PACKAGES = ['squid', 'tinyproxy', 'dante-server', 'microsocks'];

/** With what a password must be percent-encoded for; tinyproxy's configuration has no way to write such a one. */
const PASSWORD = 'p@ss:w/rd%';
const PLAIN_PASSWORD = 'Secret42';
const USER = 'ada';

export interface ProxyProgram {
  readonly name: string;
  readonly scheme: 'http' | 'socks5';
  /** The password of its one user, `null` where it lets everybody in. */
  readonly password: string | null;
  /** Writes what it needs to `folder`; tells how it is started on `port`. */
  prepare(
    folder: string,
    port: number,
    signal: AbortSignal,
  ): Promise<Pick<ServerCommand, 'command' | 'args'>>;
}

/** The URL of a running proxy, with credentials where it wants some. */
export function proxyUrl(program: ProxyProgram, url: string, password = program.password): string {
  const { scheme } = program;
  const userinfo = password === null ? '' : `${USER}:${encodeURIComponent(password)}@`;
  return `${scheme}://${userinfo}${new URL(url).host}`;
}

/** A host that squid is told to refuse; its name is never looked up. */
export const DENIED_HOST = 'denied.test';

function squid(auth: boolean): ProxyProgram {
  return {
    name: auth ? 'squid with users' : 'squid',
    scheme: 'http',
    password: auth ? PASSWORD : null,
    async prepare(folder, port, signal) {
      const passwords = join(folder, 'passwords');
      const hash = await run('openssl', ['passwd', '-apr1', PASSWORD], signal);
      await writeFile(passwords, `${USER}:${hash.trim()}\n`);
      const rules = auth
        ? [
            `auth_param basic program /usr/lib/squid/basic_ncsa_auth ${passwords}`,
            'acl known proxy_auth REQUIRED',
            'http_access allow known',
          ]
        : ['http_access allow all'];
      const lines = [
        `http_port 127.0.0.1:${port}`,
        `pid_filename ${join(folder, 'squid.pid')}`,
        `coredump_dir ${folder}`,
        ...[
          'cache deny all',
          'access_log none',
          'cache_store_log none',
          'cache_log /dev/null',
          'netdb_filename none',
        ],
        ...['pinger_enable off', 'shutdown_lifetime 0 seconds', 'visible_hostname localhost'],
        ...[
          `acl denied dstdomain ${DENIED_HOST}`,
          'http_access deny denied',
          ...rules,
          'http_access deny all',
        ],
      ];
      return { command: '/usr/sbin/squid', args: ['-N', '-f', await configuration(folder, lines)] };
    },
  };
}

function tinyproxy(auth: boolean): ProxyProgram {
  return {
    name: auth ? 'tinyproxy with users' : 'tinyproxy',
    scheme: 'http',
    password: auth ? PLAIN_PASSWORD : null,
    async prepare(folder, port) {
      const lines = [
        ...[`Port ${port}`, 'Listen 127.0.0.1', 'Timeout 60', 'MaxClients 100', 'Allow 127.0.0.1'],
        ...(auth ? [`BasicAuth ${USER} ${PLAIN_PASSWORD}`] : []),
      ];
      return { command: '/usr/bin/tinyproxy', args: ['-d', '-c', await configuration(folder, lines)] };
    },
  };
}

const dante: ProxyProgram = {
  name: 'dante',
  scheme: 'socks5',
  password: null,
  async prepare(folder, port) {
    const lines = [
      ...['logoutput: stderr', `internal: 127.0.0.1 port = ${port}`, 'external: 127.0.0.1'],
      ...['clientmethod: none', 'socksmethod: none', 'user.privileged: root', 'user.unprivileged: nobody'],
      'client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }',
      'socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }',
    ];
    const pid = join(folder, 'danted.pid');
    return { command: '/usr/sbin/danted', args: ['-f', await configuration(folder, lines), '-p', pid] };
  },
};

function microsocks(auth: boolean): ProxyProgram {
  return {
    name: auth ? 'microsocks with users' : 'microsocks',
    scheme: 'socks5',
    password: auth ? PASSWORD : null,
    prepare: async (_folder, port) => ({
      command: '/usr/bin/microsocks',
      args: ['-i', '127.0.0.1', '-p', String(port), ...(auth ? ['-u', USER, '-P', PASSWORD] : [])],
    }),
  };
}

export const programs: readonly ProxyProgram[] = [
  ...[squid(false), squid(true), tinyproxy(false), tinyproxy(true)],
  ...[dante, microsocks(false), microsocks(true)],
];

async function configuration(folder: string, lines: readonly string[]): Promise<string> {
  const file = join(folder, 'proxy.conf');
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

/** Starts a proxy; `kill` ends it as a crash would. */
export async function startProxy(
  program: ProxyProgram,
  parent: string,
  signal: AbortSignal,
): Promise<Server> {
  const port = await freePort();
  const folder = join(parent, String(port));
  await mkdir(folder);
  // Started by root, they read and write as users of their own.
  await chmod(parent, 0o755);
  await chmod(folder, 0o777);
  const command = await program.prepare(folder, port, signal);
  const url = `${program.scheme}://127.0.0.1:${port}`;
  return startServer({ ...command, findUrl: () => url, answers: () => accepts(port) }, signal);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
