import { bindCertificate } from '../transport/cert-origins.ts';
import { shareTransport } from '../transport/sharing.ts';
import type { Transport } from '../transport/transport.ts';
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
