import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSite } from '../../examples/site.ts';
import { runCommand, stateOf } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { startServer } from '../helpers/servers.ts';

const shop = `<title>Shop</title><h1>Tea</h1>
<a href="/a?token=c4n4ry&page=2">Apples</a> <a href="/b" rel="next">Next page</a> <a href="/b">Next</a>
<form id="search" action="/search"><input name="q"><button>Search</button></form>
<form id="order" method="post" action="/order"><input name="item" required>
<input type="password" name="pw" value="c4n4ry"><input type="hidden" name="csrf" value="c4n4ry">
<input type="hidden" name="kind" value="tea"><input name="tag"><input name="tag"><input type="file" name="photo">
<button name="go" value="1">Order</button><button name="go" value="2">Later</button></form>`;

function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://a.test');
  response.setHeader('content-type', pathname === '/data' ? 'application/json' : 'text/html; charset=utf-8');
  if (pathname === '/') response.end(shop);
  else if (pathname === '/data') response.end('{}');
  else if (pathname === '/count')
    response
      .setHeader('set-cookie', 'n=1')
      .end(`<title>${request.headers.cookie}</title>${request.headers.cookie}`);
  else if (pathname === '/list') {
    const page = Number(searchParams.get('page') ?? 1);
    const next = page < 3 ? `<a rel=next href="/list?page=${page + 1}">more</a>` : '';
    response.end(`<title>${page}</title><p class=row>row ${page}</p>${next}`);
  } else if (pathname === '/missing') response.writeHead(404).end('<title>gone</title>');
  else {
    const text = `${request.method} ${request.url} ${request.headers.referer ?? ''} ${body}`;
    response.end(`<title>${pathname}</title><p>${text.replace(/[<&]/g, '')}</p>`);
  }
}

/** A shop, and commands in a session that has its page open. */
async function openShop(more: Readonly<Record<string, string>> = {}) {
  const server = await startServer(answer);
  const env = await stateOf({ JARFETCH_SESSION: 'ada', ...more });
  await runCommand(['session', 'new', 'ada'], { env });
  const run = (...words: string[]) => runCommand(words, { env });
  const opened = await run('open', `${server.url}/`);
  return { server, env, run, opened };
}

describe('open', () => {
  it('prints the URL and what is on the page', async () => {
    const { server, opened } = await openShop();
    expect(opened).toEqual({ code: 0, output: `200 Shop\n${server.url}/\n3 links, 2 forms\n`, errors: '' });
  });

  it('prints the snapshot, too, and one object for --json', async () => {
    const { server, run } = await openShop();
    expect((await run('open', `${server.url}/`, '-i')).output).toContain('@e2 link "Next page" → /b');
    const { data, response, session } = JSON.parse((await run('open', `${server.url}/`, '--json')).output);
    expect(data).toEqual({ url: `${server.url}/`, status: 200, title: 'Shop', links: 3, forms: 2 });
    expect([response.status, session]).toEqual([200, 'ada']);
  });

  it('works without a session, and keeps nothing', async () => {
    const server = await startServer(answer);
    expect((await runCommand(['open', `${server.url}/`])).code).toBe(0);
    const { code, errors } = await runCommand(['text']);
    expect(errors).toContain('text needs a session that keeps the page');
    expect(code).toBe(2);
  });

  it('keeps the URL of a response that is not HTML, and prints its type', async () => {
    const { server, run } = await openShop();
    expect((await run('open', `${server.url}/data`)).output).toBe(
      `200 application/json\n${server.url}/data\n`,
    );
    expect((await run('text')).code).toBe(14);
  });

  it('ends with the code of the status', async () => {
    const { server, run } = await openShop();
    expect((await run('open', `${server.url}/missing`)).code).toBe(4);
    expect((await run('open', `${server.url}/missing`, '--no-check-status')).code).toBe(0);
  });
});

