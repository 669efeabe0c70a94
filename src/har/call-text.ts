import { isRequestError, redactUrl } from '../core/errors.ts';
import type { ObservedExchange, ObservedFailure, ObservedResponse } from '../core/flow/observer.ts';
import type { HeaderEntry } from '../core/http.ts';
import { maskHeader, maskHeaders } from '../core/masking.ts';
import { makeVisibleLine } from '../core/visible.ts';
import type { LoggedCall, LoggedExchange, LoggedStep } from './call-log.ts';
import { refusedBecause, withheldBecause } from './cookie-reasons.ts';

/** A line of the text, and its kind. */
export interface CallLine {
  readonly style: 'title' | 'sent' | 'received' | 'good' | 'bad' | 'note';
  readonly text: string;
}

/** The text of a call. */
export function linesOf(logged: LoggedCall): CallLine[] {
  return [...titleOf(logged), ...logged.steps.flatMap(stepLines)];
}

function titleOf({ call, steps, endedAt }: LoggedCall): CallLine[] {
  const exchanges = steps.flatMap((step) => (step.kind === 'exchange' ? [step.logged.exchange] : []));
  const last = exchanges.at(-1);
  const times = `${exchanges.length} ${exchanges.length === 1 ? 'request' : 'requests'}`;
  const took = endedAt === null ? 'it is not over' : `${endedAt - call.startedAt} ms`;
  const title = line(
    'title',
    `${call.method} ${shownUrl(call.url)}: ${outcomeOf(call.failure, last)} (${times}, ${took})`,
  );
  return call.failure === null ? [title] : [title, line('bad', `  ${failureText(call.failure)}`)];
}

function outcomeOf(failure: ObservedFailure | null, last: ObservedExchange | undefined): string {
  if (failure !== null) return 'failed';
  const response = last?.response ?? null;
  return response === null ? 'no answer yet' : `${response.status} ${response.statusText}`.trim();
}

function stepLines(step: LoggedStep): CallLine[] {
  if (step.kind === 'exchange') return [line('note', ''), ...exchangeLines(step.logged)];
  if (step.kind === 'redirect') {
    const { status, url } = step.redirect;
    return [line('note', `* ${status} is followed to ${shownUrl(url)}`)];
  }
  const { status, error, wait } = step.retry;
  const why =
    status !== null ? `status ${status}` : error === null ? 'the end of its stream' : errorText(error);
  return [line('note', `* It is tried again after ${why}, in ${rounded(wait)} ms`)];
}

function exchangeLines(logged: LoggedExchange): CallLine[] {
  const { exchange, information } = logged;
  const { request, response, failure, method } = exchange;
  const lines = [line('note', placeOf(exchange)), ...cookieLines(logged)];
  if (request !== null) {
    const { origin } = new URL(exchange.url);
    const target = request.target.startsWith('/') ? origin + request.target : request.target;
    lines.push(
      line('sent', `> ${method} ${maskHeader(':path', target)}`),
      ...headLines('sent', '>', request.headers),
    );
    if (exchange.sentBytes > 0) lines.push(line('sent', `> (${exchange.sentBytes} bytes of body)`));
  }
  for (const head of information) lines.push(...answerLines(head));
  if (response !== null) lines.push(...answerLines(response));
  if (exchange.receivedBytes > 0) lines.push(line('received', `< (${exchange.receivedBytes} bytes of body)`));
  lines.push(...setCookieLines(logged));
  if (failure !== null) lines.push(line('bad', `* Failed: ${errorText(failure.reason)}`));
  lines.push(line('note', `* ${timesOf(exchange)}`));
  return lines;
}

/** The number of the request in the call, and its connection. */
function placeOf({ attempt, hop, isResent, connection }: ObservedExchange): string {
  const place = `* Try ${attempt}, request ${hop} of its redirects${isResent ? ', sent again on a fresh connection' : ''}`;
  if (connection === null) return `${place}: no connection`;
  const { remote, isReused, protocol } = connection;
  if (remote === null) return `${place}: over a dispatcher of the caller's`;
  const address = remote.address.includes(':') ? `[${remote.address}]` : remote.address;
  return `${place}: ${protocol} to ${address}:${remote.port}, ${isReused ? 'a reused' : 'a new'} connection`;
}

function headLines(style: CallLine['style'], sign: string, headers: readonly HeaderEntry[]): CallLine[] {
  return maskHeaders(headers)
    .filter(([name]) => !name.startsWith(':'))
    .map(([name, value]) => line(style, `${sign} ${name}: ${value}`));
}

function answerLines({ status, statusText, headers }: ObservedResponse): CallLine[] {
  return [line('received', `< ${`${status} ${statusText}`.trim()}`), ...headLines('received', '<', headers)];
}

function cookieLines({ cookies }: LoggedExchange): CallLine[] {
  if (cookies === null) return [];
  if (cookies.length === 0) return [line('note', '* The jar has no cookie of this site')];
  return cookies.map(({ name, domain, path, sent, reason }) => {
    const cookie = `cookie ${name} of ${domain}${path}`;
    if (sent || reason === undefined) return line('good', `* sent: ${cookie}`);
    return line('bad', `* withheld: ${cookie}: ${withheldBecause[reason]} (${reason})`);
  });
}

function setCookieLines({ setCookies }: LoggedExchange): CallLine[] {
  return setCookies.map(({ name, reason }) => {
    if (reason === undefined) return line('good', `* stored: cookie ${name}`);
    return line('bad', `* not stored: cookie ${name}: ${refusedBecause[reason]} (${reason})`);
  });
}

function timesOf({ timings }: ObservedExchange): string {
  const { queued, dns, connect, tls, sent, headers, body } = timings;
  const steps: readonly (readonly [string, number | null])[] = [
    ['waited', queued],
    ['name', dns],
    ['connect', connect],
    ['TLS', tls],
    ['sent', sent],
    ['until the answer', headers],
    ['body', body],
  ];
  const known = steps.filter(([, time]) => time !== null);
  return `Times: ${known.map(([name, time]) => `${name} ${rounded(time ?? 0)}`).join(', ')} ms`;
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

function failureText({ reason }: ObservedFailure): string {
  return errorText(reason);
}

/** Of an abort reason of the caller only its class. */
function errorText(reason: unknown): string {
  if (isRequestError(reason)) return `${reason.code}: ${reason.message}`;
  return `its caller aborted it (${reason instanceof Error ? reason.name : typeof reason})`;
}

function shownUrl(url: string): string {
  return redactUrl(new URL(url));
}

/** Text of a server must not control the terminal. */
function line(style: CallLine['style'], text: string): CallLine {
  return { style, text: makeVisibleLine(text) };
}
