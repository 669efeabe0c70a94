import { describe, expect, it } from 'vitest';
import { createSession } from '../../src/index.ts';
import { openPage, parsePage } from '../../src/page/index.ts';
import { startServer } from '../helpers/servers.ts';

const url = 'https://a.test/';
const many = 100_000;

describe('a hostile page', () => {
  it.each([
    'div',
    'b',
    'table',
    'select',
    'form',
    'fieldset',
    'svg',
    'font color=x',
    'li',
    'a href=x',
    'label',
    'template',
  ])('of 100,000 nested <%s> is read, queried and submitted', (tag) => {
    const html = `<form action=/s><input name=a value=1></form>${`<${tag}>`.repeat(many)}<input name=z>`;
    const page = parsePage(html, { url });
    const [form] = page.forms();
    expect(form?.request(null).url.href).toBe('https://a.test/s?a=1');
    expect(page.queryAll('div p.x')).toEqual([]);
    expect(page.title).toBe('');
  });

  it('is flattened below 512 levels, as in Blink', () => {
    const page = parsePage(`${'<div>'.repeat(2000)}<p id=p>x`, { url });
    let depth = 0;
    for (let at = page.query('#p'); at !== null; at = at.parent) depth++;
    expect(depth).toBeLessThanOrEqual(513);
    expect(page.query('#p')?.text).toBe('x');
  });

  it('has 100,000 controls, which are filled, listed and sent', () => {
    const html = `<form action=/s method=post>${Array.from({ length: many }, (_, at) => `<input name=n${at}>`).join('')}</form>`;
    const form = parsePage(html, { url }).form().fill({ n7: 'seven', n99999: 'last' });
    expect(form.entries(null)).toHaveLength(many);
    expect(Buffer.from(form.request(null).body as Uint8Array).toString()).toContain('n7=seven&n8=&');
    expect(form.checkValidity()).toEqual([]);
  });

  it('has 100,000 radio buttons and options of one name', () => {
    const radios = '<input type=radio name=r checked>'.repeat(many);
    const options = '<option selected>x'.repeat(many);
    const form = parsePage(`<form action=/s>${radios}<select name=s>${options}</select></form>`, {
      url,
    }).form();
    expect(form.request().url.search).toBe('?r=on&s=x');
  });

  it('has a million attributes on many elements', () => {
    const page = parsePage('<p a b c d e f g h i j>x</p>'.repeat(many), { url });
    expect(page.queryAll('p[j]')).toHaveLength(many);
  });

  it('has a million attributes on one element, which is refused', () => {
    const attributes = Array.from({ length: 1_000_000 }, (_, at) => `a${at}`).join(' ');
    const page = parsePage(`<p ${attributes}>x`, { url });
    expect(() => page.title).toThrow('more than 100000 attributes');
  });

  it('has more nodes than bytes, which is refused', () => {
    const formatting = Array.from({ length: 3000 }, (_, at) => `<b id=${at}>`).join('');
    const page = parsePage(`<p>${formatting}${'</p><p>x'.repeat(3000)}`, { url });
    expect(() => page.title).toThrow(/ERR|more than 1000000 nodes/);
  });

  it('is larger than what is read, which is refused without reading the rest', async () => {
    const chunk = Buffer.alloc(1_048_576, '<p>');
    const server = await startServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
    });
    const session = await createSession();
    const opening = openPage(session, server.url);
    await expect(opening).rejects.toMatchObject({ code: 'ERR_PAGE_TOO_LARGE' });
    const small = openPage(session, server.url, { maxHtmlBytes: 1000 });
    await expect(small).rejects.toThrow('more than 1000 bytes');
  });

  it('of 50 MB is read where that is allowed, or refused by its nodes', { timeout: 300_000 }, () => {
    const text = `<p>${'lorem ipsum '.repeat(4_400_000)}</p><form><input name=a></form>`;
    expect(() => parsePage(text, { url })).toThrow('more than 16777216 bytes');
    const page = parsePage(text, { url, maxHtmlBytes: 64_000_000 });
    expect(page.form().entries(null)).toEqual([['a', '']]);
  });

  it('needs more work for a selector than is allowed', () => {
    const page = parsePage('<i></i>'.repeat(20_000), { url });
    expect(() => page.queryAll('b ~ i ~ i ~ i ~ i')).toThrow('too many steps');
    expect(page.queryAll('i:nth-child(odd)')).toHaveLength(10_000);
  });
});
