import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { checkOptions, ownCopy } from '../../core/checks.ts';
import { invalidOption } from '../../core/errors.ts';
import { createHandler, type McpAuth, type McpHandler } from './serve.ts';
import type { Toolbox } from './toolbox.ts';

/** Where the server listens, and which clients may use it. */
export interface ServeHttpOptions {
  /** @default 0, any free port */
  readonly port?: number | undefined;
  /**
   * An address other than loopback needs `tokens`.
   * @default '127.0.0.1'
   */
  readonly host?: string | undefined;
  /** The clients, each with a bearer token of at least 16 characters. Each client has sessions of its own. */
  readonly tokens?: readonly string[] | undefined;
  /** Host names of the server beside its address: `mcp.example`. */
  readonly allowHosts?: readonly string[] | undefined;
}

/** A running server. */
export interface McpHttpServer extends AsyncDisposable {
  readonly url: string;
  close(): Promise<void>;
}

const known: ReadonlySet<string> = new Set(['port', 'host', 'tokens', 'allowHosts']);
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);
const path = '/mcp';

/**
 * Serves the tools over streamable HTTP at `/mcp`. It refuses requests of web pages by their Origin header, and
 * requests for other names by their Host header, as the protocol requires against DNS rebinding.
 *
 * @throws RequestError ERR_INVALID_OPTION, also where `@modelcontextprotocol/server` is not installed
 */
export async function serveHttp(toolbox: Toolbox, options: ServeHttpOptions = {}): Promise<McpHttpServer> {
  checkOptions(options, 'HTTP options', known);
  const { port = 0, host = '127.0.0.1', tokens = [], allowHosts = [] } = ownCopy('HTTP options', options);
  if (!Array.isArray(tokens) || tokens.some((token) => typeof token !== 'string' || token.length < 16)) {
    throw invalidOption('tokens', 'a list of strings of at least 16 characters', undefined);
  }
  if (!loopback.has(host) && tokens.length === 0) {
    throw invalidOption('host', 'a loopback address, or also the option tokens', host);
  }
  const guard = new Guard(tokens, [...loopback, host, ...allowHosts]);
  const handler = await createHandler(toolbox);
  const server = createServer((request, response) => {
    answer(handler, guard, request, response).catch(() => response.destroy());
  });
  await listen(server, port, host.replace(/^\[|\]$/g, ''));
  const close = async (): Promise<void> => {
    await handler.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return { url: `http://${name}:${bound}${path}`, close, [Symbol.asyncDispose]: close };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The name of the client, or the status of the refusal. */
class Guard {
  readonly #tokens: readonly Buffer[];
  readonly #hosts: ReadonlySet<string>;

  constructor(tokens: readonly string[], hosts: readonly string[]) {
    this.#tokens = tokens.map(digest);
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
  }

  judge({ headers, url = '' }: IncomingMessage): McpAuth | number {
    if (url.split('?')[0] !== path) return 404;
    if (!this.#hosts.has(nameOf(`http://${headers.host ?? ''}`))) return 403;
    // A web page of another origin is not a client of the protocol, also where only its port differs.
    const { origin } = headers;
    if (origin !== undefined && URL.parse(origin)?.host !== hostOf(origin, headers.host ?? '')) return 403;
    if (this.#tokens.length === 0) return { token: '', clientId: 'http', scopes: [] };
    const given = /^Bearer ([^\s]+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
    const hash = digest(given);
    // All tokens are compared, so that the time does not show which one matched.
    const found = this.#tokens.filter((token) => timingSafeEqual(token, hash)).length > 0;
    return found ? { token: '', clientId: `http-${hash.toString('hex')}`, scopes: [] } : 401;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The Host as an origin of this scheme has it: without the scheme's own port. */
function hostOf(origin: string, host: string): string {
  return URL.parse(`${origin.split(':')[0]}://${host}`)?.host ?? '';
}

function nameOf(url: string): string {
  return URL.parse(url)?.hostname.toLowerCase() ?? '';
}

async function answer(
  handler: McpHandler,
  guard: Guard,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const judged = guard.judge(incoming);
  if (typeof judged === 'number') {
    outgoing.writeHead(judged, judged === 401 ? { 'www-authenticate': 'Bearer' } : {}).end();
    return;
  }
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const response = await handler.fetch(requestOf(incoming, gone.signal), { authInfo: judged });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  Readable.fromWeb(response.body as never).pipe(outgoing);
}

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = 'GET', url = '/', headers } = incoming;
  const fields = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(`http://${headers.host}${url}`, {
    ...{ method, headers: fields, signal, duplex: 'half' },
    ...(hasBody && { body: Readable.toWeb(incoming) as never }),
  });
}
