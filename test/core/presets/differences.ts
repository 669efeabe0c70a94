import { brandList } from '../../../src/core/presets/brands.ts';
import type { Capture } from './captures.ts';

/** Requests that differ on purpose, with the reason. */
export const exceptions: Record<string, (capture: Capture) => string | false> = {
  'x8-fetch-cross-credentials': ({ browser }) =>
    browser === 'firefox' &&
    'captured under stricter cookie settings: storage access none, in all other captures active',
};

/** WebSockets that a browser opens on an HTTP/2 connection that it has already (RFC 8441); ours never do. */
export function webSocketOnHttp2({ method, kind }: Capture): string | false {
  return (
    method === 'CONNECT' &&
    kind.includes('websocket') &&
    'a WebSocket has an HTTP/1.1 connection of its own, also where the server takes one on HTTP/2'
  );
}

/**
 * What is made equal before comparing: Debian's Chromium has no "Google Chrome" brand, and Firefox gave the same
 * image u=4 or u=5 from one run to the next.
 */
export function normalised(capture: Capture, [name, value]: readonly [string, string]): [string, string] {
  const key = name.toLowerCase();
  if (key === 'sec-ch-ua')
    return [name, value.replace(brandList(156, null), brandList(156, ['Google Chrome', 156]))];
  const timed = capture.browser === 'firefox' && isPlainImage(capture);
  return key === 'priority' && timed && value === 'u=4, i' ? [name, 'u=5, i'] : [name, value];
}

function isPlainImage({ kind }: Capture): boolean {
  return kind === 'i-img' || kind === 'p7-cookie-img';
}
