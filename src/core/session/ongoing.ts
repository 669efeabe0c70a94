import type { WebSocket } from 'undici';
import type { SharedCall } from '../flow/watch.ts';
import { EventStream, type EventStreamInit } from '../live/event-stream.ts';
import type { LiveSocket } from '../live/websocket.ts';
import type { CallSettings } from '../request/call-settings.ts';
import type { RequestInit } from '../request/init.ts';
import type { SessionResponse } from '../response/response.ts';

/** The sockets and event streams of a session, which go on after their call. */
export class Ongoing {
  /** Created with the first of them: most sessions have none. */
  #open: Set<LiveSocket | EventStream> | undefined;

  /** How many are open. */
  get size(): number {
    return this.#open?.size ?? 0;
  }

  addSocket(opened: LiveSocket): WebSocket {
    this.#add(opened);
    opened.socket.addEventListener('close', () => this.#open?.delete(opened));
    return opened.socket;
  }

  #add(opened: LiveSocket | EventStream): void {
    this.#open ??= new Set();
    this.#open.add(opened);
  }

  /** @param fetch sends each request of the stream as a part of one call */
  openStream(
    { timeout, maxBodyBytes }: CallSettings,
    init: EventStreamInit,
    fetch: (request: RequestInit, shared: SharedCall) => Promise<SessionResponse>,
  ): EventStream {
    const shared: SharedCall = { watch: null, requests: 0 };
    const host = {
      fetch: (request: RequestInit) => fetch(request, shared),
      headTimeout: timeout.total,
      maxEventBytes: maxBodyBytes,
      onReconnect: (wait: number) => {
        const attempt = shared.requests + 1;
        shared.watch?.retry({ attempt, wait, status: null, error: null });
      },
      onEnd: (ended: EventStream, failure: { readonly reason: unknown } | null) => {
        this.#open?.delete(ended);
        shared.watch?.end(failure);
      },
    };
    const stream = new EventStream(host, init);
    this.#add(stream);
    return stream;
  }

  async close(): Promise<void> {
    await Promise.all([...(this.#open ?? [])].map((each) => each.close()));
  }
}
