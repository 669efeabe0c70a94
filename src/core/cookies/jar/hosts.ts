import { getPublicSuffix } from 'tough-cookie';
import { detach } from './limits.ts';

/** What the cookie rules need to know of a request's host. */
export interface HostFacts {
  /** Lower case, punycode, IPv6 in brackets, a trailing dot kept: as `URL.hostname` gives it. */
  readonly host: string;
  /** Registrable domain of the host, or the host itself when it has none (IP address, single label, public suffix). */
  readonly site: string;
  /** True for localhost, *.localhost, 127.0.0.0/8 and [::1]: Secure cookies work there without TLS. Both browsers. */
  readonly local: boolean;
  /**
   * True for a domain under which anyone can register, and for a single label: a cookie for everything below it
   * would be a super-cookie. An unknown top-level domain counts by the default rule of the Public Suffix List,
   * whose private part counts as well.
   */
  readonly publicSuffix: boolean;
}

const MEMO_SIZE = 1024;
const memo = new Map<string, HostFacts>();

/** Facts of a host, remembered for the hosts seen last, so that a read asks the public suffix list only once. */
export function hostFacts(host: string): HostFacts {
  const known = memo.get(host);
  if (known !== undefined) return known;
  if (memo.size >= MEMO_SIZE) memo.clear();
  const facts = findFacts(detach(host));
  memo.set(facts.host, facts);
  return facts;
}

function findFacts(host: string): HostFacts {
  const registrable = registrableDomain(host);
  const publicSuffix = registrable === undefined;
  return { host, site: registrable ?? siteOf(host), local: isLocal(host), publicSuffix };
}

const IPV4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** Tells an IP address, as `URL.hostname` writes it, from a name. */
export function isIpAddress(host: string): boolean {
  return host.startsWith('[') || IPV4.test(host);
}

// Secure Contexts 3.1; Chromium and Firefox take no mapped address (::ffff:127.0.0.1) for a loopback one.
function isLocal(host: string): boolean {
  if (host === '[::1]') return true;
  if (IPV4.test(host)) return host.startsWith('127.');
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return name === 'localhost' || name.endsWith('.localhost');
}

function registrableDomain(domain: string): string | undefined {
  const registrable = getPublicSuffix(domain, { ignoreError: true });
  return registrable !== undefined && domain.endsWith('.') ? `${registrable}.` : registrable;
}

// A label that DNS would not allow (`a-.shop.com`) hides the registrable domain from the list: look further right.
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

/** RFC 6265bis 5.1.3, for a `domain` that is no IP address. */
export function domainMatches(host: string, domain: string): boolean {
  if (host.length <= domain.length) return host === domain;
  return host.endsWith(domain) && host.charCodeAt(host.length - domain.length - 1) === 0x2e;
}

/** RFC 6265bis 5.1.4: code unit by code unit; nothing is percent-decoded. */
export function pathMatches(requestPath: string, cookiePath: string): boolean {
  if (!requestPath.startsWith(cookiePath)) return false;
  return (
    requestPath.length === cookiePath.length ||
    cookiePath.endsWith('/') ||
    requestPath.charCodeAt(cookiePath.length) === 0x2f
  );
}

/** RFC 6265bis 5.1.4: the directory of the request's path. */
export function defaultPath(requestPath: string): string {
  const slash = requestPath.lastIndexOf('/');
  return slash <= 0 ? '/' : requestPath.slice(0, slash);
}
