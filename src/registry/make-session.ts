import type { SessionOptions } from '../core/session/options.ts';
import { mergeOptions, optionsOf, type SessionDocument } from '../core/session/saved-session.ts';
import type { Clock } from './clock.ts';
import { LiveSession, type LiveSessionEvents, type LiveSessionStart } from './live-session.ts';
import type { ResolvedRegistry } from './options.ts';

/** Creates a session of a registry from its options and from its stored document. */
export function makeSession(
  id: string,
  options: SessionOptions,
  start: Pick<LiveSessionStart, 'stored' | 'userData' | 'middleware'>,
  registry: { readonly options: ResolvedRegistry; readonly clock: Clock; readonly events: LiveSessionEvents },
): LiveSession {
  const { session, saveProxyPassword } = registry.options;
  const given = { ...mergeOptions(session, options), sessionId: id };
  const made = start.stored === null ? given : asStored(start.stored, given, options);
  const complete = { ...start, options: made, proxyPassword: saveProxyPassword };
  return new LiveSession(complete, registry.clock, registry.events);
}

/** A saved session keeps its properties. Its connections are those of this process. */
function asStored(stored: SessionDocument, given: SessionOptions, asked: SessionOptions): SessionOptions {
  const proxy = asked.proxy ?? (stored.proxyPasswordOmitted ? given.proxy : undefined);
  const { transport } = given;
  const { proxy: _, ...rest } = given;
  return mergeOptions(
    rest,
    optionsOf(stored, {
      sessionId: given.sessionId,
      ...(transport === undefined ? { proxy } : { transport }),
    }),
  );
}
