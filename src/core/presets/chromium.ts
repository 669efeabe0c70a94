import {
  acceptOf,
  type ChromiumIdentity,
  documentAccept,
  encodingOf,
  hintLines,
  isMedia,
  mediaEncoding,
  navigationHints,
  priorityOf,
  workers,
} from './chromium-values.ts';
import { mapOrder } from './header-map.ts';
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

/**
 * Returns the header lines of one hop as Chromium sends them. Source: captures of Chromium 156; older versions:
 * published captures.
 */
export function chromiumLines(identity: ChromiumIdentity, hop: HeaderFacts): HeaderLine[] {
  const lines = kindLines(identity, hop);
  // HTTP/2 only, from 124 on; a WebSocket has none.
  const priority = hop.http2 && identity.major >= 124 && hop.mode !== 'websocket' ? priorityOf(hop) : '';
  return [...lines, line('Priority', priority === '' ? null : priority)];
}

function kindLines(identity: ChromiumIdentity, hop: HeaderFacts): HeaderLine[] {
  if (hop.mode === 'websocket') return webSocket(identity, hop);
  if (isPreflight(hop)) return preflight(identity, hop);
  if (hop.mode === 'navigate') return navigation(identity, hop);
  return workers.has(hop.destination) ? workerScript(identity, hop) : subresource(identity, hop);
}

function navigation(identity: ChromiumIdentity, hop: HeaderFacts): HeaderLine[] {
  const hints = hop.secure && navigationHints(identity);
  return listed(
    places('Host', 'Connection', 'Authorization', 'Content-Length'),
    navigationCache(hop),
    !hop.redirected && hints,
    line('DNT', null),
    middleOfNavigation(identity, hop),
    line('Accept', documentAccept(identity)),
    callerLines,
    hop.secure && fetchMetadata(hop),
    hop.redirected && hints,
    storageAccess(identity, hop),
    refererPlace(hop),
    encodingLines(identity, hop),
    places('Cookie', 'If-None-Match', 'If-Modified-Since'),
  );
}

/** Upgrade-Insecure-Requests, Origin and Content-Type changed places: captured until 128, 139 and in 156. */
function middleOfNavigation({ major, userAgent }: ChromiumIdentity, hop: HeaderFacts): HeaderLine[] {
  const upgrade = line('Upgrade-Insecure-Requests', '1');
  const origin = sendsOrigin(hop) ? originLine : line('Origin', null);
  const type = line('Content-Type', null);
  const agent = line('User-Agent', userAgent);
  if (major < 129) return [upgrade, origin, type, agent];
  // Nothing is published between 139 and 156, so each version follows the nearer one.
  return major < 148 ? [origin, type, upgrade, agent] : [upgrade, type, agent, origin];
}

function navigationCache(hop: HeaderFacts): HeaderLine[] {
  if (hop.cache === 'reload' || hop.cache === 'no-store') return noCache;
  // The max-age=0 of a form post is also sent with the GET after a 303.
  const revalidates = hop.cache === 'no-cache' || hop.initialMethod === 'POST';
  return [line('Pragma', null), line('Cache-Control', revalidates ? 'max-age=0' : null)];
}

const noCache = [line('Pragma', 'no-cache'), line('Cache-Control', 'no-cache')];

function subresource(identity: ChromiumIdentity, hop: HeaderFacts): HeaderLine[] {
  const given = new Set(hop.names);
  const inMap = originInMap(hop);
  const originAt = sendsOrigin(hop) && !inMap ? originPlace(hop) : 'none';
  const ranged = isMedia(hop) || given.has('range');
  const rangeLast = ranged && hop.method === 'GET';
  const encoding = ranged ? mediaEncoding(identity, hop) : encodingOf(identity, hop);
  return listed(
    places('Host', 'Connection', 'Content-Length'),
    subresourceCache(hop, given),
    rendererMap(identity, hop, { origin: inMap, range: !rangeLast }),
    !given.has('accept') && line('Accept', acceptOf(identity, hop)),
    hop.initiator === 'eventsource' && line('Last-Event-ID', null),
    originAt === 'early' && originLine,
    hop.secure && fetchMetadata(hop),
    originAt === 'late' && originLine,
    storageAccess(identity, hop),
    refererPlace(hop),
    line('Accept-Encoding', encoding),
    !given.has('accept-language') && languageLine(hop),
    rangeLast && line('Range', isMedia(hop) ? 'bytes=0-' : null),
    places('Cookie'),
    hasCacheValidators(hop) && places('If-None-Match', 'If-Modified-Since'),
  );
}

/** A fetch that became cross-origin only by its redirect gets Origin from the network service, later in the list. */
function originPlace(hop: HeaderFacts): 'early' | 'late' {
  const reads = hop.method === 'GET' || hop.method === 'HEAD';
  return reads && !hop.crossOriginFirst ? 'late' : 'early';
}

function refererPlace(hop: HeaderFacts): HeaderLine {
  return hop.referer ? refererLine : line('Referer', null);
}

function subresourceCache(hop: HeaderFacts, given: ReadonlySet<string>): HeaderLine[] {
  // Cache-Control and Pragma of the page are in the map, and the loader adds no others.
  if (given.has('cache-control') || given.has('pragma')) return [];
  if (hop.initiator === 'eventsource' || hop.cache === 'reload' || hop.cache === 'no-store') return noCache;
  if (hop.cache === 'no-cache' || (isConditional(hop) && !hasCacheValidators(hop)))
    return [line('Cache-Control', 'max-age=0')];
  return [];
}

