import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSession, type RequestErrorCode } from '../../src/index.ts';
import { fileFrom, logIn, openPage, type Page, parsePage } from '../../src/page/index.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { headerOf, startServer } from '../helpers/servers.ts';

const url = 'https://a.test/d/p';
const page = parsePage(
  `<form id=a action=/a><input name=t><input name=off disabled><select name=s><option>tea<option>coffee</select>
  <button name=b>Send</button><button name=gone disabled>Old</button></form>
  <form id=b><input name=x><button>Send</button></form>`,
  { url },
);
const form = page.form('#a');

async function visit(body: string | Buffer, type = 'text/html'): Promise<Page> {
  const server = await startServer((_, response) => {
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  return openPage(await createSession(), server.url);
}

describe('a missing element', () => {
  it.each<[string, () => unknown, RequestErrorCode, string]>([
    ['a form', () => page.form('#c'), 'ERR_NOT_FOUND', 'No forms for the selector "#c"'],
    ['a link', () => page.link({ text: 'Next' }), 'ERR_NOT_FOUND', 'the page has no links'],
    ['two forms', () => page.form(), 'ERR_AMBIGUOUS', 'form() means 2 forms: form#a "/a", form#b'],
    [
      'two buttons',
      () => form.control('button'),
      'ERR_AMBIGUOUS',
      'Make the query more specific, or choose with nth',
    ],
    [
      'an option',
      () => form.fill({ s: 'milk' }),
      'ERR_CONTROL_VALUE',
      'not one of its values: "tea", "coffee"',
    ],
    ['a disabled control', () => form.fill({ off: 'x' }), 'ERR_CONTROL_VALUE', 'it is disabled'],
    ['a control', () => form.fill({ u: 'x' }), 'ERR_NOT_FOUND', 'The form has no control "u"'],
    ['a control to enable', () => form.enable('u'), 'ERR_NOT_FOUND', 'The form has no control "u"'],
    ['a control to remove', () => form.remove('u'), 'ERR_NOT_FOUND', 'The form has no control "u"'],
    ['a button', () => form.request({ text: 'Buy' }), 'ERR_NOT_FOUND', 'No submit buttons for'],
  ])('is named: %s', (_, act, code, message) => {
    expect(act).toThrow(expect.objectContaining({ code }));
    expect(act).toThrow(message);
  });

  it('is a disabled button that is clicked', async () => {
    await expect(form.submit({ name: 'gone' })).rejects.toMatchObject({ code: 'ERR_NOT_NAVIGABLE' });
    await expect(form.submit({ name: 'gone' })).rejects.toThrow('its button is disabled');
  });
});

describe('a value of the wrong type', () => {
  it.each<[string, () => unknown, string]>([
    ['a value of set', () => form.set('t', {} as never), 'value must be a string or a number'],
    ['a number that is none', () => form.set('t', Number.NaN), 'value must be a string or a number'],
    ['a name of enable', () => form.enable(1 as never), 'name must be a string'],
    ['a name of append', () => form.append(undefined as never, 'x'), 'name must be a string'],
    ['a value of append', () => form.append('t', 5 as never), 'value must be a string, File or Blob'],
    ['a value of fill', () => form.fill({ t: { a: 1 } as never }), 'it takes text'],
    ['a selector', () => page.query(5 as never), 'selector must be a string'],
    ['a point', () => form.entries(null, { x: 'a', y: 0 } as never), 'point.x must be'],
  ])('is named: %s', (_, act, message) => {
    expect(act).toThrow(message);
    expect(act).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }));
  });

  it.each<[string, object, string]>([
    ['a coordinate', { x: 'a' }, 'x must be'],
    ['validate', { validate: 'no' }, 'validate must be true or false'],
    ['allowHttp', { allowHttp: 1 }, 'allowHttp must be true or false'],
    ['a trigger', { trigger: 'key' }, 'trigger must be one of "click", "script"'],
    ['an unknown option', { validat: true }, 'validat'],
  ])('is named before anything is sent: %s of submit', async (_, options, message) => {
    const server = await startServer((__, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<form><button>x</button></form>');
    });
    const opened = await openPage(await createSession(), server.url);
    await expect(opened.form().submit(undefined, options)).rejects.toThrow(message);
    expect(server.seen).toHaveLength(1);
  });

  it.each<[string, object, string]>([
    ['fields', { fields: 'user' }, 'fields must be an object'],
    ['a field', { fields: { username: 1 } }, 'fields.username must be a string'],
    ['extra', { extra: [] }, 'extra must be an object'],
    ['an unknown key', { user: 'ada' }, 'user'],
    ['check', { check: true }, 'check must be a function'],
  ])('is named before anything is sent: %s of logIn', async (_, more, message) => {
    const session = await createSession();
    const credentials = { username: 'ada', password: 'canary', ...more };
    const failure = logIn(session, 'http://127.0.0.1:1/', credentials);
    await expect(failure).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow('canary');
  });

  it.each([[undefined], [5], [{}]])('is named: fileFrom(%j)', async (path) => {
    await expect(fileFrom(path as never)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });
});

