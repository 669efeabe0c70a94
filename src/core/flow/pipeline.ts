import type { ResolvedRequest } from '../request/resolve.ts';
import type { RawResponse } from '../response/raw.ts';
import type { Deadline } from './deadline.ts';
import type { ObservedCookie } from './observed-cookies.ts';
import type { CallWatch } from './watch.ts';

/**
 * One shape for every stage of a call: a {@link Send} takes a request and returns a promise of the response; a {@link
 * Stage} wraps one Send in another.
 */

/** A request on its way through the stages, one hop at a time. Immutable: a stage passes on a new object. */
export interface CallRequest extends ResolvedRequest {
  readonly deadline: Deadline;
  /** The watch of the call; `null` without observers. */
  readonly watch: CallWatch | null;
  /** Which try of the call this belongs to, counted from 1. */
  readonly attempt: number;
  /** The outcome for the jar's cookies, where an observer requests it and the jar can give it. */
  readonly observedCookies?: readonly ObservedCookie[] | null;
  /**
   * Requests an upgrade to this protocol (`websocket`) on a connection of HTTP/1.1. The headers include Connection,
   * Upgrade and the others of the handshake; a response with status 101 has the `socket`.
   */
  readonly upgrade?: string | undefined;
}

export type Send = (request: CallRequest) => Promise<RawResponse>;

export type Stage = (next: Send) => Send;

/** Wraps `last` in the stages; the first listed is outermost. */
export function compose(stages: readonly Stage[], last: Send): Send {
  return stages.reduceRight((next, stage) => stage(next), last);
}