describe('the open page', () => {
  it.each([
    [['text'], 'Tea\nApples Next page Next\n'],
    [['query', 'h1'], 'Tea\n'],
    [['query', 'a', '--attr', 'rel'], 'next\n'],
  ])('is read by %j without a request', async (words, expected) => {
    const { run, server } = await openShop();
    const before = server.seen.length;
    const { code, output } = await run(...words);
    expect(output).toContain(expected.trimEnd());
    expect([code, server.seen.length]).toEqual([0, before]);
  });

  it('has its secrets masked in snapshot, markdown, links and forms, unless they are asked for', async () => {
    const { run, server } = await openShop();
    for (const name of ['snapshot', 'markdown', 'links', 'forms']) {
      for (const form of [[], ['--json']]) {
        const { output, code } = await run(name, ...form);
        expect([name, output.includes('c4n4ry'), code]).toEqual([name, false, 0]);
      }
    }
    expect((await run('links')).output).toContain(`${server.url}/a?token=…&page=2\n`);
    expect((await run('links', '--show-secrets')).output).toContain('token=c4n4ry');
    expect((await run('forms', '--show-secrets')).output).toContain('pw: password = "c4n4ry"');
  });

  it('has links by target, and as a line each', async () => {
    const { run, server } = await openShop();
    expect((await run('links', 'text=Next page')).output).toBe(`${server.url}/b\n`);
    const { output } = await run('links', '--ndjson');
    expect(
      output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).text),
    ).toEqual(['Apples', 'Next page', 'Next']);
  });

  it('can be replaced for one command by --url', async () => {
    const { run, server } = await openShop();
    expect((await run('query', 'title', '--url', `${server.url}/list`)).output).toBe('1\n');
    expect((await run('query', 'title')).output).toBe('Shop\n');
    expect((await run('text', '--url', `${server.url}/missing`)).code).toBe(4);
  });

  it('ends with 9 when nothing matches, and with 2 for an invalid selector', async () => {
    const { run } = await openShop();
    expect((await run('query', '.nothing')).code).toBe(9);
    expect((await run('query', '[')).code).toBe(2);
  });

  it('is read by a schema from a file or stdin', async () => {
    const { run, server, env } = await openShop();
    const schema = JSON.stringify({
      baseSelector: 'a',
      fields: [{ name: 'to', type: 'attribute', attribute: 'rel' }],
    });
    const path = join(await temporaryFolder(), 'schema.json');
    await writeFile(path, schema);
    const { output, errors } = await run('extract', path);
    expect(
      output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ to: null }, { to: 'next' }, { to: null }]);
    expect(errors).toContain('to is missing in 2 rows');
    const fromStdin = await runCommand(['extract', '-', '--json', '--url', `${server.url}/`], {
      env,
      stdin: schema,
    });
    expect(JSON.parse(fromStdin.output).data.rows).toHaveLength(3);
    const required = schema.replace('"name"', '"required":true,"name"');
    expect((await runCommand(['extract', '-'], { env, stdin: required })).code).toBe(14);
    expect((await runCommand(['extract', '-'], { env, stdin: '{' })).code).toBe(2);
  });
});

describe('follow', () => {
  it('is a click, with referrer and cookies', async () => {
    const { run, server } = await openShop();
    const { output, code } = await run('follow', 'text="Next"');
    expect(output).toContain('200 /b\n');
    expect(code).toBe(0);
    expect((await run('text')).output).toContain(`GET /b ${server.url}/`);
  });

  it('takes a ref of the snapshot that was shown, and refuses one of an older page', async () => {
    const { run, server } = await openShop();
    const unseen = await run('follow', '@e2');
    expect([unseen.code, unseen.errors]).toEqual([
      9,
      'jarfetch: @e2 belongs to an older page: the session has opened another page since. Print its refs with: jarfetch snapshot\n',
    ]);
    await run('snapshot');
    expect((await run('follow', '@e2')).output).toContain(`${server.url}/b`);
    expect((await run('follow', '@e1')).code).toBe(9);
    await run('open', `${server.url}/`, '-i');
    expect((await run('follow', '@e99')).code).toBe(9);
  });

  it.each([
    [['text=Nxt'], 9, 'nearest are'],
    [['a'], 9, 'means 3 links'],
    [['a', '--nth', 'x'], 2, '--nth must be a whole number'],
  ])('%j ends with %i', async (words, exitCode, message) => {
    const { run } = await openShop();
    const { code, errors } = await run('follow', ...words);
    expect(errors).toContain(message);
    expect(code).toBe(exitCode);
  });

  it('chooses one of several', async () => {
    const { run } = await openShop();
    expect((await run('follow', 'href=/b', '--nth', '1')).output).toContain('/b');
  });

  it('chooses one of several elements that a selector finds', async () => {
    const { run } = await openShop();
    expect((await run('follow', '[rel=next]', '--nth', '0')).output).toContain('/b');
    expect((await run('back')).code).toBe(0);
    expect(await run('follow', '[rel=next]', '--nth', '1')).toMatchObject({ code: 9 });
  });
});

