import type { Leasing } from './leasing.ts';
import type { LiveSessions } from './live-sessions.ts';

/**
 * Waits until nobody holds a lease and no request is under way, and saves what has changed. From now on no lease is
 * given, but the work in progress can still use the registry.
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
