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
  /** The log that keeps it: of several, the last. */
  readonly log: Observer;
}

/** Where a call has what is kept of it: an entry in a WeakMap costs ten times as much as a property. */
const kept = Symbol('jarfetch.callLog');
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
  const keptOf = (call: ObservedCall): LoggedCall | null => {
    const logged = loggedOf(call);
    return logged?.log === log ? logged : null;
  };
  const add = (call: ObservedCall, step: LoggedStep): void => {
    const steps = keptOf(call)?.steps;
    steps?.push(step);
    // The first events say how the call began.
    if (steps !== undefined && steps.length > maxSteps) steps.splice(maxSteps / 2, 1);
  };
  const exchangeOf = (exchange: ObservedExchange): LoggedExchange | undefined => {
    const step = keptOf(exchange.call)?.steps.findLast(
      (each) => each.kind === 'exchange' && each.logged.exchange === exchange,
    );
    return step?.kind === 'exchange' ? step.logged : undefined;
  };
  const log: Observer = {
    onCallStart: (call) => {
      const value: LoggedCall = { call, steps: [], endedAt: null, log };
      Object.defineProperty(call, kept, { value, configurable: true });
    },
    onExchangeStart: (exchange) => {
      const logged: LoggedExchange = { exchange, cookies: null, setCookies: [], information: [] };
      add(exchange.call, { kind: 'exchange', logged });
    },
    onCookies: (exchange, cookies) => change(exchangeOf(exchange), { cookies }),
    onInformation: (exchange, head) => void exchangeOf(exchange)?.information.push(head),
    onSetCookies: (exchange, setCookies) => change(exchangeOf(exchange), { setCookies }),
    onRetry: (call, retry) => add(call, { kind: 'retry', retry }),
    onRedirect: (call, redirect) => add(call, { kind: 'redirect', redirect }),
    onCallEnd: (call) => {
      const logged = keptOf(call);
      if (logged !== null) logged.endedAt = Date.now();
      const reason = call.failure?.reason;
      if (typeof reason === 'object' && reason !== null) failures.set(reason, call);
    },
  };
  return log;
}

function change(logged: LoggedExchange | undefined, known: Partial<LoggedExchange>): void {
  if (logged !== undefined) Object.assign(logged, known);
}

function loggedOf(call: object): LoggedCall | null {
  return (Reflect.get(call, kept) as LoggedCall | undefined) ?? null;
}

/** The record of a call by its response, its error or the call itself; `null` without one. */
export function loggedCall(subject: unknown): LoggedCall | null {
  if (typeof subject !== 'object' || subject === null) return null;
  return loggedOf(callOf(subject) ?? failures.get(subject) ?? subject);
}
