import type { SetCookieResult } from '../cookies/jar/outcome.ts';
import { redactUrl } from '../errors.ts';
import type { HeaderEntry } from '../http.ts';
import { maskHeaders } from '../masking.ts';
import { readSentHead } from '../transport/head/sent.ts';
import type { HopRecord } from './raw.ts';
import { toHeaders } from './response-headers.ts';

/** One response of a call, the last one included. Secrets are removed. */
export interface Hop {
  /** Without userinfo and fragment. */
  readonly url: string;
  readonly status: number;
  /** The request as it was sent, `null` where a middleware answered. */
  readonly request: HopRequest | null;
  /** Without Set-Cookie, and without the userinfo of a Location. */
  readonly headers: Headers;
  /** The outcome for each cookie that this response set, without its value. */
  readonly setCookies: readonly SetCookieResult[];
}

/** The request of a {@link Hop} as it was sent. Secrets are masked: cookies keep their names, URLs their path. */
export interface HopRequest {
  readonly method: string;
  readonly url: string;
  /** In wire order and spelling. */
  readonly headers: readonly HeaderEntry[];
}

const cookieHeaders: ReadonlySet<string> = new Set(['set-cookie', 'set-cookie2']);

/** User and password of a URL that leads to another host. A URL parser treats backslashes as slashes. */
const userinfo = /^((?:https?:|[/\\])[/\\]*)[^/\\?#]*@/i;

export function toHop({ method, url, sent, status, headers, setCookies }: HopRecord): Hop {
  const request =
    sent === null ? null : { method, url: redactUrl(url), headers: maskHeaders(readSentHead(sent).headers) };
  const shown = toHeaders(headers, cookieHeaders);
  const location = shown.get('location');
  if (location?.includes('@') === true) shown.set('location', location.replace(userinfo, '$1'));
  return { url: withoutFragment(url), status, request, headers: shown, setCookies };
}

export function withoutFragment({ href, hash }: URL): string {
  return hash === '' ? href : href.slice(0, -hash.length);
}