describe('submit', () => {
  it('fills in the form that has the fields, and presses Enter', async () => {
    const { run } = await openShop();
    const { output } = await run('submit', 'q=tea & cake');
    expect(output).toContain('/search?q=tea+%26+cake');
  });

  it('presses a button of a form, with files, several values and what a script would set', async () => {
    const { run } = await openShop();
    const path = join(await temporaryFolder(), 'cat.jpg');
    await writeFile(path, 'meow');
    const words = [
      '#order',
      'item=tea',
      'tag=a',
      'tag=b',
      `photo@${path}`,
      '--set',
      'kind=green',
      '--click',
      'text=Later',
    ];
    expect((await run('submit', ...words)).output).toContain('200 /order');
    const { output } = await run('text');
    expect(output).toContain('POST /order');
    expect(output).toContain('kind=greentag=atag=bphoto=cat.jpggo=2');
  });

  it('shows what would be sent, without secrets, and sends nothing', async () => {
    const { run, server } = await openShop();
    const before = server.seen.length;
    const { output, code } = await run(
      'submit',
      'item=tea',
      'pw=c4n4ry2',
      '--dry-run',
      '--click',
      'text=Order',
    );
    expect(output).toContain(`POST ${server.url}/order\n`);
    expect(output).toContain('item=tea\npw=…\ncsrf=…\nkind=tea\n');
    expect(output).not.toContain('c4n4ry');
    expect([code, server.seen.length]).toEqual([0, before]);
    const get = await run('submit', '#search', 'q=x', '--dry-run', '--json');
    expect(JSON.parse(get.output).data).toMatchObject({
      method: 'GET',
      url: `${server.url}/search`,
      fields: [{ name: 'q', value: 'x' }],
    });
    expect((await run('submit', 'item=tea', '--dry-run', '--show-secrets')).output).toContain('csrf=c4n4ry');
  });

  it.each([
    [['#order'], 13, 'item'],
    [['#order', 'itm=x'], 9, 'item'],
    [['nowhere=x'], 9, 'forms'],
    [['#order', 'Accept:x'], 2, '"Accept" does not set a form field'],
    [['#order', '--script', '--click', 'text=Order'], 2, '--script and --click cannot be combined'],
  ])('%j ends with %i', async (words, exitCode, message) => {
    const { run } = await openShop();
    const { code, errors } = await run('submit', ...words);
    expect(errors).toContain(message);
    expect(code).toBe(exitCode);
  });

  it('sends invalid values, and submits as a script does, when options say so', async () => {
    const { run } = await openShop();
    expect((await run('submit', '#order', '--no-validate')).code).toBe(0);
    const { run: again } = await openShop();
    expect((await again('submit', '#order', '--script')).code).toBe(0);
  });
});

