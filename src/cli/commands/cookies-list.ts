import { makeVisibleLine } from '../../core/visible.ts';
import type { SessionCookie } from '../../index.ts';
import type { Invocation, Outcome } from '../command.ts';
import { hidden } from '../mask.ts';
import { completeUrl } from '../request.ts';
import { withKeptSession } from '../session-of.ts';
import { tableOf } from '../text-table.ts';

/** `cookies list`: lists all cookies of the session, or those that a request to a URL sends. */
export async function listCookies(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  const url = args.text('url');
  return withKeptSession(invocation, async ({ session }) => {
    const all =
      url === undefined
        ? session.getAllCookies()
        : session.explainCookies(completeUrl(url)).flatMap(({ cookie, sent }) => (sent ? [cookie] : []));
    const cookies = all.map((cookie) => ({ ...cookie, value: output.showsSecrets ? cookie.value : hidden }));
    return { text: tableOf(cookies.map(cellsOf)), data: { cookies } };
  });
}

/** A cookie in columns. */
export function cellsOf(cookie: SessionCookie): string[] {
  const { name, value, domain, path, hostOnly, secure, httpOnly, sameSite, expiresAtMs } = cookie;
  const flags = [secure ? 'Secure' : '', httpOnly ? 'HttpOnly' : '', sameSite ? `SameSite=${sameSite}` : ''];
  return [
    `${name}=${value}`,
    `${hostOnly ? '' : '.'}${domain}${path}`,
    expiresAtMs === undefined ? 'session' : new Date(expiresAtMs).toISOString(),
    flags.filter((flag) => flag !== '').join(' '),
  ].map(makeVisibleLine);
}
