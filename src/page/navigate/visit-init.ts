import { checkOptions } from '../../core/checks.ts';
import { RequestError } from '../../core/errors.ts';
import type { HeaderValue } from '../../index.ts';
import type { NavigationRequest, VisitInit } from './navigation.ts';

const keys = [
  ...[
    'signal',
    'timeout',
    'redirect',
    'maxRedirects',
    'retry',
    'onRequestEvent',
    'onProgress',
    'transport',
    'maxBodyBytes',
  ],
  'headers',
];

/**
 * Refuses options that a navigation does not have: with a body or a method it would not be the page's request.
 *
 * @param more further keys that are options
 * @throws RequestError ERR_INVALID_OPTION
 */
export function checkVisit(options: VisitInit, ...more: readonly string[]): void {
  checkOptions(options, 'options', new Set([...keys, ...more]));
}

/** The error for a navigation from a page that was parsed from text. */
export function noSession(what: string): RequestError {
  const message = `${what} needs a session: open the page with openPage or pageOf`;
  return new RequestError('ERR_NOT_NAVIGABLE', message);
}

export function plainHeaders(headers: VisitInit['headers']): Record<string, HeaderValue> {
  if (headers == null) return {};
  const isList = typeof headers === 'object' && Symbol.iterator in headers;
  return Object.fromEntries(
    isList ? [...(headers as Iterable<[string, HeaderValue]>)] : Object.entries(headers),
  );
}

/** The options that also apply to the refreshes that follow. */
export function lasting(init: NavigationRequest['init']): VisitInit {
  const { signal, timeout, retry, transport } = init;
  return { signal, timeout, retry, transport };
}
