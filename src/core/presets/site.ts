import { isIP } from 'node:net';
import { getPublicSuffix } from 'tough-cookie';
import type { Site } from './layout.ts';

/**
 * Tells whether a target is potentially trustworthy: https, or this very machine.
 * Source: Secure Contexts, section 3.1; captures of both over http to localhost and to another host.
 */
export function isTrustworthy(url: URL): boolean {
  const { protocol } = url;
  if (protocol === 'https:' || protocol === 'wss:') return true;
  const { hostname } = url;
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    hostname.endsWith('.localhost') ||
    (hostname.startsWith('127.') && isIP(hostname) === 4)
  );
}

/** Tells whether two URLs share scheme, host and port; a WebSocket counts as the page's own scheme. */
export function isSameOrigin(a: URL, b: URL): boolean {
  return a.host === b.host && scheme(a) === scheme(b);
}

/** Weighs a target against the page it is asked from. Source: HTML Standard, "schemelessly same site" with schemes. */
export function siteBetween(page: URL, target: URL): Site {
  if (isSameOrigin(page, target)) return 'same-origin';
  if (scheme(page) !== scheme(target)) return 'cross-site';
  return registrableDomain(page.hostname) === registrableDomain(target.hostname) ? 'same-site' : 'cross-site';
}

function scheme(url: URL): string {
  const { protocol } = url;
  if (protocol === 'ws:') return 'http:';
  return protocol === 'wss:' ? 'https:' : protocol;
}

const domains = new Map<string, string>();

/** The part of a host that its owner registered; an address or a public suffix stands for itself. */
function registrableDomain(host: string): string {
  const seen = domains.get(host);
  if (seen !== undefined) return seen;
  const address = host.startsWith('[') || isIP(host) !== 0;
  const options = { allowSpecialUseDomain: true, ignoreError: true };
  const domain = address ? host : (getPublicSuffix(host, options) ?? host);
  if (domains.size >= 1024) domains.clear();
  domains.set(host, domain);
  return domain;
}
