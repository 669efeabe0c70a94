import { execFile, execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { quoted } from '../../src/cli/commands/curl.ts';
import { runCommand, stateOf } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { startServer } from '../helpers/servers.ts';

describe('curl', () => {
  it('prints the request with the cookies of the session, and sends nothing', async () => {
    const server = await startServer(
      (_request, response) => void response.setHeader('set-cookie', 'sid=c4n4ry').end(),
    );
    const env = await stateOf({ JARFETCH_SESSION: 'ada' });
    await runCommand(['session', 'new', 'ada', '--browser', 'firefox'], { env });
    await runCommand(['get', server.url], { env });
    const words = [
      'curl',
      'PUT',
      server.url,
      'it=it’s',
      'token=c4n4ry',
      'q==1',
      'Authorization:Bearer c4n4ry',
    ];
    const { output, code } = await runCommand(words, { env });
    expect([server.seen.length, code]).toEqual([1, 0]);
    expect(output).not.toContain('c4n4ry');
    expect(output).toMatch(/^curl '?http:\/\/127\.0\.0\.1:\d+\/\?q=1'? \\\n {2}-X PUT \\\n/);
    expect(output).toContain("-H 'Cookie: sid=…'");
    expect(output).toContain("-H 'Authorization: Bearer …'");
    expect(output).toContain('--compressed');
    expect(output).toContain(`--data-raw '{"it":"it’s","token":"…"}'`);
    expect(JSON.parse((await runCommand([...words, '--json'], { env })).output).data.command).toContain(
      'curl ',
    );
    const show = await runCommand(['session', 'show', '--json'], { env });
    expect(JSON.parse(show.output).data.requests).toBe(1);
  });

  it('prints a command by which the real curl sends the same', async () => {
    const server = await startServer((_request, response) => void response.end());
    const words = ['post', server.url, '--form', "a=it's", 'X-Own:1'];
    await runCommand([...words, '--browser', 'chrome', '--os', 'linux']);
    const { output } = await runCommand([
      'curl',
      ...words.slice(1),
      '--browser',
      'chrome',
      '--os',
      'linux',
      '--show-secrets',
    ]);
    await promisify(execFile)('bash', ['-c', output.replace(/^curl/, 'curl -s')]);
    const [ours, theirs] = server.seen.map(({ method, headers, body }) => ({
      method,
      body: body.toString(),
      headers: headers
        .map(([name, value]) => `${name}: ${value}`)
        .filter((field) => !/^connection/i.test(field))
        .sort(),
    }));
    expect(theirs).toEqual(ours);
  }, 60_000);

  it('refuses a body that is not text', async () => {
    const path = join(await temporaryFolder(), 'bytes');
    await writeFile(path, Buffer.from([0xff, 0xfe]));
    expect((await runCommand(['curl', 'https://a.test', '-d', `@${path}`])).code).toBe(2);
  });

  it.each([
    ['plain', 'plain'],
    ["it's", "'it'\\''s'"],
    ['$HOME `x` "y"', `'$HOME \`x\` "y"'`],
    ['', "''"],
  ])('the word %j is quoted as %s', (word, shown) => {
    expect(quoted(word)).toBe(shown);
    expect(execFileSync('sh', ['-c', `printf %s ${quoted(word)}`], { encoding: 'utf8' })).toBe(word);
  });
});

describe('import-curl', () => {
  it('sends the copied request, and stores its cookies in the session', async () => {
    const server = await startServer((_request, response) => void response.end('ok'));
    const env = await stateOf({ JARFETCH_SESSION: 'ada' });
    await runCommand(['session', 'new', 'ada'], { env });
    const copied = `curl '${server.url}/api?x=1' \\
      -H 'accept: application/json' -H 'user-agent: Copied/1' -H 'content-type: text/x' \\
      -b 'sid=1; theme=dark' --data-raw '@no file' --compressed --http2`;
    const { code, output, errors } = await runCommand(['import-curl'], { env, stdin: copied });
    expect([code, output, errors]).toEqual([0, 'ok', 'jarfetch: --http2 is ignored\n']);
    const [seen] = server.seen;
    expect([seen?.method, seen?.url, seen?.body.toString()]).toEqual(['POST', '/api?x=1', '@no file']);
    const headers = Object.fromEntries(
      (seen?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]),
    );
    expect(headers).toMatchObject({
      'user-agent': 'Copied/1',
      'content-type': 'text/x',
      cookie: 'sid=1; theme=dark',
    });
    expect(headers).not.toHaveProperty('sec-ch-ua');
    await runCommand(['get', server.url], { env });
    expect(server.seen[1]?.headers).toContainEqual(['Cookie', 'sid=1; theme=dark']);
  });

  it.each([
    ["curl -X DELETE 'URL/x' -u ada:pw", 'DELETE', '/x', ''],
    ["curl 'URL/x' -G -d a=1 -d b=2", 'GET', '/x?a=1&b=2', ''],
    ["curl -I 'URL/x' -A me -e http://r.test/", 'HEAD', '/x', ''],
    [`curl --json '{"a":1}' 'URL/x'`, 'POST', '/x', '{"a":1}'],
    ["curl 'URL/x' -d a=1 -d b=2", 'POST', '/x', 'a=1&b=2'],
  ])('%s is %s %s', async (command, method, url, body) => {
    const server = await startServer((_request, response) => void response.end());
    expect((await runCommand(['import-curl', '-'], { stdin: command.replace('URL', server.url) })).code).toBe(
      0,
    );
    const [seen] = server.seen;
    expect([seen?.method, seen?.url, seen?.body.toString()]).toEqual([method, url, body]);
  });

  it('only stores the cookies', async () => {
    const env = await stateOf();
    await runCommand(['session', 'new', 'ada'], { env });
    const stdin = "curl 'https://a.test/' -b 'a=1; b=2'";
    expect((await runCommand(['import-curl', '--cookies-only', '-s', 'ada'], { env, stdin })).output).toBe(
      '2 imported\n',
    );
  });

  it.each([
    ['wget x', 'not a curl command'],
    ['curl -H a:b', 'has no URL'],
    ['curl http://a.test -d @/etc/passwd', 'would send a local file'],
    ['curl http://a.test -F a=b', '-F is not supported'],
  ])('%s is refused', async (stdin, message) => {
    const { code, errors } = await runCommand(['import-curl'], { stdin });
    expect(errors).toContain(message);
    expect(code).toBe(2);
  });
});
