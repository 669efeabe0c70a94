import { isIPv4, isIPv6, type Socket } from 'node:net';
import { RequestError, type RequestErrorDetails } from '../errors.ts';
import { hostAndPort, type ProxyAddress, type ProxySettings, proxyAuthorization } from './proxy.ts';

/** The target of a tunnel. */
export interface TunnelTarget {
  readonly hostname: string;
  readonly port: number;
}

/** Longest response to CONNECT that is read, in bytes. */
const maxAnswerBytes = 16_384;

/**
 * Requests a connection to `target` from the proxy at the other end of `socket`. Any 2xx opens a tunnel (RFC 9110,
 * section 9.3.6); bytes that arrived with the response stay in the socket. Calls back exactly once.
 */
export function openTunnel(
  socket: Socket,
  proxy: ProxySettings,
  target: TunnelTarget,
  callback: (error: RequestError | null) => void,
): void {
  const steps = proxy.protocol === 'socks5:' ? socks5(socket, proxy, target) : connect(socket, proxy, target);
  converse(socket, steps, nameOf(proxy), callback);
}

/**
 * A handshake: yields how many bytes it needs next (`head`: up to the blank line), gets them, and returns at the end.
 */
type ProxyHandshake = Generator<number | 'head', void, Buffer>;

function converse(
  socket: Socket,
  steps: ProxyHandshake,
  name: string,
  callback: (error: RequestError | null) => void,
): void {
  let buffered: Buffer = Buffer.alloc(0);
  let wanted: number | 'head' = 0;
  const finish = (error: RequestError | null): void => {
    socket.off('readable', onReadable).off('error', onClose).off('close', onClose);
    if (error === null && buffered.length > 0) socket.unshift(buffered);
    callback(error);
  };
  const onClose = (cause?: unknown): void => {
    finish(proxyError(`The proxy ${name} closed the connection before the tunnel was open`, { cause }));
  };
  const advance = (): void => {
    for (;;) {
      const length = available(buffered, wanted, name);
      if (length === null) return;
      const taken = buffered.subarray(0, length);
      buffered = buffered.subarray(length);
      const step = steps.next(taken);
      if (step.done === true) {
        finish(null);
        return;
      }
      wanted = step.value;
    }
  };
  const onReadable = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    buffered = Buffer.concat([buffered, chunk]);
    guard(advance, name, finish);
  };
  socket.on('readable', onReadable).on('error', onClose).on('close', onClose);
  guard(
    () => {
      const first = steps.next(buffered);
      if (first.done !== true) wanted = first.value;
    },
    name,
    finish,
  );
}

function guard(work: () => void, name: string, onError: (error: RequestError) => void): void {
  try {
    work();
  } catch (error) {
    onError(
      error instanceof RequestError
        ? error
        : proxyError(`The proxy ${name} did not answer in the protocol of its URL`, { cause: error }),
    );
  }
}

/** Number of the buffered bytes that the handshake gets; `null` while more must arrive. */
function available(buffered: Buffer, wanted: number | 'head', name: string): number | null {
  if (wanted !== 'head') return buffered.length >= wanted ? wanted : null;
  const end = buffered.indexOf('\r\n\r\n');
  if (end >= 0) return end + 4;
  if (buffered.length > maxAnswerBytes)
    throw proxyError(`The proxy ${name} answered CONNECT with a response head that is too long`);
  return null;
}

