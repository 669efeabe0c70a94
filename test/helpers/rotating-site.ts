import { startServer, type TestServer } from './servers.ts';

export interface RotatingSite {
  readonly server: TestServer;
  readonly logins: number;
  /** Requests that came with a cookie that had been replaced. */
  readonly stale: number;
}

/** A site whose session cookie is good for one request: each answer replaces it, and an old one ends the session. */
export async function startRotatingSite(): Promise<RotatingSite> {
  let [issued, logins, stale] = [0, 0, 0];
  /** The cookie of each user that is good now. */
  const good = new Map<string, string>();
  const renew = (user: string): string => {
    const value = `${user}.${++issued}`;
    good.set(user, value);
    return `sid=${value}; Path=/`;
  };
  const server = await startServer((request, response, body) => {
    if (request.url === '/login') {
      logins++;
      return void response.writeHead(204, { 'set-cookie': renew(body.toString()) }).end();
    }
    const value = /sid=(\S+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const user = value.slice(0, value.indexOf('.'));
    if (value !== '' && good.get(user) === value)
      return void response.writeHead(200, { 'set-cookie': renew(user) }).end('welcome');
    if (value !== '') {
      stale++;
      good.delete(user);
    }
    response.writeHead(401).end();
  });
  return {
    server,
    get logins() {
      return logins;
    },
    get stale() {
      return stale;
    },
  };
}
