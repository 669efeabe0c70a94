/** The links of a built site, read from the HTML of its pages: each must lead to a page, an anchor or a file of it. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';

interface LinkedPage {
  readonly ids: ReadonlySet<string>;
  readonly links: readonly string[];
}

const host = 'http://site';

/**
 * @param paths of the pages in `folder`, such as `guide/log-in.html`
 * @param base path of the site on its host, such as `/jarfetch/`
 */
export async function deadLinks(folder: string, paths: readonly string[], base: string): Promise<string[]> {
  const pages = new Map<string, LinkedPage>();
  for (const path of paths)
    pages.set(`${base}${path}`, readLinks(await readFile(join(folder, path), 'utf8')));
  const dead = new Set<string>();
  for (const [path, { links }] of pages) {
    for (const link of links) {
      const { origin, pathname, hash } = new URL(link, `${host}${path}`);
      if (origin !== host) continue;
      const target = pages.get(pathname.replace(/\/$/, '/index.html'));
      const isThere =
        target === undefined
          ? pathname.startsWith(base) &&
            /\.(txt|svg|json|js|css)$/.test(pathname) &&
            existsSync(join(folder, pathname.slice(base.length)))
          : hash === '' || target.ids.has(decodeURIComponent(hash.slice(1)));
      if (!isThere) dead.add(`${path}: dead link ${pathname}${hash}`);
    }
  }
  return [...dead];
}

function readLinks(html: string): LinkedPage {
  const ids = new Set<string>();
  const links: string[] = [];
  const waiting: DefaultTreeAdapterTypes.ChildNode[] = [...parse(html).childNodes];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (!('tagName' in node)) continue;
    for (const { name, value } of node.attrs) {
      if (name === 'id') ids.add(value);
      else if (name === 'href' || (name === 'src' && node.tagName === 'img')) links.push(value);
    }
    waiting.push(...node.childNodes);
  }
  return { ids, links };
}