describe('reload and back', () => {
  it('reload requests the page again, with the current cookies', async () => {
    const { run, server } = await openShop();
    expect((await run('open', `${server.url}/count`)).output).toContain('200 undefined');
    expect((await run('reload')).output).toContain('200 n=1');
  });

  it('reload sends a form again, with its body', async () => {
    const { run, server } = await openShop();
    await run('submit', '#order', 'item=tea', '--click', 'text=Order');
    await run('reload');
    expect(server.seen.slice(-2).map(({ method, body }) => [method, body.toString()])).toEqual([
      ['POST', expect.stringContaining('item=tea')],
      ['POST', expect.stringContaining('item=tea')],
    ]);
  });

  it('back opens the earlier pages one by one, the answer to a form included', async () => {
    const { run, server } = await openShop();
    await run('open', `${server.url}/list`);
    await run('follow', 'rel=next');
    expect((await run('back')).output).toContain(`${server.url}/list\n`);
    expect((await run('back')).output).toContain('200 Shop');
    const { code, errors } = await run('back');
    expect([code, errors]).toEqual([9, 'jarfetch: The session has no earlier page\n']);
    await run('submit', '#order', 'item=tea', '--click', 'text=Order');
    await run('open', `${server.url}/list`);
    expect((await run('back')).output).toContain('200 Shop');
  });
});

describe('login', () => {
  async function members() {
    const site = await startSite();
    onTestFinished(() => site.close());
    const env = await stateOf({ JARFETCH_SESSION: 'bob', SITE_PASSWORD: 'hard-hat' });
    await runCommand(['session', 'new', 'bob'], { env });
    return { site, env, login: ['login', `${site.url}/login`, '--user', 'bob'] };
  }

  it.each([
    ['stdin', ['--password-stdin'], 'hard-hat\n'],
    ['the environment', ['--password-env', 'SITE_PASSWORD'], ''],
  ])('takes the password from %s, and stays logged in', async (_name, words, stdin) => {
    const { site, env, login } = await members();
    const { code, output, errors } = await runCommand([...login, ...words], { env, stdin });
    expect(output).toContain(`200 \n${site.url}/members\n`.replace(' \n', '\n'));
    expect([code, errors]).toEqual([0, '']);
    expect((await runCommand(['query', '#secret'], { env })).output).toBe('the crane is rented\n');
  });

  it('reads the password from a file', async () => {
    const { env, login } = await members();
    const path = join(await temporaryFolder(), 'password');
    await writeFile(path, 'hard-hat\n');
    expect((await runCommand([...login, '--password-file', path, '--check', 'h1'], { env })).code).toBe(0);
  });

  it('that fails ends with 11 and shows no password', async () => {
    const { env, login } = await members();
    const { code, output, errors } = await runCommand([...login, '--password-stdin'], {
      env,
      stdin: 'c4n4ry',
    });
    expect(output + errors).not.toContain('c4n4ry');
    expect(code).toBe(11);
  });

  it.each([
    [[], 'The password is missing'],
    [['--password-stdin'], '--password-stdin has no password in it'],
    [['--password-env', 'NOWHERE'], '--password-env NOWHERE has no password in it'],
    [['--password-stdin', '--password-env', 'X'], 'Give the password once'],
    [['--password', 'x'], 'login has no option --password'],
  ])('with %j is refused', async (words, message) => {
    const { env, login } = await members();
    const { code, errors } = await runCommand([...login, ...words], { env });
    expect(errors).toContain(message);
    expect(code).toBe(2);
  });
});

describe('paginate', () => {
  const schema = { baseSelector: '.row', fields: [{ name: 'row', type: 'text' }] };

  it('prints the rows of all pages, one object a line', async () => {
    const { server, run } = await openShop();
    const path = join(await temporaryFolder(), 'schema.json');
    await writeFile(path, JSON.stringify(schema));
    const { output } = await run('paginate', `${server.url}/list`, '--extract', path);
    expect(output).toBe('{"row":"row 1"}\n{"row":"row 2"}\n{"row":"row 3"}\n');
    expect((await run('paginate', `${server.url}/list`, '--extract', path, '--max-items', '2')).output).toBe(
      '{"row":"row 1"}\n{"row":"row 2"}\n',
    );
  });

  it('reads the pages from the open one, as text, as lines and as one object', async () => {
    const { server, run } = await openShop();
    await run('open', `${server.url}/list`);
    expect((await run('paginate', '--max', '2')).output).toBe('row 1\n\nmore\nrow 2\n\nmore\n');
    const lines = (await run('paginate', '--ndjson', '--next', 'rel=next')).output.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).title)).toEqual(['1', '2', '3']);
    expect(JSON.parse((await run('paginate', '--json')).output).data.pages).toBe(3);
  });
});

