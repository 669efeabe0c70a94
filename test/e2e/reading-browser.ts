/** Debian's Chromium, which reads pages that are given to it. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { driveChromium } from '../capture/driven-chromium.ts';
import type { ApplicationPage } from './application-pages.ts';
import type { SuiteContext } from './suite.ts';

export interface ReadingBrowser {
  /** `innerText` of HTML without scripts and style sheets. */
  readPlain(html: string): Promise<string>;
  /** `innerText` of a page of an application as it is, with its scripts and styles. */
  readStyled(shown: ApplicationPage): Promise<string>;
  /** The page for a fixture: what it shows, its letters as `x` and its digits as `0`. */
  reduce(html: string): Promise<string>;
}

/** Scripts and style sheets off, what an element says of itself on. */
const plain = "default-src 'none'; style-src-attr 'unsafe-inline'";
/** Of attributes, what hides or shows by the browser's own rules. */
const kept = ['hidden', 'open', 'style', 'type'];

const reducing = `(() => {
  for (const each of document.querySelectorAll('script, style, link, meta, template, noscript, svg, iframe')) each.remove();
  for (const each of document.querySelectorAll('option, tr, li')) {
    let before = 0;
    for (let other = each.previousElementSibling; other !== null; other = other.previousElementSibling) before++;
    if (before > 8) each.remove();
  }
  const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (texts.nextNode()) {
    const { currentNode: node } = texts;
    if (node.nodeType === Node.COMMENT_NODE) comments.push(node);
    else node.data = node.data.replace(/\\p{Lu}/gu, 'X').replace(/\\p{L}/gu, 'x').replace(/\\p{N}/gu, '0');
  }
  for (const comment of comments) comment.remove();
  for (const element of document.querySelectorAll('*')) {
    for (const name of element.getAttributeNames()) if (!${JSON.stringify(kept)}.includes(name)) element.removeAttribute(name);
  }
  return document.body.outerHTML;
})()`;

export async function startReadingBrowser(context: SuiteContext): Promise<ReadingBrowser> {
  const browser = await driveChromium();
  context.defer(() => browser.stop());
  let answer: (path: string) => Promise<{ body: string | Uint8Array; headers: http.OutgoingHttpHeaders }>;
  const server = http.createServer(async (request, response) => {
    try {
      const { body, headers } = await answer(request.url ?? '');
      response.writeHead(200, headers).end(body);
    } catch {
      response.writeHead(502).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.defer(() => void server.close().closeAllConnections());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const type = 'text/html; charset=utf-8';

  const read = async (path: string, expression: string, rest = 0): Promise<string> => {
    const tab = await browser.tab();
    await tab.navigate(`${origin}${path}`);
    const state = "document.URL === 'about:blank' ? '' : document.readyState";
    while ((await tab.evaluate(state).catch(() => '')) !== 'complete') {
      context.signal.throwIfAborted();
      await delay(20);
    }
    // What scripts do after the load.
    await delay(rest);
    return tab.evaluate(expression);
  };
  const innerText = 'document.body.innerText';

  return {
    readPlain: (html) => {
      answer = async () => ({
        body: html,
        headers: { 'content-type': type, 'content-security-policy': plain },
      });
      return read('/', innerText);
    },
    reduce: (html) => {
      answer = async () => ({
        body: html,
        headers: { 'content-type': type, 'content-security-policy': plain },
      });
      return read('/', reducing);
    },
    readStyled: ({ page, session }) => {
      const { pathname, search } = new URL(page.url);
      answer = async (path) => {
        if (path === pathname + search) return { body: page.html(), headers: { 'content-type': type } };
        const response = await session.fetch(path, { destination: '' });
        const own = response.headers.get('content-type') ?? 'application/octet-stream';
        return { body: await response.bytes(), headers: { 'content-type': own } };
      };
      return read(pathname + search, innerText, 500);
    },
  };
}
