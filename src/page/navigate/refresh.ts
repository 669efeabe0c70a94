import type { PageDocument } from '../document/page-document.ts';
import { resolvePageUrl } from '../encoding/resolve-url.ts';
import { isSameBut } from './navigation.ts';

/** A refresh of a page. */
export interface Refresh {
  /** Milliseconds. */
  readonly delay: number;
  readonly url: URL;
}

/**
 * HTML Standard, "shared declarative refresh steps": reads `5; url=next`.
 *
 * @returns seconds and the URL as written, empty for the page itself; `null` for anything but a refresh
 */
export function parseRefresh(text: string, allowsDot: boolean): { seconds: number; target: string } | null {
  const [, digits = '', fraction = '', rest = ''] = /^[\t\n\f\r ]*(\d*)([\d.]*)(.*)$/s.exec(text) ?? [];
  if (digits === '' && (fraction === '' || (!allowsDot && !/\d/.test(fraction)))) return null;
  if (rest !== '' && !/^[\t\n\f\r ;,]/.test(rest)) return null;
  const target = rest.replace(/^[\t\n\f\r ]*[;,]?[\t\n\f\r ]*/, '');
  const named = target.replace(/^url[\t\n\f\r ]*=[\t\n\f\r ]*/i, '');
  const quote = named[0];
  if (quote !== '"' && quote !== "'") return { seconds: Number(digits), target: named };
  const end = named.indexOf(quote, 1);
  return { seconds: Number(digits), target: named.slice(1, end < 0 ? undefined : end) };
}

/**
 * The refresh of a page's header and meta elements. Of several, the one with the shortest delay; of several without a
 * delay, the last.
 */
export function refreshOf(document: PageDocument): Refresh | null {
  const { engine, url, headers } = document;
  let soonest: Refresh | null = null;
  const consider = (text: string, base: URL | null, encoding: string): void => {
    const parsed = parseRefresh(text, engine === 'firefox');
    if (parsed === null) return;
    const target = parsed.target === '' ? url : base && resolvePageUrl(parsed.target, base, encoding, engine);
    const delay = parsed.seconds * 1000;
    if (target === null || target.protocol === 'javascript:') return;
    if (soonest === null || delay <= soonest.delay) soonest = { delay, url: target };
  };
  const header = headers.get('refresh');
  if (header !== null) consider(inUtf8(header), url, 'UTF-8');
  for (const meta of document.index.metas) {
    if (meta.attribute('http-equiv')?.toLowerCase() !== 'refresh') continue;
    // The base is the one before the meta element. Firefox encodes the query in UTF-8.
    const encoding = engine === 'firefox' ? 'UTF-8' : document.encoding;
    consider(meta.attribute('content') ?? '', document.baseUrlAt(meta.order), encoding);
  }
  return soonest;
}

/** Header text has one character per byte. Bytes that are valid UTF-8 are read as UTF-8. */
function inUtf8(header: string): string {
  const text = Buffer.from(header, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? header : text;
}

/**
 * Whether a refresh is followed automatically. A refresh to its own page is a reload, which is followed only without
 * a delay and without a fragment.
 *
 * @param maxDelay milliseconds
 */
export function isFollowed({ delay, url }: Refresh, from: URL, maxDelay: number): boolean {
  if (delay > maxDelay || !/^https?:$/.test(url.protocol)) return false;
  return !isSameBut(url, from) || (delay === 0 && !url.href.includes('#'));
}
