import { isIP } from 'node:net';

/**
 * The server name in TLS, against which the server's certificate is checked: that of the host at the other end, and
 * never that of a Host header, which undici would use. Empty for an IP address, which is not a name in TLS; Node.js
 * checks the address then. RFC 6066 section 3.
 */
export function nameInTls(hostname: string): string {
  return isAddress(hostname) ? '' : hostname;
}

/** Whether a host is an IP address; an IPv6 address may have brackets. */
export function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0;
}

/**
 * The option `servername` of a dispatch. undici uses it instead of the caller's Host header, and closes the
 * connection when it changes. Only this package's connector decides which name the certificate is checked against.
 */
export function serverName({ protocol, hostname }: URL): string | undefined {
  return protocol === 'https:' ? hostname : undefined;
}
