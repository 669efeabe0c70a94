import { rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSite } from '../../examples/site.ts';
import { runCommand, stateOf } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { startServer } from '../helpers/servers.ts';

async function site() {
  const started = await startSite();
  onTestFinished(() => started.close());
  return started;
}

/** Makes a session that nobody has used for so many days. */
async function idle(id: string, days: number, env: Readonly<Record<string, string>>): Promise<void> {
  await runCommand(['session', 'new', id], { env });
  const path = join(env.XDG_STATE_HOME ?? '', 'jarfetch', 'sessions', `session-${id}.json`);
  const document = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...document, lastUsedAt: document.lastUsedAt - days * 86_400_000 }));
}

/** A server that sets a cookie of the path's name. */
function cookieServer() {
  return startServer(
    (request, response) =>
      void response.setHeader('set-cookie', `c${request.url?.slice(1)}=1`).end(request.headers.cookie ?? ''),
  );
}

describe('a session', () => {
  it('keeps a login from one command to the next', async () => {
    const { url } = await site();
    const env = await stateOf();
    const { output: id } = await runCommand(['session', 'new'], { env });
    expect(id).toMatch(/^[\w-]+\n$/);
    const session = id.trim();
    const login = ['post', `${url}/api/login`, 'user=bob', 'password=hard-hat', '--session', session];
    expect((await runCommand(login, { env })).code).toBe(0);
    const me = await runCommand(['get', `${url}/api/me`], { env: { ...env, JARFETCH_SESSION: session } });
    expect(JSON.parse(me.output).user).toBe('bob');
    expect((await runCommand(['get', `${url}/api/me`], { env })).code).toBe(4);
  });

  it('is made by "new" on another command, which says its id on stderr and in JSON', async () => {
    const { url } = await site();
    const env = await stateOf();
    const { errors, output } = await runCommand(['get', url, '--session', 'new', '--json'], { env });
    const { session } = JSON.parse(output);
    expect(errors).toBe(`session: ${session}\n`);
    expect((await runCommand(['get', url, '--session', session], { env })).code).toBe(0);
  });

  it('has a header whose value is in a file', async () => {
    const { url } = await site();
    const env = await stateOf();
    const path = join(await temporaryFolder(), 'token');
    await writeFile(path, 'abc\n');
    await runCommand(['session', 'new', 'ada', '-H', `X-Token:@${path}`], { env });
    const { output } = await runCommand(['get', `${url}/echo`, '-s', 'ada'], { env });
    expect(Object.fromEntries(JSON.parse(output).headers)).toMatchObject({ 'X-Token': 'abc' });
    const { errors } = await runCommand(['session', 'new', 'bob', '-H', 'X-Token:@/nowhere'], { env });
    expect(errors).toBe('jarfetch: The file "/nowhere" cannot be read (ENOENT)\n');
  });

  it('has the browser, base URL, headers and cookies that it was made with', async () => {
    const { url } = await site();
    const env = await stateOf();
    const cookies = '# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tplanted\t1\n';
    const words = [
      'session',
      'new',
      'ada',
      '--browser',
      'firefox',
      '--base-url',
      url,
      '-H',
      'X-Own:1',
      '--cookies',
      '-',
    ];
    expect(await runCommand(words, { env, stdin: cookies })).toEqual({
      code: 0,
      output: 'ada\n',
      errors: '',
    });
    const { output } = await runCommand(['get', '/echo', '-s', 'ada'], { env });
    const headers: [string, string][] = JSON.parse(output).headers;
    const header = (name: string) => headers.find(([own]) => own.toLowerCase() === name)?.[1];
    expect(header('user-agent')).toContain('Firefox');
    expect([header('x-own'), header('cookie')]).toEqual(['1', 'planted=1']);
  });

  it('keeps its browser, and refuses another one', async () => {
    const env = await stateOf();
    await runCommand(['session', 'new', 'ada'], { env });
    const { code, errors } = await runCommand(['get', 'http://a.test', '-s', 'ada', '--os', 'linux'], {
      env,
    });
    expect(errors).toContain('--os applies only to a new session');
    expect(code).toBe(2);
  });

  it('can be a file, in the form that session.save() has', async () => {
    const server = await cookieServer();
    const env = await stateOf();
    const path = join(await temporaryFolder(), 'mine.json');
    const missing = await runCommand(['get', server.url, '-s', path], { env });
    expect(missing.errors).toContain(`session not found: ${path}`);
    expect(missing.code).toBe(10);
    expect((await runCommand(['session', 'new', path], { env })).output).toBe(`${path}\n`);
    await runCommand(['get', `${server.url}/a`, '-s', path], { env });
    expect((await runCommand(['get', server.url, '-s', path], { env })).output).toBe('ca=1');
    const document = JSON.parse(await readFile(path, 'utf8'));
    expect(document).toMatchObject({ version: 1, cookies: [{ name: 'ca' }, { name: 'c' }] });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const other = { ...document, sessionId: 'of-a-program' };
    await writeFile(path, JSON.stringify(other));
    expect((await runCommand(['get', server.url, '-s', path], { env })).output).toContain('ca=1');
    await runCommand(['session', 'close', path], { env });
    expect((await runCommand(['session', 'show', path], { env })).code).toBe(10);
  });

  it('that does not exist is an error with the nearest name, and the command ends with 10', async () => {
    const env = await stateOf();
    await runCommand(['session', 'new', 'orders'], { env });
    const { code, errors } = await runCommand(['get', 'http://a.test', '-s', 'ordres'], { env });
    expect(errors).toBe('jarfetch: session not found: ordres (there never was one), did you mean orders?\n');
    expect(code).toBe(10);
  });

  it('is not made a second time', async () => {
    const env = await stateOf();
    await runCommand(['session', 'new', 'ada'], { env });
    const { code, errors } = await runCommand(['session', 'new', 'ada'], { env });
    expect([code, errors]).toEqual([10, 'jarfetch: session exists already: ada\n']);
  });

  it('expires, and every later command says so', async () => {
    const env = await stateOf();
    await idle('ada', 9, env);
    const told = 'jarfetch: session not found: ada (it expired)\n';
    for (let time = 0; time < 3; time++) {
      expect(await runCommand(['get', 'http://a.test', '-s', 'ada'], { env })).toEqual({
        code: 10,
        output: '',
        errors: told,
      });
    }
    await runCommand(['session', 'new', 'ada'], { env });
    expect((await runCommand(['session', 'show', 'ada'], { env })).code).toBe(0);
  });

  it('that was closed is reported as closed', async () => {
    const env = await stateOf();
    await runCommand(['session', 'new', 'ada'], { env });
    expect((await runCommand(['session', 'close', 'ada'], { env })).code).toBe(0);
    const told = 'session not found: ada (it was closed)';
    for (const words of [
      ['session', 'show', 'ada'],
      ['get', 'http://a.test', '-s', 'ada'],
      ['text', '-s', 'ada'],
    ]) {
      const { code, errors } = await runCommand(words, { env });
      expect([code, errors]).toEqual([10, `jarfetch: ${told}\n`]);
      const { output } = await runCommand([...words, '--json'], { env });
      expect(JSON.parse(output).error).toMatchObject({ code: 'ERR_SESSION_NOT_FOUND', message: told });
    }
  });

  it('stays for JARFETCH_TTL, or seven days', async () => {
    const env = await stateOf();
    await runCommand(['session', 'new', 'a'], { env });
    await runCommand(['session', 'new', 'b'], { env: { ...env, JARFETCH_TTL: '1h' } });
    const { data } = JSON.parse((await runCommand(['session', 'list', '--json'], { env })).output);
    const left = Object.fromEntries(
      data.sessions.map((one: { id: string; expiresAt: number; lastUsedAt: number }) => [
        one.id,
        one.expiresAt - one.lastUsedAt,
      ]),
    );
    expect(left).toEqual({ a: 7 * 86_400_000, b: 3_600_000 });
  });
});

