import type { SessionDocument } from '../core/session/saved-session.ts';
import type { Clock } from './clock.ts';
import type { LifeLimits, LiveSession } from './live-session.ts';

/** The facts of a session that a registry shows, without values of cookies. */
export interface SessionInfo {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Epoch milliseconds. */
  readonly lastUsedAt: number;
  /** Epoch milliseconds at which it ends without use; `null` for never. */
  readonly expiresAt: number | null;
  readonly requests: number;
  /** The number of its cookies. */
  readonly cookies: number;
  /** False: it is only in the store. */
  readonly loaded: boolean;
}

/** Of a session in memory. */
export function infoOfLive(live: LiveSession, limits: LifeLimits, clock: Clock): SessionInfo {
  const { session, createdAt, lastUsedAt, requests } = live;
  const left = live.expiresOn(limits) - clock.monotonic();
  const cookies = session.cookieJar.allCookies().length;
  const expiresAt = Number.isFinite(left) ? Math.round(clock.wall() + left) : null;
  return { id: session.id, createdAt, lastUsedAt, expiresAt, requests, cookies, loaded: true };
}

/** Of a session in the store, which ends at `end` (epoch milliseconds, `Infinity` for never). */
export function infoOfStored(stored: SessionDocument, end: number): SessionInfo {
  const { sessionId, createdAt, lastUsedAt, requests, cookies } = stored;
  return {
    id: sessionId,
    createdAt,
    lastUsedAt,
    expiresAt: Number.isFinite(end) ? end : null,
    requests,
    cookies: cookies.length,
    loaded: false,
  };
}
