import type { SetCookieResult } from '../core/cookies/jar/outcome.ts';
import type { ObservedCookie } from '../core/flow/observed-cookies.ts';
import type {
  ObservedCall,
  ObservedExchange,
  ObservedRedirect,
  ObservedResponse,
  ObservedRetry,
  Observer,
} from '../core/flow/observer.ts';
import { callOf } from '../core/flow/watch.ts';

/** An exchange with the facts beside its record. */
export interface LoggedExchange {
  readonly exchange: ObservedExchange;
  /** `null` where the jar gives no reason. */
  cookies: readonly ObservedCookie[] | null;
  setCookies: readonly SetCookieResult[];
  readonly information: ObservedResponse[];
}

/** The events of a call, in order. */
export type LoggedStep =
  | { readonly kind: 'exchange'; readonly logged: LoggedExchange }
  | { readonly kind: 'retry'; readonly retry: ObservedRetry }
  | { readonly kind: 'redirect'; readonly redirect: ObservedRedirect };

/** A call as {@link callLog} keeps it. */
export interface LoggedCall {
  readonly call: ObservedCall;
  readonly steps: LoggedStep[];
  /** Epoch milliseconds, `null` while it is running. */
  endedAt: number | null;
}

const calls = new WeakMap<ObservedCall, LoggedCall>();
const failures = new WeakMap<object, ObservedCall>();

/** Most events that are kept of a call: an event stream can reconnect for days. */
const maxSteps = 200;

/**
 * An observer that keeps what {@link explainCall} shows: heads, cookies and times of each exchange, no bodies. The
 * record exists as long as the response or the error of the call.
 *
 * @example
 * const session = await createSession({ observers: [callLog()] });
 */
export function callLog(): Observer {
  const exchanges = new WeakMap<ObservedExchange, LoggedExchange>();
  const add = (call: ObservedCall, step: LoggedStep): void => {
    const steps = calls.get(call)?.steps;
    steps?.push(step);
    // The first events say how the call began.
    if (steps !== undefined && steps.length > maxSteps) steps.splice(maxSteps / 2, 1);
  };
  return {
    onCallStart: (call) => void calls.set(call, { call, steps: [], endedAt: null }),
    onExchangeStart: (exchange) => {
      const logged: LoggedExchange = { exchange, cookies: null, setCookies: [], information: [] };
      exchanges.set(exchange, logged);
      add(exchange.call, { kind: 'exchange', logged });
    },
    onCookies: (exchange, cookies) => change(exchanges.get(exchange), { cookies }),
    onInformation: (exchange, head) => void exchanges.get(exchange)?.information.push(head),
    onSetCookies: (exchange, setCookies) => change(exchanges.get(exchange), { setCookies }),
    onRetry: (call, retry) => add(call, { kind: 'retry', retry }),
    onRedirect: (call, redirect) => add(call, { kind: 'redirect', redirect }),
    onCallEnd: (call) => {
      const logged = calls.get(call);
      if (logged !== undefined) logged.endedAt = Date.now();
      const reason = call.failure?.reason;
      if (typeof reason === 'object' && reason !== null) failures.set(reason, call);
    },
  };
}

function change(logged: LoggedExchange | undefined, known: Partial<LoggedExchange>): void {
  if (logged !== undefined) Object.assign(logged, known);
}

/** The record of a call by its response, its error or the call itself; `null` without one. */
export function loggedCall(subject: unknown): LoggedCall | null {
  if (typeof subject !== 'object' || subject === null) return null;
  const call = callOf(subject) ?? failures.get(subject) ?? (subject as ObservedCall);
  return calls.get(call) ?? null;
}
