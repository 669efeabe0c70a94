import type { Socket } from 'node:net';

/** The exact bytes of a response with a Content-Length. */
export function httpResponse(
  body: string | Uint8Array,
  headers: readonly string[] = [],
  status = '200 OK',
): Buffer {
  const bytes = Buffer.from(body as Uint8Array);
  return Buffer.concat([httpHead([`Content-Length: ${bytes.length}`, ...headers], status), bytes]);
}

/** The head of a response, its blank line included. */
export function httpHead(headers: readonly string[] = [], status = '200 OK'): Buffer {
  return Buffer.from([`HTTP/1.1 ${status}`, ...headers, '', ''].join('\r\n'), 'latin1');
}

/** Resolves when the other end of `socket` has gone. */
export async function whenClosed(socket: Socket | undefined): Promise<void> {
  if (socket === undefined) throw new Error('there was no connection');
  // Not events.once: an error only says how it closed.
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

/** Writes `chunk` again and again, for as long as the other end takes it. */
export function writeEndlessly(socket: Socket, chunk: Uint8Array): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', write);
  write();
}

/** Lets everything that is ready to happen happen: timers and sockets of this process get their turn. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
