import { invalidObject } from '../errors.ts';
import type { ReadInit } from '../request/init.ts';
import { bindCertificate } from '../transport/cert-origins.ts';
import { shareTransport } from '../transport/sharing.ts';
import { Transport } from '../transport/transport.ts';
import { checkBesideTransport, checkFixed } from './fixed-options.ts';
import type { ResolvedSession } from './options.ts';

/** A session's transport. */
interface SessionTransport {
  readonly transport: Transport;
  /** To be called when the session ends; `null` for the caller's own transport. Invariant: close what you made. */
  readonly release: (() => Promise<void> | undefined) | null;
}

/** The transport of the option, else one that is shared with sessions of equal connection options. */
export function transportOf({ transport, connection, baseUrl }: ResolvedSession): SessionTransport {
  if (transport !== null) return { transport, release: null };
  return shareTransport(bindCertificate(connection, baseUrl));
}

/**
 * The transport that a call gives, `null` where it gives none.
 *
 * @throws RequestError ERR_INVALID_OPTION for another value than the session's of an option that is fixed
 */
export function transportOfCall(init: ReadInit, session: ResolvedSession): Transport | null {
  const transport = init.transport ?? null;
  if (transport === null) {
    checkFixed(init, session);
    return null;
  }
  if (!(transport instanceof Transport)) {
    throw invalidObject('transport', 'a Transport of createTransport()', transport);
  }
  checkBesideTransport(init);
  return transport;
}