describe('wait', () => {
  it('requests the page until it matches, and keeps it', async () => {
    const { run, server } = await openShop();
    await run('open', `${server.url}/count`);
    expect((await run('wait', '--until', 'text=n=1', '--interval', '10ms')).code).toBe(0);
    expect((await run('query', 'title')).output).toBe('n=1\n');
  });

  it('shows on a terminal how many requests there were, until it is done', async () => {
    const { server, env } = await openShop();
    const words = ['wait', `${server.url}/count`, '--until', 'text=n=1', '--interval', '10ms'];
    const { errors } = await runCommand(words, { env, terminal: 60 });
    expect(errors).toMatch(/^\r1 request\r2 requests\r +\r$/);
    expect((await runCommand(words, { env })).errors).toBe('');
  });

  it('ends with 7 after a timeout', async () => {
    const { run, server } = await openShop();
    const { code } = await run(
      'wait',
      `${server.url}/list`,
      '--until',
      '.done',
      '--interval',
      '10ms',
      '--timeout',
      '50ms',
    );
    expect(code).toBe(7);
    expect((await run('wait')).errors).toContain('wait needs --until');
  });
});

describe('the file of a page', () => {
  it("is its owner's alone, and encrypted with the session", async () => {
    const { env, run } = await openShop({ JARFETCH_KEY: 'a passphrase' });
    const folder = join(env.XDG_STATE_HOME ?? '', 'jarfetch', 'pages');
    const [name = ''] = await readdir(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, name), 'utf8')).not.toMatch(/Shop|c4n4ry/);
    expect((await run('text')).output).toContain('Tea');
    await run('session', 'close');
    expect(await readdir(folder)).toEqual([]);
  });

  it('can have several names, which do not affect each other', async () => {
    const { run, server } = await openShop();
    await run('open', `${server.url}/list`, '--page', 'other');
    expect((await run('query', 'title')).output).toBe('Shop\n');
    expect((await run('query', 'title', '--page', 'other')).output).toBe('1\n');
    expect((await run('query', 'title', '--page', '../x')).code).toBe(2);
    expect((await run('query', 'title', '--page', 'none')).errors).toContain(
      'No page is open in the session ada',
    );
  });

  it('is reported when it is damaged, and another page can be opened', async () => {
    const { run, env, server } = await openShop();
    const folder = join(env.XDG_STATE_HOME ?? '', 'jarfetch', 'pages');
    await writeFile(join(folder, (await readdir(folder))[0] ?? ''), '{"version":1');
    expect((await run('text')).code).toBe(10);
    expect((await run('open', `${server.url}/`)).code).toBe(0);
    expect((await run('text')).code).toBe(0);
  });

  it('of a session in a file is beside it', async () => {
    const { server, env } = await openShop();
    const folder = await temporaryFolder();
    const path = join(folder, 'mine.json');
    await runCommand(['session', 'new', path], { env });
    await runCommand(['open', `${server.url}/`, '-s', path], { env });
    expect((await runCommand(['query', 'h1', '-s', path], { env })).output).toBe('Tea\n');
    await runCommand(['session', 'close', path], { env });
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps the encoding of the page for its forms and links', async () => {
    const server = await startServer((request, response) => {
      response.setHeader('content-type', 'text/html; charset=shift_jis');
      response.end(request.url === '/' ? '<form action=/x><input name=q></form>' : `<p>${request.url}</p>`);
    });
    const { env } = await openShop();
    await runCommand(['open', server.url, '-s', 'ada'], { env });
    await runCommand(['submit', 'q=茶', '-s', 'ada'], { env });
    expect(server.seen.at(-1)?.url).toBe('/x?q=%92%83');
  });
});
