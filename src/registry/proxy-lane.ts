import type { Account } from './account.ts';

/** Limits of one proxy, for all accounts that go through it. */
export interface LaneLimits {
  /** Jobs at the same time. */
  readonly perProxy: number;
  /** Shortest time in milliseconds from the start of one job to that of the next. */
  readonly proxyDelay: number;
}

/** The accounts of one proxy, with limits on the number of jobs and the time between them. */
export class ProxyLane {
  readonly #limits: LaneLimits;
  /** Accounts that wait only for the proxy. */
  readonly parked = new Set<Account>();
  /** Monotonic milliseconds from which the next job may begin. */
  readyOn = Number.NEGATIVE_INFINITY;
  /** True when the pool will look at it at `readyOn`. */
  isAwaited = false;
  #jobs = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  get hasRoom(): boolean {
    return this.#jobs < this.#limits.perProxy;
  }

  begin(now: number): void {
    this.#jobs++;
    this.readyOn = now + this.#limits.proxyDelay;
  }

  end(): void {
    this.#jobs--;
  }
}

/** Finds the lane of a proxy. Accounts without a proxy, or with a function that chooses it, have none. */
export function createLanes(limits: LaneLimits): (proxy: unknown) => ProxyLane | null {
  const lanes = new Map<string, ProxyLane>();
  const isLimited = limits.proxyDelay > 0 || Number.isFinite(limits.perProxy);
  return (proxy) => {
    const key = isLimited ? keyOf(proxy) : null;
    if (key === null) return null;
    const lane = lanes.get(key) ?? new ProxyLane(limits);
    lanes.set(key, lane);
    return lane;
  };
}

/** Host and port: the name in a proxy's URL often stands for a session at one provider. */
function keyOf(proxy: unknown): string | null {
  const { url = proxy }: { url?: unknown } = typeof proxy === 'object' && proxy !== null ? proxy : {};
  return URL.parse(String(url))?.host || null;
}
