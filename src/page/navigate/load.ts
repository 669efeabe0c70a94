import { RequestError } from '../../core/errors.ts';
import type { SessionResponse } from '../../index.ts';
import { PageDocument } from '../document/page-document.ts';
import { decode } from '../encoding/encodings.ts';
import type { Engine } from '../encoding/engine.ts';
import { isHtmlType, looksLikeHtml, type MediaType, parseMediaType } from '../encoding/media-type.ts';
import { sniffEncoding } from '../encoding/sniff.ts';
import { parseHtml } from '../tree/parse-html.ts';
import { tooLarge } from '../tree/tree-builder.ts';

/** Options for reading the HTML of a page. */
export interface ReadSettings {
  readonly maxHtmlBytes: number;
  readonly noscript: boolean;
}

/** The HTML of a page, parsed at the first use of the tree. */
export class LoadedHtml {
  readonly source: string;
  readonly encoding: string;
  readonly #make: () => PageDocument;
  #document: PageDocument | undefined;

  constructor(source: string, encoding: string, make: () => PageDocument) {
    this.source = source;
    this.encoding = encoding;
    this.#make = make;
  }

  get document(): PageDocument {
    this.#document ??= this.#make();
    return this.#document;
  }

  withUrl(url: URL): LoadedHtml {
    return new LoadedHtml(this.source, this.encoding, () => this.document.withUrl(url));
  }
}

const noHeaders = { get: (): null => null };

/** HTML that has been read. */
export function readHtml(
  html: string | Uint8Array,
  url: URL,
  engine: Engine,
  settings: ReadSettings & { readonly charset?: string | undefined },
  headers: { get(name: string): string | null } = noHeaders,
): LoadedHtml {
  const size = html.length;
  if (size > settings.maxHtmlBytes) throw tooLarge(`has more than ${settings.maxHtmlBytes} bytes`);
  const type = parseMediaType(headers.get('content-type'));
  const said: MediaType | null =
    settings.charset === undefined
      ? type
      : { essence: type?.essence ?? 'text/html', charset: settings.charset };
  const encoding = typeof html === 'string' ? 'UTF-8' : sniffEncoding(html, said, engine);
  const source = typeof html === 'string' ? html : decode(html, encoding);
  const make = (): PageDocument =>
    new PageDocument({ root: parseHtml(source, !settings.noscript), url, encoding, engine, headers });
  return new LoadedHtml(source, encoding, make);
}

/**
 * Reads the response of a page; `null` for a response that is not HTML, whose body is left to the caller.
 *
 * @throws RequestError ERR_PAGE_TOO_LARGE, and what reading a body throws
 */
export async function loadHtml(
  response: SessionResponse,
  url: URL,
  engine: Engine,
  settings: ReadSettings,
): Promise<LoadedHtml | null> {
  const { headers, status } = response;
  if (status === 204 || status === 205 || status === 304) return null;
  if (/^\s*attachment\b/i.test(headers.get('content-disposition') ?? '')) return null;
  const header = headers.get('content-type');
  const type = parseMediaType(header);
  if (type !== null && !isHtmlType(type)) return null;
  const bytes = await readBounded(response, settings.maxHtmlBytes);
  if (type === null && !looksLikeHtml(bytes)) return null;
  return readHtml(bytes, url, engine, settings, headers);
}

async function readBounded(response: SessionResponse, limit: number): Promise<Uint8Array> {
  const known = response.contentLength;
  if (known !== null && known <= limit) return response.bytes();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.readable()) {
    size += chunk.length;
    // Leaving the loop destroys the stream, so that the connection keeps no unread body. Invariant: no stranded body.
    if (size > limit) throw tooLarge(`has more than ${limit} bytes; raise maxHtmlBytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Media types that a browser shows as a document and does not save. */
const shownTypes = /^(text|image|audio|video)\/|^application\/(\S+\+)?(json|xml|javascript|pdf)$/;

/**
 * The empty document of a response that is not HTML: it has the URL and the policies of its headers.
 *
 * @returns it without headers where a browser stays on the page before
 */
export function bareDocument(response: SessionResponse | null, url: URL, engine: Engine): PageDocument {
  const { status = 204, headers = noHeaders } = response ?? {};
  const type = parseMediaType(headers.get('content-type'));
  const isSaved = /^\s*attachment\b/i.test(headers.get('content-disposition') ?? '');
  const isShown = status !== 204 && status !== 205 && !isSaved && shownTypes.test(type?.essence ?? '');
  const root = parseHtml('', false);
  return new PageDocument({ root, url, encoding: 'UTF-8', engine, headers: isShown ? headers : noHeaders });
}

/** The error for a response that is not a page. */
export function notHtml(response: SessionResponse | null): RequestError {
  const status = response?.status;
  const type =
    /^[\w.+-]+\/[\w.+-]+/.exec(response?.headers.get('content-type') ?? '')?.[0] ?? 'no media type';
  const message = `The response is not an HTML page (${status ?? 'no status'}, ${type}): read page.response instead`;
  return new RequestError('ERR_NOT_HTML', message, { status });
}

/**
 * The URL that a browser shows: the last hop's URL, with the fragment of the last Location that had one. An empty
 * fragment is shown, but not kept over a redirect.
 */
export function shownUrl(requested: URL, response: SessionResponse): URL {
  let fragment = fragmentOf(requested);
  for (const hop of response.hops.slice(0, -1)) {
    const location = URL.parse(hop.headers.get('location') ?? '', hop.url);
    const next = location === null ? '' : fragmentOf(location);
    if (next !== '' || fragment === '#') fragment = next;
  }
  return new URL(response.url.split('#', 1)[0] + fragment);
}

/** With its `#`, empty without one. `URL.hash` is also empty for an empty fragment. */
function fragmentOf({ href }: URL): string {
  const at = href.indexOf('#');
  return at < 0 ? '' : href.slice(at);
}
