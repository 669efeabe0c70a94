import type { Socket } from 'node:net';
import type { Client, Dispatcher } from 'undici';
import type { Connect } from './connect.ts';
import { type ConnectAttempt, newAttempt } from './connect-attempt.ts';
import type { HeadAuthor } from './head/author.ts';
import { OrderedClient } from './head/client.ts';
import type { Lease, LeaseDispatchOptions } from './lease.ts';

/** Settings for the connections of a pool. */
export interface ConnectionSettings {
  readonly connect: Connect;
  /** The first phase of an attempt. */
  readonly firstPhase: ConnectAttempt['phase'];
  /** Offers HTTP/2 to `https:` origins: then one connection carries many exchanges. */
  readonly allowHttp2: boolean;
  readonly client: Omit<Client.Options, 'connect' | 'allowH2'>;
}

/** Largest response head in bytes, names and values together. */
export const maxHeaderBytes = 65_536;

/** Most exchanges at once on an HTTP/2 connection, even if the server allows more. undici's own limit is the same. */
export const maxStreams = 100;

/** One connection of a pool: an undici Client, how its socket was opened, and how many exchanges it carries. */
export class Connection {
  readonly client: OrderedClient;
  /** Exchanges that it may carry at once; 0 until an HTTP/2 connection has received the server's settings. */
  capacity: number;
  /** Exchanges that it carries. */
  leases = 0;
  /** True once it accepts no more exchanges. It closes after the last one that it carries. */
  isSpent = false;
  /** True while it is in the list of connections with room. */
  isListed = false;
  /** Runs while others may wait for this connection instead of opening their own. */
  patience: NodeJS.Timeout | null = null;
  #attempt: ConnectAttempt | null = null;
  #abandon: (() => void) | null = null;
  /** Exchanges that it carries and that were given up before it was open. */
  #unwanted = 0;
  #failure: Error | null = null;
  /** The HTTP/2 sockets that are open: after a GOAWAY, undici opens another one and forgets the old one. */
  readonly #sockets = new Set<Socket>();
  readonly #mayBeHttp2: boolean;

  /** @param mayBeHttp2 true where the protocol is decided when the connection is opened */
  constructor(origin: string, mayBeHttp2: boolean, { connect, firstPhase, client }: ConnectionSettings) {
    this.#mayBeHttp2 = mayBeHttp2;
    this.capacity = mayBeHttp2 ? 0 : 1;
    this.client = new OrderedClient(origin, {
      ...client,
      allowH2: mayBeHttp2,
      connect: (request, callback) => {
        // undici connects again for requests that wait for a connection which was lost.
        if (this.#unwanted >= this.leases) {
          callback(new Error('no longer wanted'), null);
          return;
        }
        const attempt = newAttempt(firstPhase);
        this.#failure = null;
        this.#attempt = attempt;
        this.#abandon = connect(request, attempt, (...[error, socket]) => {
          if (error !== null) {
            callback(error, null);
            return;
          }
          // Registered before undici's listeners, so that the state is set when they run.
          socket.once('error', (failure) => {
            if (this.#attempt === attempt) this.#failure = failure;
            // Node.js leaves a TLS socket open after a damaged record or an alert, and undici waits for its end.
            socket.destroy();
          });
          this.#keepHttp2(socket);
          callback(null, socket);
        });
      },
    });
  }

  get attempt(): ConnectAttempt | null {
    return this.#attempt;
  }

  get mayBeHttp2(): boolean {
    return this.#mayBeHttp2 && this.client.slot.protocol !== 'http/1.1';
  }

  get failure(): Error | null {
    return this.#failure;
  }

  /** True when its HTTP/2 session has ended. undici reports that later than its streams begin to fail. */
  get isDead(): boolean {
    const { session } = this.client.slot;
    return session !== null && (session.destroyed === true || session.closed === true);
  }

  #keepHttp2(socket: Socket): void {
    if (Reflect.get(socket, 'alpnProtocol') !== 'h2') return;
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** An exchange gives it up. A connection that is being opened is abandoned, unless another exchange waits for it. */
  giveUp(): void {
    this.#unwanted++;
    if (this.#unwanted >= this.leases) this.#abandon?.();
  }

  /** An exchange that gave it up returns it. */
  takeBack(): void {
    this.#unwanted--;
  }

  /** Closes it once undici has no more requests for it, when no exchange needs it. */
  close(onClosed: () => void = () => {}): void {
    this.#abandon?.();
    // The callback form never rejects, not even for a client that was destroyed.
    this.client.close(() => this.#closeSockets(onClosed));
  }

  /** Closes it now. */
  async destroy(error: Error): Promise<void> {
    const destroyed = this.client.destroy(error);
    // After the client, which gives `error` to its requests.
    this.#abandon?.();
    await destroyed;
    this.#closeSockets();
  }

  /** Those that undici has forgotten are still open where the server does not close them after its GOAWAY. */
  #closeSockets(onClosed: () => void = () => {}): void {
    for (const socket of this.#sockets) socket.destroy();
    onClosed();
  }
}

/** Accepts the return of a connection. */
export type Release = (connection: Connection, reusable: boolean) => void;

/** A connection of a {@link ConnectionPool}, lent. */
export class ConnectionLease implements Lease {
  readonly isReused: boolean;
  readonly #connection: Connection;
  readonly #release: Release;
  #author: HeadAuthor | null = null;
  #isGivenUp = false;
  #isOver = false;

  constructor(connection: Connection, isReused: boolean, release: Release) {
    this.#connection = connection;
    this.isReused = isReused;
    this.#release = release;
  }

  get attempt(): ConnectAttempt | null {
    return this.#connection.attempt;
  }

  get failure(): Error | null {
    return this.#connection.failure;
  }

  get isHttp1(): boolean {
    return this.#connection.client.slot.protocol === 'http/1.1';
  }

  get hasAnswer(): boolean {
    if (this.#author?.isWritten !== true) return false;
    return this.#connection.client.slot.incoming?.hasBytes === true;
  }

  get mayBeHttp2(): boolean {
    return this.#connection.mayBeHttp2;
  }

  get ordersHeads(): boolean {
    return true;
  }

  dispatch(options: LeaseDispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#connection.client.dispatch(options, handler);
  }

  announce(author: HeadAuthor): void {
    this.#author = author;
    this.#connection.client.slot.announce(author);
  }

  abandon(): void {
    if (this.#isGivenUp || this.#isOver) return;
    this.#isGivenUp = true;
    this.#connection.giveUp();
  }

  release(reusable: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#isGivenUp) this.#connection.takeBack();
    if (this.#author?.isWritten === false) this.#connection.client.slot.withdraw(this.#author);
    this.#release(this.#connection, reusable);
  }
}
