import { isIP } from 'node:net';

/**
 * The name by which a server is asked for in TLS, and against which its certificate is checked: that of the host at the
 * other end, and never that of a Host header, which undici would take. Empty for an IP address, which is no name in TLS:
 * of those Node.js checks the address. RFC 6066 section 3.
 */
export function nameInTls(hostname: string): string {
  return isAddress(hostname) ? '' : hostname;
}

/** Tells an IP address from a name; an IPv6 address with or without brackets. */
export function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0;
}

/**
 * The option `servername` of a dispatch, which undici takes in place of the caller's Host header: when it changes,
 * undici ends the connection. Our connector alone decides which name the certificate is checked against.
 */
export function serverName({ protocol, hostname }: URL): string | undefined {
  return protocol === 'https:' ? hostname : undefined;
}
