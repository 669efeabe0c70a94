import { defaultLanguages, languageLadder } from './languages.ts';
import {
  callerLines,
  type HeaderFacts,
  type HeaderLine,
  hasCacheValidators,
  isConditional,
  isPreflight,
  line,
  listed,
  originLine,
  places,
  refererLine,
  sendsOrigin,
} from './layout.ts';

/** The parts of Firefox's headers that depend on version and on private windows. */
export interface FirefoxIdentity {
  readonly major: number;
  readonly userAgent: string;
  /** A private window sends Sec-GPC. */
  readonly privateWindow: boolean;
  readonly encodings: string;
}

/**
 * Returns the header lines of one hop as Firefox sends them: one order for all kinds of request, with a few fields
 * that move. Source: captures of Firefox 153 ESR; values of older versions: publications.
 */
export function firefoxLines(identity: FirefoxIdentity, hop: HeaderFacts): HeaderLine[] {
  const upgrade = hop.mode === 'websocket';
  return listed(
    places('Host'),
    line('User-Agent', identity.userAgent),
    line('Accept', acceptOf(identity, hop)),
    languageLine(identity, hop),
    isMedia(hop) ? line('Range', 'bytes=0-') : encodingLine(identity, hop),
    upgrade && places('Sec-WebSocket-Version'),
    beforeConnection(hop),
    storageAccess(identity, hop),
    places('DNT'),
    line('Sec-GPC', identity.privateWindow ? '1' : null),
    line('Service-Worker', hop.destination === 'serviceworker' ? 'script' : null),
    upgrade && places('Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions', 'Sec-WebSocket-Key'),
    places('Connection'),
    refererPlace(hop) === 'late' ? refererLine : [],
    places('Cookie'),
    line('Upgrade-Insecure-Requests', hop.mode === 'navigate' ? '1' : null),
    hop.secure && fetchMetadata(hop),
    isMedia(hop) && line('Accept-Encoding', 'identity'),
    (hop.mode === 'navigate' || hasCacheValidators(hop)) && places('If-Modified-Since', 'If-None-Match'),
    line('Priority', priorityOf(identity, hop)),
    cacheLines(hop),
    upgrade && places('Upgrade'),
    line('TE', hop.http2 && !upgrade ? 'trailers' : null),
    // The length of an absent body, `0` on a POST, is written last.
    !hop.hasBody && places('Content-Length'),
  );
}

/** The page's headers, Content-Length, Origin and the places where Referer can stand among them. */
function beforeConnection(hop: HeaderFacts): HeaderLine[] {
  const where = refererPlace(hop);
  const origin = sendsOrigin(hop) ? originLine : line('Origin', null);
  const page = [callerLines, ...(hop.hasBody ? places('Content-Length') : [])];
  const own = [
    ...(where === 'late' || where === 'none' ? [] : [refererLine]),
    ...(where === 'none' ? places('Referer') : []),
  ];
  if (where === 'first') return [...own, ...page, origin];
  // A CORS redirect sets Origin before the channel opens, every other request after its Referer.
  const originFirst = hop.redirected && hop.mode === 'cors' && hop.crossOrigin && !isPreflight(hop);
  return originFirst ? [...page, origin, ...own] : [...page, ...own, origin];
}

/** fetch() sets Referer before the page's headers, everything else when it connects, a redirect in between. */
function refererPlace(hop: HeaderFacts): 'none' | 'first' | 'middle' | 'late' {
  // Requested without it: a service worker's script, a WebSocket.
  if (!hop.referer || hop.destination === 'serviceworker' || hop.mode === 'websocket') return 'none';
  if (hop.redirected || isReload(hop) || isPreflight(hop)) return 'middle';
  // A navigation with its own referrer policy also sets it early.
  if (hop.mode === 'navigate') return hop.ownPolicy ? 'first' : 'late';
  return hop.destination === '' && hop.initiator === '' ? 'first' : 'late';
}

function isReload(hop: HeaderFacts): boolean {
  return hop.mode === 'navigate' && (hop.cache === 'no-cache' || hop.cache === 'reload');
}

function cacheLines(hop: HeaderFacts): HeaderLine[] {
  const own = hop.names.includes('pragma') || hop.names.includes('cache-control');
  if (own && hop.mode !== 'navigate') return [];
  if (bypassesCache(hop)) return [line('Pragma', 'no-cache'), line('Cache-Control', 'no-cache')];
  // A page's fetch revalidates by Cache-Control, a reload by its validators alone.
  const revalidates = hop.cache === 'no-cache' && hop.mode !== 'navigate';
  if (revalidates) return [line('Cache-Control', 'max-age=0')];
  return hop.mode === 'navigate' ? places('Pragma', 'Cache-Control') : [];
}

