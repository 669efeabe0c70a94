import { type Client, withClient } from './client.ts';
import type { Invocation, Outcome } from './command.ts';
import { UsageError } from './usage-error.ts';

/** Runs a command that needs a kept session, and refuses to run without one. */
export function withKeptSession(
  invocation: Invocation,
  fn: (client: Client) => Promise<Outcome>,
): Promise<Outcome> {
  return withClient(invocation, async (client) => {
    if (client.kept === null) {
      throw new UsageError(`${invocation.row.name} needs a session: --session NAME, or set JARFETCH_SESSION`);
    }
    return { session: client.name, ...(await fn(client)) };
  });
}
