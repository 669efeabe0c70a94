import type { Dispatcher } from 'undici';
import { invalidOption } from '../core/errors.ts';
import { dispatcherOf, Session } from '../core/session/session.ts';

/**
 * Makes an undici Dispatcher with the session's jar and connections, for undici's own fetch, request, stream, WebSocket
 * and EventSource. Every hop has the cookies of its own URL; headers are undici's. Closing it leaves the session open,
 * and after session.close() its requests fail with ERR_SESSION_CLOSED.
 *
 * @throws RequestError ERR_INVALID_OPTION for what is no session
 * @example
 * const { body } = await undici.request(url, { dispatcher: cookieDispatcher(session) });
 */
export function cookieDispatcher(session: Session): Dispatcher {
  if (!(session instanceof Session)) throw invalidOption('session', 'a Session of createSession()', session);
  return dispatcherOf(session);
}
