import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSite } from '../../examples/site.ts';
import { completeUrl } from '../../src/cli/request.ts';
import { Interrupted } from '../../src/cli/run.ts';
import { runCommand } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { startServer } from '../helpers/servers.ts';

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

async function site() {
  const started = await startSite();
  onTestFinished(() => started.close());
  return started;
}

/** What the server saw of a command. */
async function seen(
  words: readonly string[],
  stdin = '',
): Promise<Echo & { header(name: string): string | undefined }> {
  const { url } = await site();
  const { code, output, errors } = await runCommand(
    words.map((word) => word.replace('SITE', url)),
    { stdin },
  );
  expect([code, errors]).toEqual([0, '']);
  const echo: Echo = JSON.parse(output);
  const header = (name: string) => echo.headers.find(([own]) => own.toLowerCase() === name)?.[1];
  return { ...echo, header };
}

describe('items', () => {
  it('become JSON, query and headers, and the method POST', async () => {
    const echo = await seen(['SITE/echo', 'name=Ada', 'count:=1', 'q==a b', 'X-Test:yes', 'Accept:']);
    expect([echo.method, echo.url]).toEqual(['POST', '/echo?q=a+b']);
    expect(JSON.parse(echo.body)).toEqual({ name: 'Ada', count: 1 });
    expect(echo.header('content-type')).toBe('application/json');
    expect([echo.header('x-test'), echo.header('accept')]).toEqual(['yes', undefined]);
  });

  it('become a form', async () => {
    const echo = await seen(['put', 'SITE/echo', '--form', 'name=Ada L', 'on:=true']);
    expect([echo.method, echo.body]).toEqual(['PUT', 'name=Ada+L&on=true']);
    expect(echo.header('content-type')).toMatch(/^application\/x-www-form-urlencoded/);
  });

  it('read the value of a header and a parameter from a file, without its line break', async () => {
    const path = join(await temporaryFolder(), 'token');
    await writeFile(path, 'Bearer abc\n');
    const echo = await seen(['SITE/echo', `Authorization:@${path}`, `q==@${path}`]);
    expect([echo.method, echo.url]).toEqual(['GET', '/echo?q=Bearer+abc']);
    expect(echo.header('authorization')).toBe('Bearer abc');
    const { code, errors } = await runCommand(['get', 'http://a.test', 'Authorization:@/nowhere']);
    expect([code, errors]).toEqual([2, 'jarfetch: The file "/nowhere" cannot be read (ENOENT)\n']);
  });

  it('become multipart where a file is among them, with its name and type', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'note.txt'), 'hello');
    const path = join(folder, 'note.txt');
    const echo = await seen([
      'post',
      'SITE/echo',
      'a=1',
      `note@${path}`,
      `other@${path};type=x/y`,
      `in=@${path}`,
    ]);
    expect(echo.header('content-type')).toMatch(/^multipart\/form-data; boundary=/);
    expect(echo.body).toMatch(/name="a"\r\n\r\n1\r\n/);
    expect(echo.body).toMatch(
      /name="note"; filename="note.txt"\r\nContent-Type: text\/plain\r\n\r\nhello\r\n/,
    );
    expect(echo.body).toMatch(/name="other"; filename="note.txt"\r\nContent-Type: x\/y\r\n/);
    expect(echo.body).toMatch(/name="in"\r\n\r\nhello\r\n/);
  });

  it('keep a name that is special in JavaScript', async () => {
    const echo = await seen(['SITE/echo', '__proto__=1', 'constructor=2']);
    expect(echo.body).toBe('{"__proto__":"1","constructor":"2"}');
  });

  it('read a field from a file', async () => {
    const path = join(await temporaryFolder(), 'all.json');
    await writeFile(path, '{"a":[1]}');
    expect(JSON.parse((await seen(['SITE/echo', `all:=@${path}`])).body)).toEqual({ all: { a: [1] } });
  });
});

