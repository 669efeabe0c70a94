import type { Leasing } from './leasing.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { RegistryCounts } from './registry-watch.ts';

/** Counts of a registry since it was created, and its current state. */
export interface RegistryStats extends RegistryCounts {
  /** Sessions in memory. */
  readonly sessions: number;
  /** Sessions with a call in progress. */
  readonly busy: number;
  /** Sessions with unsaved changes; 0 without a store. */
  readonly unsaved: number;
  /** Leases that are held. */
  readonly leases: number;
}

/** Walks over the sessions in memory, so it is for occasional use. */
export function statsOf(live: LiveSessions, leasing: Leasing): RegistryStats {
  return {
    sessions: live.size,
    busy: live.all().filter(({ isBusy }) => isBusy).length,
    unsaved: live.unsaved,
    leases: leasing.held,
    ...live.watch.counts(),
  };
}
