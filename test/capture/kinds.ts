import type { RequestInit } from '../../src/index.ts';

/** One request that a browser makes by itself when it shows our page, and how a caller of the library would ask for it. */
export interface Kind {
  readonly name: string;
  readonly path: string;
  /** Made from this page; absent for the one that is typed. */
  readonly page?: string;
  /** What the page does; absent where another kind leads here. */
  readonly act?: string;
  readonly say?: RequestInit;
}

/** Redirects of the server. */
export const redirects: Readonly<Record<string, string>> = {
  '/fetch-hop': '/fetch-hop-end',
  '/navigation-hop': '/navigation-hop-end',
};

const fetched = { page: '/', say: { destination: '' } } as const;
const xhr = (method: string, path: string, rest = 'request.send();') =>
  `await new Promise((resolve) => { const request = new XMLHttpRequest(); request.open('${method}', '${path}');
   request.onloadend = resolve; ${rest} })`;
const element = (tag: string, property: string, path: string, more = '') =>
  `await new Promise((resolve) => { const element = document.createElement('${tag}');
   element.onload = element.onerror = resolve; ${more} element.${property} = '${path}'; document.body.append(element); })`;
const byScript = { destination: 'document', userActivation: false } as const;

/** In the order in which they are played. The last two lead away from the first page. */
export const kinds: readonly Kind[] = [
  { name: 'navigation, typed', path: '/' },
  { ...fetched, name: 'fetch GET', path: '/fetch-get', act: `await fetch('/fetch-get')` },
  {
    ...fetched,
    name: 'fetch POST of JSON',
    path: '/fetch-post',
    act: `await fetch('/fetch-post', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' })`,
    say: { method: 'POST', json: { a: 1 } },
  },
  {
    ...fetched,
    name: 'fetch with headers of the page',
    path: '/fetch-own',
    act: `await fetch('/fetch-own', { headers: { 'X-Api-Key': '1', 'x-trace-id': '2', Accept: 'application/json' } })`,
    say: { headers: { 'X-Api-Key': '1', 'x-trace-id': '2', Accept: 'application/json' } },
  },
  {
    ...fetched,
    name: 'fetch PUT of text',
    path: '/fetch-put',
    act: `await fetch('/fetch-put', { method: 'PUT', body: 'text' })`,
    say: { method: 'PUT', body: 'text' },
  },
  {
    ...fetched,
    name: 'XHR GET',
    path: '/xhr-get',
    act: xhr('GET', '/xhr-get'),
    say: { destination: '', initiator: 'xmlhttprequest' },
  },
  {
    ...fetched,
    name: 'XHR POST of JSON',
    path: '/xhr-post',
    act: xhr(
      'POST',
      '/xhr-post',
      `request.setRequestHeader('Content-Type', 'application/json'); request.send('{"a":1}');`,
    ),
    say: { method: 'POST', json: { a: 1 }, initiator: 'xmlhttprequest' },
  },
  {
    name: 'image',
    path: '/image',
    page: '/',
    // Outside of the document: in it, Firefox's priority depends on the layout.
    act: `await new Promise((resolve) => { const image = new Image(); image.onload = image.onerror = resolve; image.src = '/image'; })`,
    say: { destination: 'image' },
  },
  {
    name: 'script',
    path: '/script',
    page: '/',
    act: element('script', 'src', '/script'),
    say: { destination: 'script' },
  },
  {
    name: 'style sheet',
    path: '/style',
    page: '/',
    act: element('link', 'href', '/style', `element.rel = 'stylesheet';`),
    say: { destination: 'style' },
  },
  {
    name: 'frame',
    path: '/frame',
    page: '/',
    act: element('iframe', 'src', '/frame'),
    say: { destination: 'iframe', userActivation: false },
  },
  { ...fetched, name: 'fetch that is redirected', path: '/fetch-hop', act: `await fetch('/fetch-hop')` },
  { ...fetched, name: 'redirect hop of a fetch', path: '/fetch-hop-end' },
  {
    name: 'form POST',
    path: '/form',
    page: '/',
    act: `document.querySelector('form').submit()`,
    say: { ...byScript, method: 'POST', form: { user: 'ada' } },
  },
  {
    name: 'navigation that is redirected',
    path: '/navigation-hop',
    page: '/form',
    act: `location.href = '/navigation-hop'`,
    say: byScript,
  },
  { name: 'redirect hop of a navigation', path: '/navigation-hop-end', page: '/form', say: byScript },
];

/** The HTML of the pages that make requests, by path. */
export function pageOf(path: string): string {
  const acts = kinds.filter((kind) => kind.page === path && kind.act !== undefined).map(({ act }) => act);
  if (path === '/navigation-hop-end') acts.push(`await fetch('/done')`);
  const form = '<form action="/form" method="post"><input name="user" value="ada"></form>';
  // After the load, so that the parser's own requests are not mixed with those of the script.
  const script = `onload = async () => { ${acts.join(';\n')} };`;
  return `<!doctype html><title>${path}</title><link rel="icon" href="data:,">${form}<script>${script}</script>`;
}