describe('--data', () => {
  it.each([
    ['hello', 'hello', /^text\/plain/],
    ['{"a":1}', '{"a":1}', /^application\/json$/],
    ['{broken', '{broken', /^text\/plain/],
  ])('%s is sent as it is, with its type', async (data, body, type) => {
    const echo = await seen(['SITE/echo', '--data', data]);
    expect([echo.method, echo.body]).toEqual(['POST', body]);
    expect(echo.header('content-type')).toMatch(type);
  });

  it('reads stdin and files, and a header item sets another type', async () => {
    const echo = await seen(['patch', 'SITE/echo', '-d', '@-', 'Content-Type:text/csv'], 'a,b\n1,2\n');
    expect([echo.method, echo.body, echo.header('content-type')]).toEqual([
      'PATCH',
      'a,b\n1,2\n',
      'text/csv',
    ]);
    const path = join(await temporaryFolder(), 'body');
    await writeFile(path, 'from a file');
    expect((await seen(['SITE/echo', `--data=@${path}`])).body).toBe('from a file');
  });

  it.each([
    [['--data', 'x', 'a=1'], '--data is the whole body'],
    [['--data', '@/nowhere/at/all'], 'The file "/nowhere/at/all" cannot be read (ENOENT)'],
  ])('%s is refused before anything is sent', async (words, message) => {
    let requests = 0;
    const server = await startServer((_request, response) => {
      requests++;
      response.end();
    });
    const { code, errors } = await runCommand(['post', server.url, ...words]);
    expect(errors).toContain(message);
    expect([code, requests]).toEqual([2, 0]);
  });
});

it.each([
  ['https://a.test/x', 'https://a.test/x'],
  ['a.test/x', 'https://a.test/x'],
  ['localhost:3000', 'http://localhost:3000'],
  ['127.0.0.1/x', 'http://127.0.0.1/x'],
  ['[::1]:80/', 'http://[::1]:80/'],
  ['localhost.evil.test', 'https://localhost.evil.test'],
  [':3000/x', 'http://localhost:3000/x'],
  [':/x', 'http://localhost/x'],
  [':', 'http://localhost'],
  ['/members', '/members'],
])('the URL %s is %s', (word, url) => {
  expect(completeUrl(word)).toBe(url);
});

describe('the answer', () => {
  it('is written byte by byte into a pipe', async () => {
    const bytes = Buffer.from('\u001b[31mred\u0000\r\n', 'latin1');
    const server = await startServer((_request, response) => void response.end(bytes));
    expect((await runCommand(['get', server.url])).output).toBe(bytes.toString());
  });

  it('is written to a file', async () => {
    const path = join(await temporaryFolder(), 'body');
    const server = await startServer((_request, response) => void response.end('hello'));
    expect(await runCommand(['get', server.url, '-o', path])).toEqual({ code: 0, output: '', errors: '' });
    expect(await readFile(path, 'utf8')).toBe('hello');
  });

  it('is one object of the documented form for --json, without secrets', async () => {
    const server = await startServer(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'sid=c4n4ry' })
          .end('{"a":"\u009b\u202e"}'),
    );
    const { output, code } = await runCommand(['get', `${server.url}/x?token=c4n4ry&q=1`, '--json']);
    expect(code).toBe(0);
    expect(output).not.toMatch(/c4n4ry|\u009b|\u202e/);
    const { request, response, ...rest } = JSON.parse(output);
    expect(rest).toEqual({ schema: 1, ok: true, session: null, data: { json: { a: '\u009b\u202e' } } });
    expect(request).toEqual({ method: 'GET', url: `${server.url}/x?token=…&q=1` });
    expect(response).toMatchObject({ status: 200, type: 'application/json', redirects: 0, cookies: ['sid'] });
  });

  it('shows secrets with the option, and says so on stderr', async () => {
    const server = await startServer((_request, response) => void response.end());
    const { output, errors } = await runCommand([
      'get',
      `${server.url}/?token=abc`,
      '--json',
      '--show-secrets',
    ]);
    expect(JSON.parse(output).request.url).toContain('token=abc');
    expect(errors).toBe('jarfetch: secrets are shown (--show-secrets)\n');
  });

  it.each([
    ['text/plain; charset=iso-8859-1', Buffer.from([0xe9]), { text: 'é' }],
    ['image/png', Buffer.from([1, 2]), { base64: 'AQI=' }],
    ['application/json', Buffer.from('{no'), { text: '{no' }],
  ])('of the type %s is data of that kind', async (type, body, data) => {
    const server = await startServer(
      (_request, response) => void response.writeHead(200, { 'content-type': type }).end(body),
    );
    expect(JSON.parse((await runCommand(['get', server.url, '--json'])).output).data).toEqual(data);
  });
});

