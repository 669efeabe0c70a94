import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** One request as the site saw it. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly cookie: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Site {
  readonly url: string;
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly seen: Seen[];
}

type Answer = (request: Seen, response: ServerResponse) => void;

/** A site of one test on 127.0.0.1, whose answers are by path. */
export async function startSite(answers: Readonly<Record<string, string | Answer>>): Promise<Site> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url = '', headers } = request;
    const one = {
      method,
      url,
      headers,
      cookie: headers.cookie ?? '',
      body: Buffer.concat(chunks).toString(),
    };
    seen.push(one);
    const answer = answers[url.split('?')[0] ?? ''];
    if (answer === undefined) response.writeHead(404).end();
    else if (typeof answer === 'string')
      response.setHeader('content-type', 'text/html; charset=utf-8').end(answer);
    else answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}`, host, seen };
}
