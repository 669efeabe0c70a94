import { isIP, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { buildConnector } from '../undici.ts';
import { type AddressPins, pinnedLookup } from './lookup.ts';
import { nameInTls } from './server-name.ts';
import { reading } from './socket-reading.ts';

/** The trusted certificates for one kind of connection. */
export interface TlsSettings {
  readonly insecure: boolean;
  readonly secureContext: () => SecureContext;
}

/** A client certificate: its TLS context, and the origins that it is sent to. */
interface ClientIdentity {
  readonly origins: ReadonlySet<string>;
  readonly secureContext: () => SecureContext;
}

/** The settings of a transport that decide how one socket is opened. */
export interface SocketSettings extends TlsSettings {
  readonly identity: ClientIdentity | null;
  readonly pins: AddressPins | null;
}

/**
 * Opens one socket, with TLS where the options require it. @param address is connected to without a lookup of the
 * host
 */
export type OpenSocket = (
  options: buildConnector.Options,
  address: string | null,
  callback: buildConnector.Callback,
) => Socket;

type Connector = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket;

/** Creates sockets with undici's connector, which keeps TLS sessions for later connections. */
export function createSocketOpener(settings: SocketSettings, allowH2: boolean): OpenSocket {
  const { insecure, pins, secureContext, identity } = settings;
  const build = (context: SecureContext | undefined): Connector => {
    const options: buildConnector.BuildOptions & { socketPath: null; family: 0 } = {
      allowH2,
      // The deadline of the call and `connectTimeout` are more accurate than undici's half seconds.
      timeout: 0,
      // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED=0 does not weaken the default.
      rejectUnauthorized: !insecure,
      // Own properties, so that none is inherited from a polluted Object.prototype; `secureContext` below too.
      lookup: pinnedLookup(pins),
      // Node.js would end every attempt but the last after 250 ms. See address-race.ts.
      autoSelectFamily: false,
      socketPath: null,
      family: 0,
      onread: reading,
      ...(context === undefined ? {} : { secureContext: context }),
    };
    const connector = buildConnector(withoutPrototype(options));
    // undici returns the socket, though its types do not include it.
    return connector as unknown as Connector;
  };
  let plain: Connector | undefined;
  let secure: Connector | undefined;
  // A separate connector, because a resumed TLS session also proves the client's identity.
  let identified: Connector | undefined;
  const connectorOf = (target: buildConnector.Options): Connector => {
    // Created when TLS is first needed, because reading a trust store takes longer than a plain request.
    if (identity?.origins.has(targetUrl(target).origin)) {
      identified ??= build(identity.secureContext());
      return identified;
    }
    secure ??= build(secureContext());
    return secure;
  };
  return (options, address, callback) => {
    const hostname = address ?? options.hostname;
    if (options.protocol === 'https:') {
      return connectorOf(options)(
        withoutPrototype({ ...options, hostname, servername: nameInTls(options.hostname) }),
        callback,
      );
    }
    plain ??= build(undefined);
    return plain(withoutPrototype({ ...options, hostname }), callback);
  };
}

/** The URL of the other end of the connection. */
export function targetUrl({ protocol, hostname, port }: buildConnector.Options): URL {
  const host = isIP(hostname) === 6 ? `[${hostname}]` : hostname;
  return new URL(`${protocol}//${host}${port === '' ? '' : `:${port}`}`);
}

/** A copy without a prototype, because undici would read inherited properties as options. */
function withoutPrototype<T extends object>(options: T): T {
  return Object.assign(Object.create(null), options);
}
