/** Stands for `src/index.ts` in the projects of vitest.config.ts that repeat the scenarios over TLS. */
import * as jarfetch from '../../src/index.ts';

export * from '../../src/index.ts';

const overTls = { http2: true, insecure: true };

export function createSession(options: jarfetch.SessionOptions = {}): Promise<jarfetch.Session> {
  return jarfetch.createSession('transport' in options ? options : { ...overTls, ...options });
}

export function createTransport(options: jarfetch.TransportOptions = {}): Promise<jarfetch.Transport> {
  return jarfetch.createTransport('dispatcher' in options ? options : { ...overTls, ...options });
}
