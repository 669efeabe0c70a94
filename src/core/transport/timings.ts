/** Milliseconds a step took, `null` when the step did not happen (a reused connection has no connect). */
export interface Timings {
  readonly queued: number;
  readonly dns: number | null;
  readonly connect: number | null;
  readonly tls: number | null;
  readonly sent: number | null;
  readonly headers: number | null;
  readonly body: number | null;
}

/** The seven values as a plain object, which logs and JSON show. */
export function plainTimings({ queued, dns, connect, tls, sent, headers, body }: Timings): Timings {
  return { queued, dns, connect, tls, sent, headers, body };
}

/** Records when each step of an exchange happened, and gives durations in milliseconds. */
export class ExchangeTimings implements Timings {
  dns: number | null = null;
  connect: number | null = null;
  tls: number | null = null;
  #queuedAt: number | null = null;
  #startedAt: number | null = null;
  #sentAt: number | null = null;
  #respondedAt: number | null = null;
  #endedAt: number | null = null;

  /**
   * All instants are those of `performance.now()`. A request that is sent again keeps the time at which it was first
   * queued.
   */
  markQueued(now: number): void {
    this.#queuedAt ??= now;
  }

  /** @param connection the steps of a connection that was opened for this exchange */
  markStarted(now: number, connection: Pick<Timings, 'dns' | 'connect' | 'tls'> | null): void {
    this.#startedAt = now;
    // When a request is sent again, the response may come before all of it is sent.
    this.#sentAt = null;
    if (connection === null) return;
    this.dns = connection.dns;
    this.connect = connection.connect;
    this.tls = connection.tls;
  }

  markSent(): void {
    this.#sentAt = performance.now();
  }

  markResponded(now: number): void {
    this.#respondedAt = now;
  }

  markEnded(): void {
    this.#endedAt = performance.now();
  }

  get queued(): number {
    const waited = between(this.#queuedAt, this.#startedAt) ?? 0;
    return Math.max(0, waited - (this.dns ?? 0) - (this.connect ?? 0) - (this.tls ?? 0));
  }

  get sent(): number | null {
    return between(this.#startedAt, this.#sentAt);
  }

  get headers(): number | null {
    return between(this.#startedAt, this.#respondedAt);
  }

  get body(): number | null {
    return between(this.#respondedAt, this.#endedAt);
  }
}

function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : to - from;
}
