import * as net from 'node:net';
import { RequestError } from '../errors.ts';
import { hasControlCharacter, withoutBrackets } from '../http.ts';

/** A proxy, with its credentials decoded once. It is never shown whole, because it holds a password. */
export interface ProxySettings {
  readonly protocol: 'http:' | 'https:' | 'socks5:';
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** The address of a proxy; it may appear in errors. */
export type ProxyAddress = Pick<ProxySettings, 'hostname' | 'port'>;

/** Returns the proxy for a target; `null` means a direct connection. */
export type ProxyChoice = (target: URL) => ProxySettings | null;

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'socks5:': 1080 };

/**
 * Parses a proxy URL. User and password are percent-decoded here and nowhere else.
 *
 * @throws RequestError ERR_INVALID_OPTION `Failed to create proxy: …`, without the URL's password
 */
export function parseProxy(value: string): ProxySettings {
  // The URL parser drops tabs and newlines silently, so it would connect to another host than the one written.
  if (hasControlCharacter(value)) throw refuse('the URL has a control character');
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null) throw refuse('not an absolute URL such as http://user:password@host:8080');
  const protocol = proxyProtocol(url.protocol);
  if (url.hostname === '') throw refuse('the URL has no host');
  if (url.port === '0') throw refuse('the port must not be 0');
  if (url.search !== '' || url.hash !== '' || (url.pathname !== '' && url.pathname !== '/')) {
    throw refuse('the URL must end after host and port');
  }
  const username = decodeCredential(url.username);
  const password = decodeCredential(url.password);
  checkCredentials(protocol, username, password);
  const port = url.port === '' ? (defaultPorts[protocol] ?? 0) : Number(url.port);
  return { protocol, hostname: withoutBrackets(url.hostname), port, username, password };
}

function proxyProtocol(scheme: string): ProxySettings['protocol'] {
  if (scheme === 'http:' || scheme === 'https:') return scheme;
  // Names are always resolved by the proxy, so socks5 and socks5h mean the same here.
  if (scheme === 'socks5:' || scheme === 'socks5h:') return 'socks5:';
  if (scheme === 'socks4:' || scheme === 'socks4a:') {
    throw refuse('SOCKS4 has no authentication and no IPv6: use socks5:');
  }
  throw refuse(`${JSON.stringify(scheme)} is not one of http:, https:, socks5:, socks5h:`);
}

function decodeCredential(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    // The cause is left out, because it would show the credential.
    throw refuse('user or password has a malformed percent escape: write % as %25');
  }
  if (hasControlCharacter(decoded)) throw refuse('user or password has a control character');
  return decoded;
}

function checkCredentials(protocol: string, username: string, password: string): void {
  if (protocol === 'socks5:') {
    // RFC 1929: one length byte each.
    if (Buffer.byteLength(username) > 255 || Buffer.byteLength(password) > 255) {
      throw refuse('SOCKS5 takes at most 255 bytes of user and of password');
    }
  } else if (username.includes(':')) {
    // RFC 7617 section 2: the first colon ends the user.
    throw refuse('the user must not contain a colon');
  }
}

function refuse(reason: string): RequestError {
  return new RequestError('ERR_INVALID_OPTION', `Failed to create proxy: ${reason}`);
}

/** The name of the other end of a connection, for messages. */
export function hostAndPort(hostname: string, port: number): string {
  return `${net.isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`;
}

/** The value of a Proxy-Authorization header, `null` when the proxy has no credentials. RFC 7617. */
export function proxyAuthorization(proxy: ProxySettings): string | null {
  if (proxy.username === '' && proxy.password === '') return null;
  return `Basic ${Buffer.from(`${proxy.username}:${proxy.password}`).toString('base64')}`;
}

/**
 * Reads HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY once (lower case first, as curl does).
 * HTTP_PROXY in upper case is not trusted inside a CGI program, where a request header sets it (httpoxy).
 */
export function proxyFromEnvironment(environment: NodeJS.ProcessEnv): ProxyChoice {
  const read = (name: string): string => environment[name.toLowerCase()] || environment[name] || '';
  const parse = (value: string): ProxySettings | null =>
    value === '' ? null : parseProxy(value.includes('://') ? value : `http://${value}`);
  const all = parse(read('ALL_PROXY'));
  const isCgi = environment.REQUEST_METHOD !== undefined;
  const http = parse(isCgi ? (environment.http_proxy ?? '') : read('HTTP_PROXY')) ?? all;
  const https = parse(read('HTTPS_PROXY')) ?? all;
  const isBypassed = parseNoProxy(read('NO_PROXY'));
  return (target) => (isBypassed(target) ? null : target.protocol === 'https:' ? https : http);
}

/** Everything that {@link proxyFromEnvironment} reads, as one text: equal texts choose equal proxies. */
export function proxyVariables(environment: NodeJS.ProcessEnv): string {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];
  const all = [...names, ...names.map((name) => name.toLowerCase()), 'REQUEST_METHOD'];
  return JSON.stringify(all.map((name) => environment[name] ?? null));
}

/**
 * Parses NO_PROXY: entries separated by commas or spaces, case ignored. `*` is every host; `example.com`,
 * `.example.com` and `*.example.com` match the host and its subdomains; `host:port` matches that port only; an IP
 * address matches itself; `10.0.0.0/8` or `fd00::/8` is a range. A trailing dot of entry or host is ignored.
 */
export function parseNoProxy(value: string): (target: URL) => boolean {
  const rules = value
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(noProxyRule);
  return (target) => {
    const host = withoutBrackets(target.hostname).replace(/\.$/, '');
    const port = target.port || (target.protocol === 'https:' ? '443' : '80');
    return rules.some((matches) => matches(host, port));
  };
}

function noProxyRule(entry: string): (host: string, port: string) => boolean {
  if (entry === '*') return () => true;
  const range = /^(.+)\/(\d+)$/.exec(entry);
  if (range !== null) return addressRange(withoutBrackets(range[1] ?? ''), Number(range[2]));
  const [, name = entry, entryPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  const wanted = withoutBrackets(name)
    .replace(/^\*?\./, '')
    .replace(/\.$/, '');
  const isAddress = net.isIP(wanted) !== 0;
  const canonical = net.isIP(wanted) === 6 ? withoutBrackets(new URL(`http://[${wanted}]`).hostname) : wanted;
  return (host, port) => {
    if (entryPort !== undefined && entryPort !== port) return false;
    return host === canonical || (!isAddress && canonical !== '' && host.endsWith(`.${canonical}`));
  };
}

function addressRange(network: string, prefix: number): (host: string) => boolean {
  const family = net.isIP(network);
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) return () => false;
  // Node.js loads the class at its first use.
  const list = new net.BlockList();
  list.addSubnet(network, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return (host) => {
    const hostFamily = net.isIP(host);
    return hostFamily !== 0 && list.check(host, hostFamily === 4 ? 'ipv4' : 'ipv6');
  };
}