describe('a response that is not a page', () => {
  it.each([
    ['application/json', '{"a":1}'],
    ['text/plain', 'text'],
    ['image/png', '\x89PNG'],
  ])('of %s says so', async (type, body) => {
    const opened = await visit(body, type);
    expect([opened.isHtml, opened.status]).toEqual([false, 200]);
    const uses = [() => opened.title, () => opened.html(), () => opened.form(), () => opened.query('p')];
    for (const use of uses) {
      expect(use).toThrow(expect.objectContaining({ code: 'ERR_NOT_HTML', status: 200 }));
      expect(use).toThrow(`(200, ${type})`);
    }
  });

  it.each([
    ['text/plain', 'text', { 'referrer-policy': 'origin' }, 'origin'],
    ['application/json', '{}', {}, 'page'],
    ['application/zip', 'PK', {}, 'page'],
  ])('of %s can be left for a URL, as a script does', async (type, body, headers, referrer) => {
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': type, ...headers }).end(body);
    });
    const opened = await openPage(await createSession(), `${server.url}/file`);
    const next = await opened.follow(new URL('/next', opened.url));
    expect(next.url).toBe(`${server.url}/next`);
    const wanted = referrer === 'origin' ? `${server.url}/` : `${server.url}/file`;
    expect(headerOf(server.seen[1], 'referer')).toBe(wanted);
    expect(headerOf(server.seen[1], 'sec-fetch-user')).toBeUndefined();
    expect((await opened.follow(new URL('#x', opened.url))).url).toBe(`${server.url}/file#x`);
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    ['text/plain', 200, {}, '/next'],
    ['application/problem+json', 200, {}, '/next'],
    ['text/plain', 200, { 'content-disposition': 'attachment' }, '/file'],
    ['application/zip', 200, {}, '/file'],
    ['text/plain', 204, {}, '/file'],
  ])('of %s, %d %j, has a Refresh header where a browser shows it', async (type, status, headers, path) => {
    const server = await startServer(({ url: asked }, response) => {
      const refresh = asked === '/file' ? { refresh: '0;url=/next' } : {};
      response.writeHead(status, { 'content-type': type, ...refresh, ...headers }).end();
    });
    const opened = await openPage(await createSession(), `${server.url}/file`);
    expect(new URL(opened.url).pathname).toBe(path);
  });

  it("is the result of logIn's redirect", async () => {
    const server = await startServer((_, response) => void response.end('{}'));
    const failure = logIn(await createSession(), server.url, { username: 'a', password: 'b' });
    await expect(failure).rejects.toMatchObject({ code: 'ERR_NOT_HTML' });
  });
});

describe('a file', () => {
  it('that no longer exists when the form is sent is named, and no complete body arrives', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'note.txt');
    await writeFile(path, 'x'.repeat(100_000));
    const opened = await visit(
      '<form method=post enctype=multipart/form-data><input type=file name=f><button>Send</button></form>',
    );
    const filled = opened.form().fill({ f: await fileFrom(path) });
    await rm(path);
    const failure = filled.submit();
    await expect(failure).rejects.toMatchObject({ code: 'ERR_INVALID_BODY' });
    await expect(failure).rejects.toThrow('note.txt');
  });
});

describe('a page in another encoding', () => {
  it.each([
    ['windows-1252', 'h\xe9', 'q=h%E9&u=%26%238364%3B'.replace('%26%238364%3B', '%80')],
    ['iso-8859-2', 'h\xe9', 'q=h%E9&u=%26%238364%3B'],
    ['shift_jis', 'h\x83\xbf', 'q=h%83%BF&u=%26%238364%3B'],
  ])('of %s sends its values in it', async (charset, text, query) => {
    const html = `<form action=/s><input name=q value="${text}"><input name=u></form>`;
    const opened = await visit(Buffer.from(html, 'latin1'), `text/html; charset=${charset}`);
    expect(opened.form().fill({ u: '€' }).request(null).url.search).toBe(`?${query}`);
  });

  it.each(['nonsense', 'utf-7'])('that is unknown (%s) is read as windows-1252', async (charset) => {
    const opened = await visit(Buffer.from('<title>\xe9</title>', 'latin1'), `text/html; charset=${charset}`);
    expect([opened.charset, opened.title]).toEqual(['windows-1252', 'é']);
  });
});
