import { defaultLanguages, languageLadder } from './languages.ts';
import {
  callerLines,
  type HeaderFacts,
  type HeaderLine,
  isPreflight,
  line,
  originLine,
  refererLine,
  sendsOrigin,
} from './layout.ts';
import { type OrderKind, type OrderTransport, safariOrder } from './safari-orders.ts';

/** The parts of Safari's headers that depend on version and device. The browsers on iOS are Safari too. */
export interface SafariIdentity {
  /** Safari's version as `major * 100 + minor`. */
  readonly rank: number;
  readonly userAgent: string;
  readonly encodings: string;
}

/**
 * Returns the header lines of one hop as WebKit on CFNetwork sends them. Source: published captures only; the orders
 * are in safari-orders.ts.
 */
export function safariLines(identity: SafariIdentity, hop: HeaderFacts): HeaderLine[] {
  const order = safariOrder(identity.rank, kindOf(hop), transportOf(hop));
  const lines: HeaderLine[] = [];
  for (const name of order) {
    lines.push(lineOf(name, identity, hop));
    // The place of a page's own headers in CFNetwork is not published. They are placed next to the one that is set most
    // often.
    if (name === 'Accept') lines.push(callerLines);
  }
  return lines;
}

function transportOf(hop: HeaderFacts): OrderTransport {
  if (!hop.secure) return 'http';
  return hop.http2 ? 'http2' : 'https';
}

function kindOf(hop: HeaderFacts): OrderKind {
  if (hop.mode === 'websocket') return 'websocket';
  if (isPreflight(hop)) return 'preflight';
  const sends = hop.method !== 'GET' && hop.method !== 'HEAD';
  if (hop.mode === 'navigate') return navigationKind(hop, sends);
  if (isMedia(hop) && hop.names.includes('range'))
    return hop.site === 'cross-site' ? 'mediaCrossSite' : 'media';
  return loadKind(hop, sends);
}

function loadKind(hop: HeaderFacts, sends: boolean): OrderKind {
  const cross = hop.mode === 'cors' && hop.crossOrigin;
  const own = hop.names.some((name) => name !== 'accept' && name !== 'content-type');
  if (own) return sends ? 'pagePost' : cross ? 'pageCors' : 'page';
  if (sends) return cross ? 'postCors' : 'post';
  return cross ? 'loadCors' : 'load';
}

function navigationKind(hop: HeaderFacts, sends: boolean): OrderKind {
  if (sends) return 'form';
  return hop.site === 'none' ? 'typed' : 'link';
}

function isMedia(hop: HeaderFacts): boolean {
  return hop.destination === 'audio' || hop.destination === 'video';
}

function lineOf(name: string, identity: SafariIdentity, hop: HeaderFacts): HeaderLine {
  if (name === 'Referer') return hop.referer ? refererLine : line(name, null);
  if (name === 'Origin') return sendsOrigin(hop) ? originLine : line(name, null);
  return line(name, ownValue(name, identity, hop));
}

function ownValue(name: string, identity: SafariIdentity, hop: HeaderFacts): string | null {
  switch (name) {
    case 'User-Agent':
      return identity.userAgent;
    case 'Accept':
      return acceptOf(identity, hop);
    case 'Accept-Language':
      return languageLadder(hop.acceptLanguage ?? defaultLanguages, 'chromium');
    case 'Accept-Encoding':
      return encodingOf(identity, hop);
    case 'Priority':
      return hop.http2 && identity.rank >= 1800 && hop.mode !== 'websocket' ? priorityOf(hop) : null;
    case 'Pragma':
    case 'Cache-Control':
      return hop.mode === 'websocket' ? 'no-cache' : null;
    case 'Upgrade-Insecure-Requests':
      return '1';
    default:
      return metadataOf(name, identity, hop);
  }
}

/** Sec-Fetch-*, which Safari has since 16.4, without Sec-Fetch-User. */
function metadataOf(name: string, { rank }: SafariIdentity, hop: HeaderFacts): string | null {
  if (rank < 1604) return null;
  if (name === 'Sec-Fetch-Site') return hop.site;
  if (name === 'Sec-Fetch-Mode') return hop.mode;
  if (name === 'Sec-Fetch-Dest') return hop.destination === '' ? 'empty' : hop.destination;
  return null;
}

function encodingOf(identity: SafariIdentity, hop: HeaderFacts): string {
  // A part of a compressed body could not be decoded. Fetch Standard, "HTTP-network-or-cache fetch".
  if (isMedia(hop) || hop.names.includes('range')) return 'identity';
  return hop.secure ? identity.encodings : 'gzip, deflate';
}

function acceptOf({ rank }: SafariIdentity, hop: HeaderFacts): string {
  if (hop.mode === 'navigate') return 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  if (hop.destination === 'style') return 'text/css,*/*;q=0.1';
  if (hop.destination !== 'image') return '*/*';
  const newer = rank >= 1700 ? 'image/jxl,image/heic,image/heic-sequence,' : '';
  return `image/webp,image/avif,${newer}video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5`;
}

/** Documents and fetch are published; the others follow WebKit's load priorities, which CFNetwork turns into urgency. */
function priorityOf(hop: HeaderFacts): string {
  if (hop.mode === 'navigate') return 'u=0, i';
  if (hop.destination === 'script' || hop.destination === 'style') return 'u=1, i';
  return hop.destination === 'image' ? 'u=5, i' : 'u=3, i';
}
