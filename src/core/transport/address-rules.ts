import { isIP, SocketAddress } from 'node:net';
import { describe, RequestError } from '../errors.ts';
import { withoutBrackets } from '../http.ts';

/** The purpose of a connection. */
export interface HostTarget {
  /** As in the URL, without brackets and without a trailing dot. */
  readonly hostname: string;
  readonly port: number;
  readonly protocol: 'http:' | 'https:';
}

/** The purpose of a connection to an address. */
export interface AddressTarget extends HostTarget {
  readonly family: 4 | 6;
}

/** Which addresses and hosts a transport may connect to; `null` without such a rule. */
export interface AddressRules {
  readonly allowAddress: ((address: string, target: AddressTarget) => boolean) | null;
  readonly allowHost: ((hostname: string, target: HostTarget) => boolean) | null;
}

/** Returns why an address must not be connected to, `null` where it may be. */
export type AddressJudge = (address: string) => RequestError | null;

/** Checks the addresses of one host with `allowAddress`; `null` where there is no such rule. */
export function addressJudge(rules: AddressRules | null, url: URL): AddressJudge | null {
  const allow = rules?.allowAddress ?? null;
  if (allow === null) return null;
  const target = targetOf(url);
  return (address) => judgeAddress(allow, address, target);
}

/**
 * Returns why a proxy must not be asked to connect to a host, whose addresses only the proxy sees; `null` where it
 * may be.
 */
export function judgeProxied(rules: AddressRules | null, url: URL): RequestError | null {
  if (rules === null) return null;
  const target = targetOf(url);
  const { hostname } = target;
  const { allowHost } = rules;
  const refusal =
    allowHost === null
      ? null
      : refusalBy('allowHost', `The host ${hostname}`, () => allowHost(hostname, target));
  if (refusal !== null || isIP(hostname) === 0) return refusal;
  // A host that is an address is not resolved.
  return addressJudge(rules, url)?.(hostname) ?? null;
}

function targetOf({ protocol, hostname, port }: URL): HostTarget {
  const isSecure = protocol === 'https:';
  const host = withoutBrackets(hostname);
  return {
    hostname: host.endsWith('.') ? host.slice(0, -1) : host,
    port: Number(port || (isSecure ? 443 : 80)),
    protocol: isSecure ? 'https:' : 'http:',
  };
}

function judgeAddress(
  allow: NonNullable<AddressRules['allowAddress']>,
  given: string,
  target: HostTarget,
): RequestError | null {
  const address = canonical(given);
  // An IPv6 address that maps to an IPv4 one is checked in both forms, so that a rule for one form covers the other.
  const inside = isIP(address) === 6 ? embeddedIpv4(address) : null;
  for (const each of inside === null ? [address] : [address, inside]) {
    const family = isIP(each) === 6 ? 6 : 4;
    const subject =
      each === target.hostname ? `The address ${each}` : `The address ${each} of ${target.hostname}`;
    const refusal = refusalBy('allowAddress', subject, () => allow(each, { ...target, family }));
    if (refusal !== null) return refusal;
  }
  return null;
}

/** Only `true` is a permission. A promise is not, and neither is an error of the rule. */
function refusalBy(name: keyof AddressRules, subject: string, ask: () => unknown): RequestError | null {
  const forbidden = (reason: string, cause?: unknown): RequestError =>
    new RequestError('ERR_ADDRESS_FORBIDDEN', `${subject} is not allowed: ${reason}`, {
      cause,
      phase: 'connect',
    });
  try {
    const answer = ask();
    if (answer === true) return null;
    if (answer === false) return forbidden(`${name} refused it`);
    return forbidden(`${name} must return true or false, got ${describe(answer)}`);
  } catch (cause) {
    return forbidden(`${name} failed`, cause);
  }
}

/** The canonical text of an address, as the system writes it, without a zone. RFC 5952. */
function canonical(given: string): string {
  const [address = ''] = given.split('%');
  return isIP(address) === 6 ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}

/**
 * The IPv4 address that an IPv6 one maps to, `null` for none: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056).
 */
function embeddedIpv4(address: string): string | null {
  const words = wordsOf(address);
  if (words[0] === 0x2002) return dotted(words.slice(1, 3));
  const prefix = words
    .slice(0, 6)
    .map((word) => word.toString(16))
    .join(':');
  if (prefix === '0:0:0:0:0:0' && address !== '::' && address !== '::1') return dotted(words.slice(6));
  return prefix === '0:0:0:0:0:ffff' || prefix === '64:ff9b:0:0:0:0' ? dotted(words.slice(6)) : null;
}

function dotted([high = 0, low = 0]: readonly number[]): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** The eight numbers of an IPv6 address in canonical text. */
function wordsOf(address: string): number[] {
  const hexadecimal = address.replace(/(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/, (_, a, b, c, d) => {
    const pair = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
    return `${pair(a, b)}:${pair(c, d)}`;
  });
  const [head = [], tail = []] = hexadecimal
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':').map((word) => Number.parseInt(word, 16))));
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
