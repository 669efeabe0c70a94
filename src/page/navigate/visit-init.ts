import { RequestError } from '../../core/errors.ts';
import type { HeaderValue } from '../../index.ts';
import type { NavigationRequest, VisitInit } from './navigation.ts';

/** The failure of a navigation from a page that was parsed from text. */
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

/** What holds for the refreshes that follow, too. */
export function lasting(init: NavigationRequest['init']): VisitInit {
  const { signal, timeout, retry, transport } = init;
  return { signal, timeout, retry, transport };
}
