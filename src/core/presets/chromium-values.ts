import { type Brand, brandList } from './brands.ts';
import { type HeaderFacts, type HeaderLine, line, places } from './layout.ts';

/** The parts of Chromium's headers that depend on version, vendor and system. */
export interface ChromiumIdentity {
  readonly major: number;
  readonly brand: Brand;
  readonly userAgent: string;
  /** As in `sec-ch-ua-platform`. */
  readonly platform: string;
  readonly mobile: boolean;
  /** Edge had no AVIF before 121. */
  readonly avif: boolean;
  readonly encodings: string;
}

/** Destinations whose script is requested without a page's own headers. */
export const workers: ReadonlySet<string> = new Set(['worker', 'sharedworker', 'serviceworker']);

/** The three low-entropy hints that are sent with every request to a trustworthy target. */
export function hintLines(identity: ChromiumIdentity): HeaderLine[] {
  return [
    line('sec-ch-ua', brandList(identity.major, identity.brand)),
    line('sec-ch-ua-mobile', identity.mobile ? '?1' : '?0'),
    line('sec-ch-ua-platform', `"${identity.platform}"`),
  ];
}

/** Accept-Encoding by target. */
export function encodingOf(identity: ChromiumIdentity, hop: HeaderFacts): string {
  return hop.secure ? identity.encodings : 'gzip, deflate';
}

/** Accept-Encoding of a request for a range. A part of a compressed body could not be decoded. */
export function mediaEncoding(identity: ChromiumIdentity, hop: HeaderFacts): string {
  return isMedia(hop) && identity.major < 140 ? 'identity;q=1, *;q=0' : 'identity';
}

/** Whether an audio or video element makes the request. */
export function isMedia(hop: HeaderFacts): boolean {
  return hop.destination === 'audio' || hop.destination === 'video';
}

/** Accept of the resources that a page loads. */
export function acceptOf(identity: ChromiumIdentity, hop: HeaderFacts): string {
  if (hop.destination === 'image') return `${imageTypes(identity)}image/apng,image/svg+xml,image/*,*/*;q=0.8`;
  if (hop.destination === 'style') return 'text/css,*/*;q=0.1';
  return hop.initiator === 'prefetch' ? documentAccept(identity) : '*/*';
}

/** Accept of a navigation: jxl since 155, signed exchanges at q=0.7 since 110. */
export function documentAccept(identity: ChromiumIdentity): string {
  const exchange = `application/signed-exchange;v=b3;q=${identity.major < 110 ? '0.9' : '0.7'}`;
  return `text/html,application/xhtml+xml,application/xml;q=0.9,${imageTypes(identity)}image/apng,*/*;q=0.8,${exchange}`;
}

function imageTypes({ major, avif }: ChromiumIdentity): string {
  return `${major >= 155 ? 'image/jxl,' : ''}${avif ? 'image/avif,' : ''}image/webp,`;
}

// The order of the three hints and of those that a server may request, when the caller sends them.
const hintsBefore = [
  'device-memory',
  'sec-ch-device-memory',
  'dpr',
  'sec-ch-dpr',
  'viewport-width',
  'sec-ch-viewport-width',
  'sec-ch-viewport-height',
  'rtt',
  'downlink',
  'ect',
];
const hintsAfterMobile = ['sec-ch-ua-full-version', 'sec-ch-ua-arch'];
const hintsAfter = [
  'sec-ch-ua-platform-version',
  'sec-ch-ua-model',
  'sec-ch-ua-bitness',
  'sec-ch-ua-wow64',
  'sec-ch-ua-full-version-list',
  'sec-ch-ua-form-factors',
  'sec-ch-prefers-color-scheme',
  'sec-ch-prefers-reduced-motion',
  'sec-ch-prefers-reduced-transparency',
];

/** The hints of a navigation, with places for those that a server has requested. Source: captures after Accept-CH. */
export function navigationHints(identity: ChromiumIdentity): HeaderLine[] {
  const [brands, mobile, ...platform] = hintLines(identity);
  return [
    ...places(...hintsBefore),
    ...(brands === undefined || mobile === undefined ? [] : [brands, mobile]),
    ...places(...hintsAfterMobile),
    ...platform,
    ...places(...hintsAfter),
  ];
}

/** RFC 9218 priority by destination and initiator, as captured over HTTP/2; empty for the default, u=3. */
export function priorityOf(hop: HeaderFacts): string {
  if (hop.mode === 'navigate') return 'u=0, i';
  if (hop.destination === 'style' || hop.destination === 'font') return 'u=0';
  if (hop.destination === 'image') return imagePriority(hop);
  if (hop.destination === 'script') return scriptPriority(hop);
  if (hop.destination === 'manifest') return 'u=2';
  if (isMedia(hop)) return 'i';
  if (workers.has(hop.destination) || hop.initiator === 'beacon' || hop.initiator === 'prefetch')
    return 'u=4, i';
  return hop.priority === 'low' ? 'i' : 'u=1, i';
}

function imagePriority(hop: HeaderFacts): string {
  if (hop.priority === 'high') return 'u=1, i';
  return hop.initiator === 'parser' ? 'u=2, i' : 'i';
}

function scriptPriority(hop: HeaderFacts): string {
  // A same-origin script in cors mode is a module: classic scripts use CORS only across origins.
  const module = hop.mode === 'cors' && !hop.crossOriginFirst;
  return module || hop.initiator === 'parser' || hop.initiator === 'preload' ? 'u=1' : '';
}