describe('the commands of sessions', () => {
  it('list, show and count them', async () => {
    const server = await cookieServer();
    const env = await stateOf();
    await runCommand(['session', 'new', 'ada', '--proxy', 'http://user:c4n4ry@127.0.0.1:9'], { env });
    await runCommand(['session', 'new', 'bob'], { env });
    await runCommand(['get', `${server.url}/x`, '-s', 'bob'], { env });
    const list = await runCommand(['session', 'list'], { env });
    expect(list.output).toMatch(/^bob .* 1 cookies {2}1 requests\nada .* 0 cookies {2}0 requests\n$/);
    const show = await runCommand(['session', 'show', 'ada', '--json'], { env });
    expect(show.output).not.toContain('c4n4ry');
    expect(JSON.parse(show.output).data).toMatchObject({ id: 'ada', cookies: 0 });
  });

  it('fork a session: the copy has the cookies, and later changes are not shared', async () => {
    const server = await cookieServer();
    const env = await stateOf({ JARFETCH_SESSION: 'ada' });
    await runCommand(['session', 'new', 'ada', '--browser', 'chrome'], { env });
    await runCommand(['get', `${server.url}/a`], { env });
    expect((await runCommand(['session', 'fork', 'bob'], { env })).output).toBe('bob\n');
    await runCommand(['get', `${server.url}/b`, '-s', 'bob'], { env });
    expect((await runCommand(['get', `${server.url}/z`], { env })).output).toBe('ca=1');
    expect((await runCommand(['get', `${server.url}/z`, '-s', 'bob'], { env })).output).toBe('ca=1; cb=1');
    const copy = (await runCommand(['session', 'fork'], { env })).output.trim();
    const { data } = JSON.parse((await runCommand(['session', 'show', copy, '--json'], { env })).output);
    expect(data.browser).toMatch(/^chrome_/);
    expect(data.requests).toBe(0);
  });

  it('close one, several or all, and a missing one is not a failure', async () => {
    const env = await stateOf();
    for (const id of ['a', 'b', 'c', 'd']) await runCommand(['session', 'new', id], { env });
    expect((await runCommand(['session', 'close', 'a', 'b', 'x'], { env })).code).toBe(0);
    const { output } = await runCommand(['session', 'close', '--all', '--json'], { env });
    expect(JSON.parse(output).data.closed.sort()).toEqual(['c', 'd']);
    expect((await runCommand(['session', 'list'], { env })).output).toBe('');
  });

  it('remove expired sessions', async () => {
    const env = await stateOf();
    await idle('old', 9, env);
    await idle('older', 6, env);
    await runCommand(['session', 'new', 'young'], { env });
    expect((await runCommand(['session', 'gc'], { env })).output).toBe('1 removed, 2 left\n');
    expect((await runCommand(['session', 'show', 'old'], { env })).errors).toContain('(it expired)');
  });

  it('remove pages whose session no longer exists, and no others', async () => {
    const env = await stateOf();
    const { url } = await site();
    for (const id of ['here', 'gone', 'Ada.1']) {
      await runCommand(['session', 'new', id], { env });
      await runCommand(['open', url, '-s', id], { env });
      await runCommand(['open', url, '-s', id, '--page', 'orders'], { env });
    }
    const folder = join(env.XDG_STATE_HOME ?? '', 'jarfetch');
    await rm(join(folder, 'sessions/session-gone.json'));
    await writeFile(join(folder, 'pages/notes.txt'), 'not a page');
    const { output } = await runCommand(['session', 'gc'], { env });
    expect(output).toBe('0 removed, 2 left, 2 pages of sessions that are gone\n');
    expect((await readdir(join(folder, 'pages'))).sort()).toEqual([
      'notes.txt',
      'session-_41da_2e1.main.page',
      'session-_41da_2e1.orders.page',
      'session-here.main.page',
      'session-here.orders.page',
    ]);
    const { output: again } = await runCommand(['session', 'gc', '--json'], { env });
    expect(JSON.parse(again).data).toEqual({ removed: [], left: 2, pages: 0 });
  });

  it.each([
    ['show', 'session show needs a name'],
    ['fork', 'session fork needs a session to copy'],
    ['close', 'session close needs a name'],
  ])('%s says what it needs', async (name, message) => {
    const { code, errors } = await runCommand(['session', name]);
    expect(errors).toContain(message);
    expect(code).toBe(2);
  });
});

