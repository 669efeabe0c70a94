import { invalidOption } from '../core/errors.ts';

/** Hosts that may be reached though their addresses are not public, each with a port or with all ports. */
export class AllowedHosts {
  readonly #hosts: ReadonlySet<string>;

  /** @throws RequestError ERR_INVALID_OPTION */
  constructor(given: readonly string[]) {
    if (!Array.isArray(given)) throw invalidHost(given);
    this.#hosts = new Set(given.map(readHost));
  }

  /** @param hostname without brackets */
  has(hostname: string, port: number): boolean {
    return this.#hosts.has(hostname) || this.#hosts.has(`${hostname} ${port}`);
  }
}

/** As URLs have it: in lower case, in Punycode, and an address in its one form. */
function readHost(given: unknown): string {
  const [, host = '', port] =
    (typeof given === 'string' && /^(\[[^\]]+\]|[^:/?#@\s]+)(?::(\d{1,5}))?$/.exec(given)) || [];
  const url = URL.parse(`http://${host}`);
  if (url === null || url.pathname !== '/') throw invalidHost(given);
  const hostname = url.hostname.replace(/^\[|\]$|\.$/g, '');
  return port === undefined ? hostname : `${hostname} ${Number(port)}`;
}

function invalidHost(given: unknown): Error {
  return invalidOption(
    'allowHosts',
    "hosts such as 'localhost', '[::1]:8080' or 'intranet.example:8443'",
    given,
  );
}
