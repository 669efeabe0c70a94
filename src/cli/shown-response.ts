import type { SessionResponse } from '../index.ts';
import type { ShownResponse } from './command.ts';
import { maskUrl } from './mask.ts';

/** A response for the output. */
export function showResponse(
  response: SessionResponse,
  bytes: number | null,
  showsSecrets: boolean,
): ShownResponse {
  const { status, statusText, url, headers, hops, timings, attempts } = response;
  return {
    status,
    statusText,
    url: showsSecrets ? url : maskUrl(url),
    type: headers.get('content-type'),
    bytes,
    redirects: hops.length - 1,
    attempts,
    timings,
    cookies: hops.flatMap(({ setCookies }) =>
      setCookies.filter(({ stored }) => stored).map(({ name }) => name),
    ),
  };
}

/** Tells whether a body of this type is text. */
export function isTextual(type: string | null): boolean {
  return /^text\/|[/+](json|xml|javascript|ecmascript|x-www-form-urlencoded|yaml|x-ndjson)\s*(;|$)/i.test(
    type ?? '',
  );
}

export function isJson(type: string | null): boolean {
  return /[/+]json\s*(;|$)/i.test(type ?? '');
}

/** The charset of a Content-Type where this Node.js has a decoder for it, else UTF-8. */
export function decoderOf(type: string | null): InstanceType<typeof TextDecoder> {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([\w:.-]+)/i.exec(type ?? '') ?? [];
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