/** Headers whose place is outside the table even when the page set them. */
const outsideMap = new Set([
  'host',
  'connection',
  'content-length',
  'cookie',
  'referer',
  'accept-encoding',
  'priority',
  'sec-fetch-site',
  'sec-fetch-mode',
  'sec-fetch-user',
  'sec-fetch-dest',
  'sec-fetch-storage-access',
]);

const validators = new Set(['if-none-match', 'if-modified-since']);

/** The part of the list that the renderer's hash table orders: page headers, hints, user agent. */
function rendererMap(
  identity: ChromiumIdentity,
  hop: HeaderFacts,
  holds: { origin: boolean; range: boolean },
): HeaderLine[] {
  const values = new Map<string, HeaderLine>();
  const outside = (name: string) =>
    outsideMap.has(name) ||
    (validators.has(name) && hasCacheValidators(hop)) ||
    (name === 'origin' && !holds.origin && sendsOrigin(hop)) ||
    (name === 'range' && !holds.range) ||
    (name === 'last-event-id' && hop.initiator === 'eventsource');
  const page = hop.names.filter((name) => name !== 'dnt' && !outside(name));
  if (holds.origin) page.push('origin');
  for (const name of [...new Set(page)].sort())
    values.set(name, name === 'origin' && holds.origin ? originLine : line(name, null));
  const own = [...(hop.secure ? hintLines(identity) : []), line('User-Agent', identity.userAgent)];
  for (const each of own) values.set(each.name.toLowerCase(), each);
  // Accept-Language is a setting of the browser, which writes it last.
  if (hop.names.includes('dnt')) values.set('dnt', line('DNT', null));
  const hash = identity.major >= 129 ? 'rapidhash' : 'superfast';
  return mapOrder([...values.keys()], hash).map((name) => values.get(name) ?? line(name, null));
}

/** Loads of modules, fonts and crossorigin elements set Origin in the renderer, same-origin modules and fonts too. */
function originInMap(hop: HeaderFacts): boolean {
  if (hop.mode !== 'cors' || hop.destination === '' || hop.destination === 'manifest') return false;
  return hop.crossOriginFirst || hop.destination === 'script' || hop.destination === 'font';
}

function workerScript(identity: ChromiumIdentity, hop: HeaderFacts): HeaderLine[] {
  const service = hop.destination === 'serviceworker';
  return listed(
    places('Host', 'Connection', 'Content-Length'),
    line('Cache-Control', service ? 'max-age=0' : null),
    line('Accept', '*/*'),
    line('Service-Worker', service ? 'script' : null),
    callerLines,
    hop.secure && fetchMetadata(hop),
    refererPlace(hop),
    line('User-Agent', identity.userAgent),
    encodingLines(identity, hop),
    places('Cookie'),
  );
}

function preflight(identity: ChromiumIdentity, hop: HeaderFacts): HeaderLine[] {
  return listed(
    places('Host', 'Connection', 'Content-Length'),
    line('Accept', '*/*'),
    places('Access-Control-Request-Method', 'Access-Control-Request-Headers'),
    callerLines,
    originLine,
    line('User-Agent', identity.userAgent),
    // The only Sec-Fetch header that is sent to cleartext targets too.
    line('Sec-Fetch-Mode', 'cors'),
    hop.secure && [line('Sec-Fetch-Site', hop.site), line('Sec-Fetch-Dest', destinationOf(hop))],
    refererPlace(hop),
    encodingLines(identity, hop),
    places('Cookie'),
  );
}

function webSocket(identity: ChromiumIdentity, hop: HeaderFacts): HeaderLine[] {
  return listed(
    places('Host', 'Connection'),
    noCache,
    line('User-Agent', identity.userAgent),
    places('Upgrade'),
    originLine,
    places('Sec-WebSocket-Version'),
    callerLines,
    encodingLines(identity, hop),
    places('Cookie', 'Sec-WebSocket-Key', 'Sec-WebSocket-Extensions', 'Sec-WebSocket-Protocol'),
  );
}

function fetchMetadata(hop: HeaderFacts): HeaderLine[] {
  const activated = hop.mode === 'navigate' && hop.userActivation;
  return [
    line('Sec-Fetch-Site', hop.site),
    line('Sec-Fetch-Mode', hop.mode),
    line('Sec-Fetch-User', activated ? '?1' : null),
    line('Sec-Fetch-Dest', destinationOf(hop)),
  ];
}

function destinationOf(hop: HeaderFacts): string {
  return hop.destination === '' ? 'empty' : hop.destination;
}

function storageAccess(identity: ChromiumIdentity, hop: HeaderFacts): HeaderLine {
  const asks = hop.secure && hop.site === 'cross-site' && hop.credentials && hop.destination !== 'document';
  return line('Sec-Fetch-Storage-Access', asks && identity.major >= 133 ? 'none' : null);
}

function encodingLines(identity: ChromiumIdentity, hop: HeaderFacts): HeaderLine[] {
  return [line('Accept-Encoding', encodingOf(identity, hop)), languageLine(hop)];
}

function languageLine(hop: HeaderFacts): HeaderLine {
  return line('Accept-Language', languageLadder(hop.acceptLanguage ?? defaultLanguages, 'chromium'));
}
