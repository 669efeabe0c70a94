import type { ServerResponse } from 'node:http';
import { startServer, type TestServer } from './servers.ts';

export interface LoginSite {
  readonly server: TestServer;
  /** Logins so far. */
  readonly logins: number;
  /** Ends every login. */
  logOut(): void;
  /** When set, a login waits for it. */
  gate: Promise<void>;
  /** What is answered to who is not logged in. */
  refuse: (response: ServerResponse) => void;
}

/** A site that shows its pages to who has logged in last. */
export async function startLoginSite(): Promise<LoginSite> {
  let logins = 0;
  let valid = '';
  const server = await startServer(async (request, response, body) => {
    if (request.url === '/login') {
      await site.gate;
      valid = `sid=${++logins}`;
      response.writeHead(204, { 'set-cookie': valid }).end();
    } else if (valid !== '' && request.headers.cookie?.includes(valid)) response.end(`welcome ${body}`);
    else site.refuse(response);
  });
  const site: LoginSite = {
    server,
    gate: Promise.resolve(),
    refuse: (response) => void response.writeHead(401).end(),
    get logins() {
      return logins;
    },
    logOut: () => {
      valid = '';
    },
  };
  return site;
}
