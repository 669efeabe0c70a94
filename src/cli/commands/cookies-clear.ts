import type { Invocation, Outcome } from '../command.ts';
import { withKeptSession } from '../session-of.ts';

/** `cookies clear`: removes all cookies, or those of a name, a domain or a path. */
export async function clearCookies(invocation: Invocation): Promise<Outcome> {
  const { args } = invocation;
  const given = { name: args.text('name'), domain: args.text('domain'), path: args.text('path') };
  const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return withKeptSession(invocation, async ({ session }) => {
    const before = session.getAllCookies().length;
    await session.clearCookies(Object.keys(filter).length === 0 ? undefined : filter);
    const removed = before - session.getAllCookies().length;
    return {
      text: `${removed} removed, ${before - removed} left`,
      data: { removed, left: before - removed },
    };
  });
}
