import type { Leasing } from './leasing.ts';
import type { LiveSessions } from './live-sessions.ts';

/**
 * Waits until no lease is held and no request is in progress, and saves the changes. New leases are refused, but work
 * in progress can still use the registry.
 *
 * @returns the failures
 */
export async function drain(live: LiveSessions, leasing: Leasing): Promise<Set<unknown>> {
  await leasing.drain();
  for (;;) {
    const busy = live.all().filter(({ isBusy }) => isBusy);
    if (busy.length === 0) break;
    await Promise.all(busy.map((each) => each.whenQuiet()));
  }
  return live.saveAll();
}