function bypassesCache(hop: HeaderFacts): boolean {
  if (hop.cache === 'reload' || hop.cache === 'no-store') return true;
  if (hop.mode === 'websocket' || hop.initiator === 'eventsource' || hop.destination === 'serviceworker')
    return true;
  return hop.cache === 'default' && hop.destination === '' && isConditional(hop) && !hasCacheValidators(hop);
}

function fetchMetadata(hop: HeaderFacts): HeaderLine[] {
  return [
    line('Sec-Fetch-Dest', hop.destination === '' ? 'empty' : hop.destination),
    line('Sec-Fetch-Mode', hop.mode),
    line('Sec-Fetch-Site', hop.site),
    line('Sec-Fetch-User', hop.mode === 'navigate' && hop.userActivation ? '?1' : null),
  ];
}

function storageAccess({ major }: FirefoxIdentity, hop: HeaderFacts): HeaderLine {
  const asks = hop.site === 'cross-site' && hop.credentials && hop.destination !== 'document';
  // Since 147; sent to cleartext targets too, unlike Sec-Fetch-*.
  return line('Sec-Fetch-Storage-Access', asks && major >= 147 && hop.mode !== 'websocket' ? 'active' : null);
}

function isMedia(hop: HeaderFacts): boolean {
  return hop.destination === 'audio' || hop.destination === 'video';
}

function encodingLine(identity: FirefoxIdentity, hop: HeaderFacts): HeaderLine {
  if (hop.names.includes('range')) return line('Accept-Encoding', 'identity');
  return line('Accept-Encoding', hop.secure ? identity.encodings : 'gzip, deflate');
}

function languageLine({ major }: FirefoxIdentity, hop: HeaderFacts): HeaderLine {
  const style = major <= 146 ? 'firefox-146' : 'firefox';
  return line('Accept-Language', languageLadder(hop.acceptLanguage ?? defaultLanguages, style));
}

const accepts: Record<string, string> = {
  style: 'text/css,*/*;q=0.1',
  font: 'application/font-woff2;q=1.0,application/font-woff;q=0.9,*/*;q=0.8',
  audio: 'audio/webm,audio/ogg,audio/wav,audio/*;q=0.9,application/ogg;q=0.7,video/*;q=0.6,*/*;q=0.5',
  video: 'video/webm,video/ogg,video/*;q=0.9,application/ogg;q=0.7,audio/*;q=0.6,*/*;q=0.5',
};

function acceptOf({ major }: FirefoxIdentity, hop: HeaderFacts): string {
  if (hop.mode === 'navigate' || hop.initiator === 'prefetch') return documentAccept(major);
  if (hop.destination === 'image') return imageAccept(major);
  return accepts[hop.destination] ?? '*/*';
}

function documentAccept(major: number): string {
  const html = 'text/html,application/xhtml+xml,application/xml;q=0.9,';
  // Image types were listed until 131; those of 128 to 131 are published, not captured.
  if (major < 128) return `${html}image/avif,image/webp,*/*;q=0.8`;
  return major < 132 ? `${html}image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8` : `${html}*/*;q=0.8`;
}

function imageAccept(major: number): string {
  if (major < 128) return 'image/avif,image/webp,*/*';
  return 'image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5';
}

const mediaPriority = 'u=4';
const priorities: Record<string, string> = {
  document: 'u=0, i',
  iframe: mediaPriority,
  audio: mediaPriority,
  video: mediaPriority,
  worker: mediaPriority,
  sharedworker: mediaPriority,
  serviceworker: mediaPriority,
  style: 'u=2',
};

/** RFC 9218 priority, on HTTP/1.1 too; `null` for the default, u=3. Source: captures; sent since 128. */
function priorityOf({ major }: FirefoxIdentity, hop: HeaderFacts): string | null {
  if (major < 128 || hop.mode === 'websocket') return null;
  if (hop.destination === 'image') return imagePriority(hop);
  if (hop.destination === 'script') return scriptPriority(hop);
  if (hop.destination !== '') return priorities[hop.destination] ?? null;
  if (hop.initiator === 'beacon' || hop.initiator === 'prefetch') return 'u=6';
  if (hop.initiator === 'xmlhttprequest' || hop.priority === 'high') return null;
  return hop.priority === 'low' ? 'u=5' : 'u=4';
}

function imagePriority(hop: HeaderFacts): string {
  if (hop.priority === 'high') return 'i';
  // An image that waits for layout is less urgent; one for CSS or CORS does not wait.
  return hop.mode === 'cors' || hop.initiator === 'css' ? 'u=4, i' : 'u=5, i';
}

function scriptPriority(hop: HeaderFacts): string | null {
  if (hop.initiator === 'preload') return 'u=1';
  return hop.initiator === 'parser' ? 'u=2' : null;
}