describe('many URLs', () => {
  it('are read from stdin, one a line, and a failure does not end the list', async () => {
    const { url } = await site();
    const stdin = `${url}/\n# a comment\n\n${url}/nowhere\nhttp://127.0.0.1:1/\n${url}/echo\n`;
    const { output, code } = await runCommand(['get', '-', '--ndjson'], { stdin });
    const lines = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ ok }) => ok)).toEqual([true, false, false, true]);
    expect(lines.map(({ request }) => new URL(request.url).pathname)).toEqual([
      '/',
      '/nowhere',
      '/',
      '/echo',
    ]);
    expect(lines[2].data.error).toMatchObject({ exitCode: 8 });
    expect(code).toBe(4);
  });

  it('have their bodies written one after the other', async () => {
    const { url } = await site();
    const { output, errors, code } = await runCommand(['get', '-'], {
      stdin: `${url}/\nhttp://127.0.0.1:1/\n${url}/`,
    });
    expect(output).toBe('<h1>Welcome</h1><h1>Welcome</h1>');
    expect(errors).toMatch(/^jarfetch: .+\n$/);
    expect(code).toBe(8);
  });
});

describe('-v', () => {
  it('prints the heads to stderr with secrets masked and nothing that drives a terminal', async () => {
    const server = await startServer(
      (_request, response) =>
        void response.writeHead(200, { 'x-evil': 'a\u009bb', 'set-cookie': 'sid=c4n4ry' }).end('ok'),
    );
    const { output, errors } = await runCommand(['get', server.url, '-v', 'Authorization:Bearer c4n4ry']);
    expect(output).toBe('ok');
    expect(errors).toMatch(/^\* Connected to 127\.0\.0\.1 port \d+\n> GET \/\n/);
    expect(errors).toContain('> Authorization: Bearer …\n');
    expect(errors).toContain('< 200 OK\n');
    expect(errors).toContain('x-evil: a\\x9bb');
    expect(errors).not.toMatch(/c4n4ry|\u009b/);
  });

  it('shows secrets with the option', async () => {
    const { url } = await site();
    const { errors } = await runCommand(['get', url, '-v', '--show-secrets', 'Authorization:Bearer abc']);
    expect(errors).toContain('> Authorization: Bearer abc\n');
  });
});

describe('on a terminal', () => {
  it('text is escaped, piece by piece, and ends with a line break', async () => {
    const server = await startServer(
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'text/plain' }).end('\u001b]0;x\u0007é'),
    );
    const { output, errors } = await runCommand(['get', server.url], { terminal: 80 });
    expect(output).toBe('\\x1b]0;x\\x07é\n');
    expect(errors).toContain('200 OK · text/plain');
  });

  it('bytes that are not text are not shown', async () => {
    const server = await startServer(
      (_request, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end('\u0089PNG'),
    );
    const { output, errors } = await runCommand(['get', server.url], { terminal: 80 });
    expect(output).toBe('');
    expect(errors).toContain('write it to a file with -o FILE');
  });

  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ TERM: 'dumb' }, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('%j has colours: %s', async (env, hasColors) => {
    const { errors } = await runCommand(['gte'], { terminal: 80, env });
    expect(errors.includes('\u001b[31m')).toBe(hasColors);
  });

  it('has colours in a pipe where FORCE_COLOR asks for them', async () => {
    expect((await runCommand(['gte'], { env: { FORCE_COLOR: '1' } })).errors).toContain('\u001b[31m');
  });
});

describe('an interrupt', () => {
  it.each([
    ['SIGINT', 130],
    ['a reader that has gone', 0],
  ] as const)('by %s ends an endless body', async (_name, exitCode) => {
    const server = await startServer((_request, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    });
    const interrupt = new AbortController();
    const { code, errors } = await runCommand(['get', server.url], {
      signal: interrupt.signal,
      onOutput: () => interrupt.abort(new Interrupted(exitCode)),
    });
    expect([code, errors]).toEqual([exitCode, '']);
  });

  it('ends a server that stalls', async () => {
    const { url } = await site();
    const interrupt = new AbortController();
    const ended = runCommand(['get', `${url}/slow`, '--json'], { signal: interrupt.signal });
    setTimeout(() => interrupt.abort(new Interrupted(130)), 20);
    expect((await ended).code).toBe(130);
  });
});

it('reads an endless body only up to its limit for --json', async () => {
  const server = await startServer((_request, response) => {
    const more = (): void => {
      while (response.write('x'.repeat(1_048_576)));
      response.once('drain', more);
    };
    more();
  });
  const { code, output } = await runCommand(['get', server.url, '--json']);
  expect(JSON.parse(output).error.code).toBe('ERR_BODY_TOO_LARGE');
  expect(code).toBe(1);
});
