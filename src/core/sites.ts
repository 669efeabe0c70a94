import { getPublicSuffix } from 'tough-cookie';
import { detach } from './detach.ts';

/** Relation of a request's target to the page it comes from. Fetch Metadata, Sec-Fetch-Site. */
export type SiteRelation = 'none' | 'same-origin' | 'same-site' | 'cross-site';

/** The facts of a host that cookies and browser headers depend on. */
export interface HostFacts {
  /** Lower case, punycode, IPv6 in brackets, a trailing dot kept: as `URL.hostname` gives it. */
  readonly host: string;
  /** Registrable domain of the host, or the host itself when it has none (IP address, single label, public suffix). */
  readonly site: string;
  /** True for localhost, *.localhost, 127.0.0.0/8 and [::1]: Secure cookies and secure contexts work there without TLS. Both browsers. */
  readonly local: boolean;
  /**
   * True for a domain under which anyone can register, and for a single label: a cookie for all its subdomains would
   * be a super-cookie. The default rule of the Public Suffix List applies to an unknown top-level domain. Its private
   * part counts as well.
   */
  readonly publicSuffix: boolean;
}

/**
 * Longest host name in DNS, without the dot at its end, and the largest number of labels in it. RFC 1035 section
 * 2.3.4.
 */
const maxHostLength = 253;
const maxLabels = 127;

/** Whether a host cannot exist in DNS: over 253 characters or 127 labels. */
export function isOversized(host: string): boolean {
  // A host this short cannot have too many labels. Most are shorter.
  if (host.length <= maxLabels) return false;
  const length = host.endsWith('.') ? host.length - 1 : host.length;
  return length > maxHostLength || hasTooManyLabels(host, length);
}

function hasTooManyLabels(host: string, length: number): boolean {
  let labels = 1;
  for (let at = 0; at < length; at++) if (host.charCodeAt(at) === 0x2e) labels++;
  return labels > maxLabels;
}

const memoSize = 1024;
const memo = new Map<string, HostFacts>();
/** The facts that were read last. Comparing a host is cheaper than looking it up. */
let latest: HostFacts | undefined;

/** Facts of a host, cached for the most recent hosts, so that a read searches the public suffix list only once. */
export function hostFacts(host: string): HostFacts {
  if (latest?.host === host) return latest;
  const known = memo.get(host);
  if (known !== undefined) {
    latest = known;
    return known;
  }
  // Decided before its labels are parsed, and not cached: a server may send a host of 64 KB.
  if (isOversized(host)) return { host, site: host, local: false, publicSuffix: true };
  if (memo.size >= memoSize) memo.clear();
  const facts = findFacts(detach(host));
  memo.set(facts.host, facts);
  return facts;
}

function findFacts(host: string): HostFacts {
  const registrable = registrableDomain(host);
  const publicSuffix = registrable === undefined;
  return { host, site: registrable ?? siteOf(host), local: isLocal(host), publicSuffix };
}

const ipv4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** Whether a host, as `URL.hostname` writes it, is an IP address. */
export function isIpAddress(host: string): boolean {
  return host.startsWith('[') || ipv4.test(host);
}

/**
 * A host in any spelling (case, IDN, IPv6 in brackets) as `URL.hostname` writes it; `undefined` for text that is not
 * a host, and for one that cannot exist in DNS.
 */
export function canonicalHost(text: string): string | undefined {
  // No spelling of a host is longer than this; the limit of its canonical form is checked later.
  if (text.length > 4 * maxHostLength) return undefined;
  const isIpv6 = text.startsWith('[') && text.endsWith(']');
  if (notInHost.test(text) || (!isIpv6 && text.includes(':'))) return undefined;
  const host = URL.parse(`https://${text}`)?.hostname;
  return host === undefined || isOversized(host) ? undefined : host;
}

/** Characters that begin another part of a URL, or that the URL parser drops. */
const notInHost = /[\s/\\?#@%]/;

// Secure Contexts 3.1; Chromium and Firefox do not treat a mapped address (::ffff:127.0.0.1) as loopback.
function isLocal(host: string): boolean {
  if (host === '[::1]') return true;
  if (ipv4.test(host)) return host.startsWith('127.');
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return name === 'localhost' || name.endsWith('.localhost');
}

function registrableDomain(domain: string): string | undefined {
  // One dot at the end is the root. With two, a label is empty, which is invalid; the list would ignore it.
  if (domain.endsWith('..')) return undefined;
  const registrable = getPublicSuffix(domain, { ignoreError: true });
  return registrable !== undefined && domain.endsWith('.') ? `${registrable}.` : registrable;
}

// The list does not find the registrable domain below a label that is invalid in DNS (`a-.shop.com`), so the parents
// are looked up.
function siteOf(host: string): string {
  if (isIpAddress(host)) return host;
  for (let parent = parentOf(host); parent !== ''; parent = parentOf(parent)) {
    const registrable = registrableDomain(parent);
    if (registrable !== undefined) return registrable;
  }
  return host;
}

function parentOf(domain: string): string {
  const dot = domain.indexOf('.');
  return dot < 0 ? '' : domain.slice(dot + 1);
}

/**
 * Whether a target is potentially trustworthy: https, or this machine. Source: Secure Contexts, section 3.1; captures
 * of both over http to localhost and to another host.
 */
export function isTrustworthy({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || protocol === 'wss:' || hostFacts(hostname).local;
}

/** Whether two URLs have the same scheme, host and port; a WebSocket URL counts with the page's scheme. */
export function isSameOrigin(a: URL, b: URL): boolean {
  return a.host === b.host && scheme(a) === scheme(b);
}

/** The relation of a target to the page that requests it. Source: HTML Standard, "same site". */
export function siteBetween(page: URL, target: URL): SiteRelation {
  if (isSameOrigin(page, target)) return 'same-origin';
  if (scheme(page) !== scheme(target)) return 'cross-site';
  return hostFacts(page.hostname).site === hostFacts(target.hostname).site ? 'same-site' : 'cross-site';
}

function scheme(url: URL): string {
  const { protocol } = url;
  if (protocol === 'ws:') return 'http:';
  return protocol === 'wss:' ? 'https:' : protocol;
}

const roots = new Map<string, URL>();

/** The root page of a URL's origin. Cached: most requests of a session go to few origins. */
export function rootOf(url: URL): URL {
  const { origin: own } = url;
  const origin = own.startsWith('ws') ? `http${own.slice(2)}` : own;
  const seen = roots.get(origin);
  if (seen !== undefined) return seen;
  const root = new URL(origin);
  if (roots.size >= 256) roots.clear();
  roots.set(origin, root);
  return root;
}
