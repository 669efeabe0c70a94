/**
 * The program in a real terminal, that of tmux: a password without echo, bars, colours, Ctrl-C, what a hostile server
 * sends, pipes that close, completion in three shells, and state folders that cannot be written.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startSite } from '../../examples/site.ts';
import { makeFolder } from './php-server.ts';
import { shellEnvironment } from './shell-script.ts';
import { stateFolders } from './state-folders.ts';
import type { Suite, SuiteContext } from './suite.ts';
import { installPackages } from './system.ts';
import { type Pane, startPane } from './terminal-pane.ts';

const packages = ['tmux', 'zsh', 'fish'];
const file = randomBytes(400_000);
const hostile = '\u001b]0;hacked\u0007\u001b[2J\u001b[1;1H\u001b[31mred\u009b5m \u202eover\n';

export const suite: Suite = {
  name: 'terminal',
  run: async (context) => {
    const { step, signal } = context;
    await step(`${packages.join(', ')} are installed`, () => installPackages(packages, signal));
    const site = await startSite();
    context.defer(() => site.close());
    const folder = await makeFolder(context, 'terminal', 'bin');
    const own = await shellEnvironment(folder);
    const env = { ...own, SITE: site.url, STRANGE: await startStrange(context), PS1: '$ ' };
    const pane = await startPane(context, 'bash', ['bash', '--norc', '--noprofile'], env);
    await asksForPasswords(context, pane);
    await draws(context, pane, folder);
    await staysSafe(context, pane);
    await completes(context, env);
    await stateFolders(context);
  },
};

/** A server of downloads that stall, hostile text and a body without end. */
async function startStrange({ defer }: SuiteContext): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/file') return sendFile(request.headers.range, response);
    if (request.url === '/hostile') return void response.setHeader('Content-Type', 'text/plain').end(hostile);
    const [, page] = /^\/pages\/(\d)$/.exec(request.url ?? '') ?? [];
    if (page !== undefined) return sendPage(Number(page), response);
    response.setHeader('Content-Type', 'text/plain');
    if (request.url === '/stall') return void response.write('line\n');
    const more = (): void => {
      while (!response.destroyed && response.write('line\n'.repeat(5000)));
    };
    response.on('drain', more);
    more();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Pages that have a next one each; the fifth never comes. */
function sendPage(number: number, response: ServerResponse): void {
  if (number === 5) return;
  response.setHeader('Link', `</pages/${number + 1}>; rel="next"`).setHeader('Content-Type', 'text/html');
  response.end(`<p>page ${number}`);
}

/** The whole file by Range; without it half of the file, and then nothing more. */
function sendFile(range: string | undefined, response: ServerResponse): void {
  const from = /^bytes=(\d+)-$/.exec(range ?? '')?.[1];
  response.setHeader('ETag', '"1"').setHeader('Content-Type', 'application/octet-stream');
  if (from === undefined) {
    response.setHeader('Content-Length', file.length).write(file.subarray(0, file.length / 2));
    return;
  }
  const rest = file.subarray(Number(from));
  const place = `bytes ${from}-${file.length - 1}/${file.length}`;
  response.writeHead(206, { 'Content-Range': place, 'Content-Length': rest.length }).end(rest);
}

async function asksForPasswords({ step }: SuiteContext, pane: Pane): Promise<void> {
  const login = 'jarfetch login $SITE/login --user alice; echo code=$?';
  await step('a password is asked for and not shown', async () => {
    await pane.command('export JARFETCH_SESSION=$(jarfetch session new)');
    await pane.command(login);
    await pane.shows(/Password of alice: ?$/m);
    await pane.type('white-rabbit');
    await pane.press('Enter');
    const text = await pane.shows(/^code=0$/m);
    assert.match(text, /\/members$/m);
    assert.doesNotMatch(text, /rabbit/);
  });
  await step('what is typed afterwards is shown again', async () => {
    await pane.clear();
    await pane.type('echo seen');
    await pane.shows(/echo seen$/);
    await pane.press('Enter');
    await pane.clear();
  });
  await step('Ctrl-C at the question ends with 130', async () => {
    await pane.command(login);
    await pane.shows(/Password of alice: ?$/m);
    await pane.press('C-c');
    await pane.shows(/^code=130$/m);
    await pane.clear();
  });
}

