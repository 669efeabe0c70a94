import { Alarm, type Clock } from './clock.ts';
import { DueQueue } from './due-queue.ts';
import type { LifeLimits, LiveSession } from './live-session.ts';

/**
 * Shortest time between two checks of due sessions, in milliseconds, so that changes of one moment are saved together.
 */
const sweepSpacing = 20;

/** The sessions in memory by id, least recently used first, and when each is due. */
export class LiveMap {
  readonly #sessions = new Map<string, LiveSession>();
  readonly #due = new DueQueue<LiveSession>();
  readonly #alarm: Alarm;
  readonly #clock: Clock;
  readonly #limits: LifeLimits;
  readonly #onDue: (live: LiveSession) => void;
  #isStopped = false;

  /** @param onDue called with each session that must be saved or has expired */
  constructor(clock: Clock, limits: LifeLimits, onDue: (live: LiveSession) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#onDue = onDue;
    this.#alarm = new Alarm(clock, () => this.sweep());
  }

  get size(): number {
    return this.#sessions.size;
  }

  all(): LiveSession[] {
    return [...this.#sessions.values()];
  }

  get(id: string): LiveSession | undefined {
    return this.#sessions.get(id);
  }

  has(live: LiveSession): boolean {
    return this.#sessions.get(live.session.id) === live;
  }

  add(live: LiveSession): void {
    this.#sessions.set(live.session.id, live);
  }

  /** Removes it, unless its id belongs to another session. */
  remove(live: LiveSession): void {
    if (this.has(live)) this.#sessions.delete(live.session.id);
  }

  /** Called when it was used: it is now the last in the order. */
  touched(live: LiveSession): void {
    if (!this.has(live)) return;
    this.#sessions.delete(live.session.id);
    this.#sessions.set(live.session.id, live);
  }

  /** A session with a call in progress is in use. */
  leastRecentlyUsed(): LiveSession | null {
    for (const live of this.#sessions.values()) if (!live.isBusy) return live;
    return null;
  }

  isOver(live: LiveSession): boolean {
    return live.expiresOn(this.#limits) <= this.#clock.monotonic();
  }

  /** Checks it again when it must be saved or expires. */
  schedule(live: LiveSession): void {
    this.#due.add(live, Math.min(live.expiresOn(this.#limits), live.saveOn));
    if (!this.#isStopped) this.#alarm.set(this.#due.next);
  }

  /** Handles the due sessions, without a walk over the others. */
  sweep(): void {
    const now = this.#clock.monotonic();
    for (const live of [...this.#due.take(now)]) {
      if (!this.has(live)) continue;
      if (live.saveOn <= now || this.isOver(live)) this.#onDue(live);
      if (this.has(live)) this.schedule(live);
    }
    if (!this.#isStopped) this.#alarm.set(Math.max(this.#due.next, now + sweepSpacing));
  }

  /** Stops the timer. */
  stop(): void {
    this.#isStopped = true;
    this.#alarm.stop();
  }
}
