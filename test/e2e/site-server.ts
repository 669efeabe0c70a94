/** Serves the built site on 127.0.0.1, as a static host does. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

/** @param base path of the site on its host, such as `/jarfetch/` */
export async function serveFolder(
  folder: string,
  base: string,
): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    if (!pathname.startsWith(base)) return void response.writeHead(404).end();
    const path = pathname.slice(base.length - 1).replace(/\/$/, '/index.html');
    const file = normalize(decodeURIComponent(path));
    try {
      const body = await readFile(join(folder, file));
      response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream').end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${base.slice(0, -1)}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