async function draws({ step }: SuiteContext, pane: Pane, folder: string): Promise<void> {
  const download = `jarfetch download $STRANGE/file -o ${join(folder, 'file')}`;
  await step('a download has a bar, and Ctrl-C ends it with 130 and a part that is right', async () => {
    await pane.command(`${download}; echo code=$?`);
    // The server sends half of it, in pieces, and nothing more.
    await pane.shows(/^\[#+\.+\] 50% 200\.0 kB/m);
    await pane.press('C-c');
    await pane.shows(/^code=130$/m);
    const part = await readFile(join(folder, 'file.part'));
    assert.deepEqual(part, file.subarray(0, part.length));
    assert.ok(part.length > 0 && !existsSync(join(folder, 'file')));
    await pane.clear();
  });
  await step('the download is continued to its end', async () => {
    await pane.command(`${download} --continue; echo code=$?`);
    assert.match(await pane.shows(/^code=0$/m), /400\.0 kB$/m);
    assert.deepEqual(await readFile(join(folder, 'file')), file);
    await pane.clear();
  });
  await step('a pagination into a file has a line of progress, which is gone at the end', async () => {
    await pane.command(`jarfetch paginate $STRANGE/pages/1 > ${join(folder, 'pages')}; echo code=$?`);
    await pane.shows(/^4 pages, 4 items$/m);
    await pane.press('C-c');
    assert.doesNotMatch(await pane.shows(/^code=130$/m), /items/);
    assert.equal(await readFile(join(folder, 'pages'), 'utf8'), 'page 1\npage 2\npage 3\npage 4\n');
    await pane.clear();
  });
  await step('the status is coloured, and with NO_COLOR it is not', async () => {
    await pane.command('jarfetch get $SITE/; echo code=$?');
    await pane.shows(/^code=0$/m);
    assert.ok((await pane.screen({ colors: true })).includes('\u001b[32m200 OK'));
    await pane.clear();
    await pane.command('NO_COLOR=1 jarfetch get $SITE/; echo code=$?');
    await pane.shows(/^code=0$/m);
    assert.ok(!(await pane.screen({ colors: true })).includes('\u001b[32m'));
    await pane.clear();
  });
  await step('the help is as wide as the terminal', async () => {
    await pane.command('jarfetch get --help; echo code=$?');
    const lines = (await pane.shows(/^code=0$/m)).split('\n');
    assert.ok(lines.length > 15);
    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    );
    await pane.clear();
  });
}

async function staysSafe({ step }: SuiteContext, pane: Pane): Promise<void> {
  await step('escape sequences of a server are shown and do nothing', async () => {
    const title = await pane.title();
    await pane.command('echo before; jarfetch get $STRANGE/hostile; echo code=$?');
    const text = await pane.shows(/^code=0$/m);
    assert.match(text, /^before\n200 OK · text\/plain\n\\x1b\]0;hacked\\x07\\x1b\[2J.*\\u202eover$/m);
    assert.equal(await pane.title(), title);
    await pane.clear();
  });
  await step('a reader that goes away ends a body without end, quietly', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is bash's
    await pane.command('jarfetch get $STRANGE/endless | head -1; echo codes=${PIPESTATUS[*]}');
    assert.match(await pane.shows(/^codes=0 0$/m), /^line\ncodes=/m);
    await pane.clear();
  });
  await step('Ctrl-C ends a body that stalls with 130', async () => {
    await pane.command('jarfetch get $STRANGE/stall; echo code=$?');
    await pane.shows(/^line$/m);
    await pane.press('C-c');
    await pane.shows(/^(\^C)?code=130$/m);
    await pane.clear();
  });
}

/** How each shell is started, and takes the completion. */
const shells: readonly (readonly [name: string, start: readonly string[], setup: string])[] = [
  ['bash', ['bash', '--norc', '--noprofile'], 'source <(jarfetch completion bash)'],
  ['zsh', ['zsh', '-f'], 'autoload -U compinit; compinit -u -D; source <(jarfetch completion zsh)'],
  ['fish', ['fish', '--no-config'], 'jarfetch completion fish | source'],
];

async function completes(context: SuiteContext, env: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, start, setup] of shells) {
    await context.step(`${name} completes commands, options and their values`, async () => {
      const pane = await startPane(context, `${name}-completion`, start, env);
      await pane.command(`${setup}; echo ready`);
      await pane.shows(/^ready$/m);
      await pane.type('jarfetch sess');
      await pane.press('Tab');
      await pane.shows(/jarfetch session ?/);
      await pane.press('C-u');
      await pane.type('jarfetch session for');
      await pane.press('Tab');
      await pane.shows(/jarfetch session fork/);
      await pane.press('C-u');
      await pane.type('jarfetch download --chec');
      await pane.press('Tab');
      await pane.shows(/jarfetch download --checksum/);
      await pane.press('C-u');
      await pane.type('jarfetch get --os andr');
      await pane.press('Tab');
      await pane.shows(/jarfetch get --os android/);
      await pane.press('C-u');
    });
  }
}