describe('the state folder', () => {
  it("is its owner's alone", async () => {
    const env = await stateOf();
    await runCommand(['session', 'new', 'ada'], { env });
    const folder = join(env.XDG_STATE_HOME ?? '', 'jarfetch', 'sessions');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
  });

  it('is encrypted with JARFETCH_KEY, and not decrypted without it or with another key', async () => {
    const server = await startServer(
      (_request, response) => void response.setHeader('set-cookie', 'sid=c4n4ry').end(),
    );
    const env = await stateOf();
    const locked = { ...env, JARFETCH_KEY: 'a passphrase' };
    await runCommand(['session', 'new', 'ada'], { env: locked });
    expect((await runCommand(['get', server.url, '-s', 'ada'], { env: locked })).code).toBe(0);
    const folder = join(env.XDG_STATE_HOME ?? '', 'jarfetch', 'sessions');
    for (const name of await readdir(folder)) {
      expect(await readFile(join(folder, name), 'utf8')).not.toMatch(/c4n4ry|sid/);
    }
    expect((await runCommand(['session', 'show', 'ada'], { env })).code).toBe(10);
    const other = { ...env, JARFETCH_KEY: 'another' };
    expect((await runCommand(['session', 'show', 'ada'], { env: other })).errors).toContain('does not open');
    expect((await runCommand(['session', 'show', 'ada'], { env: { ...env, JARFETCH_KEY: '' } })).code).toBe(
      2,
    );
    const list = await runCommand(['session', 'list'], { env: other });
    expect([list.code, list.output]).toEqual([0, '']);
    expect(list.errors).toContain('ada cannot be read');
  });

  it('that cannot be written at the end of a command is reported, and the command ends with 10', async () => {
    const env = await stateOf({ JARFETCH_SESSION: 'ada' });
    await runCommand(['session', 'new', 'ada'], { env });
    const folder = join(env.XDG_STATE_HOME ?? '', 'jarfetch/sessions');
    const server = await startServer((_request, response) => {
      rmSync(folder, { recursive: true });
      writeFileSync(folder, 'a file');
      response.setHeader('set-cookie', 'a=1').end('the body');
    });
    const { code, output, errors } = await runCommand(['get', server.url], { env });
    expect([code, output]).toEqual([10, 'the body']);
    expect(errors).toMatch(/^jarfetch: (?!Some sessions).+\n$/);
  });

  it('that is a file is reported, and the command ends with 10', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'jarfetch'), '');
    const { code, errors } = await runCommand(['session', 'new'], { env: { XDG_STATE_HOME: folder } });
    expect(errors).toMatch(/^jarfetch: fileStore cannot .* \(ENOTDIR\)/);
    expect(code).toBe(10);
  });

  it('that is a link to somewhere else is refused', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'jarfetch'));
    const { symlink } = await import('node:fs/promises');
    await symlink(await temporaryFolder(), join(folder, 'jarfetch', 'sessions'));
    expect((await runCommand(['session', 'new'], { env: { XDG_STATE_HOME: folder } })).code).toBe(10);
  });
});
