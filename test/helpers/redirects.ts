import { startServer, type TestServer } from './servers.ts';

/** One step of a scripted site: a status with a Location, or a page. */
export interface Step {
  readonly status?: number;
  readonly location?: string;
  readonly cookies?: readonly string[];
  readonly body?: string;
}

/** A server that answers each path by its step; a path without one is a page that says `arrived`. */
export function startSite(steps: Readonly<Record<string, Step>>): Promise<TestServer> {
  return startServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const { status = 200, location, cookies = [], body } = steps[path] ?? {};
    const isRedirect = location !== undefined;
    if (isRedirect) response.setHeader('location', location);
    if (cookies.length > 0) response.setHeader('set-cookie', cookies);
    response.writeHead(isRedirect && status === 200 ? 302 : status);
    response.end(body ?? (isRedirect ? '' : 'arrived'));
  });
}

/** Methods and URLs in the order in which a server saw them. */
export function linesOf(server: TestServer): string[] {
  return server.seen.map(({ method, url }) => `${method} ${url}`);
}

/** `url` under another name of this machine: another site and origin for the same server. */
export function asHost(url: string, host: string): string {
  const renamed = new URL(url);
  renamed.hostname = host;
  return renamed.href.replace(/\/$/, '');
}
