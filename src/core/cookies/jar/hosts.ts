/** RFC 6265bis 5.1.3, for a `domain` that is not an IP address. */
export function domainMatches(host: string, domain: string): boolean {
  if (host.length <= domain.length) return host === domain;
  return host.endsWith(domain) && host.charCodeAt(host.length - domain.length - 1) === 0x2e;
}

/** RFC 6265bis 5.1.4: compares code units; nothing is percent-decoded. */
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