function* connect(socket: Socket, proxy: ProxySettings, target: TunnelTarget): ProxyHandshake {
  const host = isIPv6(target.hostname) ? `[${target.hostname}]` : target.hostname;
  const authority = `${host}:${target.port}`;
  const authorization = proxyAuthorization(proxy);
  socket.write(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Connection: keep-alive\r\n` +
      `${authorization === null ? '' : `Proxy-Authorization: ${authorization}\r\n`}\r\n`,
  );
  for (;;) {
    const head = (yield 'head').toString('latin1');
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r)/.exec(head)?.[1] ?? 0);
    if (status === 0) throw proxyError(`The proxy ${nameOf(proxy)} did not answer CONNECT with HTTP`);
    if (status >= 200 && status < 300) return;
    if (status >= 200 || status === 101) throw tunnelRefused(status, proxy);
  }
}

/** A proxy's response to CONNECT that opens no tunnel. */
export function tunnelRefused(status: number, proxy: ProxyAddress): RequestError {
  if (status === 407) return proxyAuthError(proxy);
  return proxyError(`The proxy ${nameOf(proxy)} refused the tunnel (${status})`, { status });
}

/** A proxy's 407, to CONNECT or to a request that it forwards. RFC 9110 section 15.5.8. */
export function proxyAuthError(proxy: ProxyAddress, details: RequestErrorDetails = {}): RequestError {
  const message = `The proxy ${nameOf(proxy)} requires other credentials (407)`;
  return new RequestError('ERR_PROXY_AUTH', message, { ...details, phase: 'proxy', status: 407 });
}

function nameOf({ hostname, port }: ProxyAddress): string {
  return hostAndPort(hostname, port);
}

/** RFC 1928 and RFC 1929; the name of the target is always resolved by the proxy. */
function* socks5(socket: Socket, proxy: ProxySettings, target: TunnelTarget): ProxyHandshake {
  const name = nameOf(proxy);
  const hasCredentials = proxy.username !== '' || proxy.password !== '';
  socket.write(Buffer.from(hasCredentials ? [5, 2, 0, 2] : [5, 1, 0]));
  const [version, method] = yield 2;
  if (version !== 5) throw proxyError(`The proxy ${name} does not speak SOCKS5`);
  if (method === 2 && hasCredentials) {
    const user = Buffer.from(proxy.username);
    const password = Buffer.from(proxy.password);
    socket.write(
      Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]),
    );
    const [, failed] = yield 2;
    if (failed !== 0) throw socksAuthError(`The proxy ${name} refused user and password`);
  } else if (method !== 0) {
    throw socksAuthError(`The proxy ${name} asks for an authentication that is not offered`);
  }
  socket.write(
    Buffer.concat([Buffer.from([5, 1, 0]), socksAddress(target.hostname), portBytes(target.port)]),
  );
  const [, reply = 1, , kind] = yield 4;
  if (reply !== 0) {
    const reason = socksReplies[reply] ?? `code ${reply}`;
    const place = hostAndPort(target.hostname, target.port);
    throw proxyError(`The proxy ${name} refused the connection to ${place}: ${reason}`);
  }
  // The bound address is not needed, but its bytes must be consumed: they are not the target's.
  const known = boundLengths.get(kind);
  if (known === undefined) {
    throw proxyError(`The proxy ${name} answered with an address of the unknown type ${kind}`);
  }
  const length = known ?? (yield 1)[0] ?? 0;
  yield length + 2;
}

/** Length of an address by its type: IPv4, a name with a length byte, IPv6. RFC 1928 section 5. */
const boundLengths: ReadonlyMap<number | undefined, number | null> = new Map([
  [1, 4],
  [3, null],
  [4, 16],
]);

function socksAddress(hostname: string): Buffer {
  if (isIPv4(hostname)) return Buffer.from([1, ...hostname.split('.').map(Number)]);
  if (isIPv6(hostname)) return Buffer.from([4, ...ipv6Bytes(hostname)]);
  const name = Buffer.from(hostname);
  if (name.length > 255) throw proxyError('SOCKS5 takes host names of at most 255 bytes');
  return Buffer.concat([Buffer.from([3, name.length]), name]);
}

function ipv6Bytes(hostname: string): number[] {
  // The URL parser writes a dotted IPv4 end as two groups, so only `::` must be expanded.
  const canonical = new URL(`http://[${hostname}]`).hostname.slice(1, -1);
  const [before = '', after] = canonical.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...zeros, ...tail].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function portBytes(port: number): Buffer {
  return Buffer.from([port >> 8, port & 0xff]);
}

function socksAuthError(message: string): RequestError {
  return new RequestError('ERR_PROXY_AUTH', message, { phase: 'proxy' });
}

function proxyError(message: string, details: { cause?: unknown; status?: number } = {}): RequestError {
  return new RequestError('ERR_PROXY', message, { ...details, phase: 'proxy' });
}

const socksReplies: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'time to live expired',
  7: 'command not supported',
  8: 'address type not supported',
};
