import type { Socket } from 'node:net';
import type { RequestPhase } from '../errors.ts';

/** The progress of one attempt to connect; times in milliseconds, `null` for a step that did not happen. */
export interface ConnectAttempt {
  phase: RequestPhase;
  dns: number | null;
  connect: number | null;
  tls: number | null;
  /** The two ends of the socket, which goes to the proxy where there is one; `null` until it is connected. */
  local: SocketAddress | null;
  remote: SocketAddress | null;
}

/** One end of a socket. */
interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** An attempt that has not started. @param phase its first phase */
export function newAttempt(phase: RequestPhase): ConnectAttempt {
  return { phase, dns: null, connect: null, tls: null, local: null, remote: null };
}

/** Records the two ends of a socket that is connected. */
export function noteAddresses(socket: Socket, attempt: ConnectAttempt): void {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || localPort === undefined) return;
  if (remoteAddress === undefined || remotePort === undefined) return;
  attempt.local = { address: localAddress, port: localPort };
  attempt.remote = { address: remoteAddress, port: remotePort };
}
