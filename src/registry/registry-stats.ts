import type { Leasing } from './leasing.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { RegistryCounts } from './registry-watch.ts';

/** What a registry has done since it was made, and what it does now. */
export interface RegistryStats extends RegistryCounts {
  /** Sessions in memory. */
  readonly sessions: number;
  /** Of those, the ones with a call under way. */
  readonly busy: number;
  /** Sessions with changes that the store does not know; 0 without a store. */
  readonly unsaved: number;
  /** Leases that are held. */
  readonly leases: number;
}

/** Walks over the sessions in memory: for a look now and then. */
export function statsOf(live: LiveSessions, leasing: Leasing): RegistryStats {
  return {
    sessions: live.size,
    busy: live.all().filter(({ isBusy }) => isBusy).length,
    unsaved: live.unsaved,
    leases: leasing.held,
    ...live.watch.counts(),
  };
}
