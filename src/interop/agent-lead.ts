import type { Agent, ClientRequest, ClientRequestArgs } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { buildConnector } from 'undici';
import { withoutBrackets } from '../core/http.ts';
import { hangUp, watchUnconnected } from './unconnected-request.ts';

/**
 * Makes a connection to a target; TLS, if any, is ready when it calls back. Returns a function that abandons the
 * connection, its socket included.
 */
export type AgentConnect = (options: buildConnector.Options, callback: buildConnector.Callback) => () => void;

type ConnectionCallback = (error: Error | null, socket?: Duplex) => void;

/** The methods of agents that Node.js's types lack. All agent libraries use them. */
interface AgentInternals {
  readonly options: { timeout?: number };
  addRequest(request: ClientRequest, options: ClientRequestArgs): void;
  createSocket(request: ClientRequest, options: ClientRequestArgs, callback: ConnectionCallback): void;
}

/**
 * Lets an agent of Node.js connect by `connect`.
 *
 * @param idle milliseconds after which an unused connection ends, or earlier where the server's Keep-Alive header says so
 */
export function leadAgent<A extends Agent>(
  agent: A,
  protocol: 'http:' | 'https:',
  connect: AgentConnect,
  idle: number,
): A {
  const internals = agent as unknown as AgentInternals;
  const createSocket = internals.createSocket.bind(agent);
  const keep = agent.keepSocketAlive.bind(agent);
  const pending = new PendingConnections(agent);
  /** The request for which Node.js is about to call createConnection, in the same turn. */
  let asking: ClientRequest | null = null;
  return Object.assign(agent, {
    addRequest: pending.addRequest,
    createSocket(request: ClientRequest, options: ClientRequestArgs, callback: ConnectionCallback): void {
      asking = request;
      createSocket(request, options, callback);
    },
    createConnection(options: ClientRequestArgs, callback: ConnectionCallback): void {
      const request = asking;
      asking = null;
      const hostname = withoutBrackets(options.host ?? options.hostname ?? 'localhost');
      const target = { hostname, host: hostname, port: String(options.port ?? ''), protocol };
      const end = pending.begin(options);
      const settle: ConnectionCallback = (error, socket) => {
        end();
        callback(error, socket);
        if (error !== null) pending.next(options, request);
      };
      if (request === null) connect(target, (error, socket) => settle(error, socket ?? undefined));
      else connectFor(request, target, connect, settle);
    },
    keepSocketAlive(socket: Socket): boolean {
      // Node.js takes the smaller of this and the server's hint. Not an option of the agent: it would bound answers too.
      internals.options.timeout = idle;
      try {
        return keep(socket) as unknown as boolean;
      } finally {
        delete internals.options.timeout;
      }
    },
  });
}

/** Connects until the request is given up. */
function connectFor(
  request: ClientRequest,
  target: buildConnector.Options,
  connect: AgentConnect,
  settle: ConnectionCallback,
): void {
  if (request.destroyed) {
    settle(hangUp());
    return;
  }
  let isOver = false;
  let giveUp: (() => void) | null = null;
  const settleOnce: ConnectionCallback = (error, socket) => {
    if (isOver) {
      // The connection was made in the turn in which the request was given up.
      socket?.destroy();
      return;
    }
    isOver = true;
    watch.stop();
    settle(error, socket);
  };
  const watch = watchUnconnected(request, (reason) => {
    settleOnce(reason);
    giveUp?.();
  });
  giveUp = connect(target, (error, socket) => settleOnce(error, socket ?? undefined));
}

/**
 * Connections that are being made. Node.js counts a connection against maxSockets when it is there. That is right for
 * its own sockets, which are there at once; with sockets that come later it would make one for each request.
 */
class PendingConnections {
  readonly #agent: Agent;
  readonly #limit: number;
  readonly #counts = new Map<string, number>();
  readonly #add: AgentInternals['addRequest'];

  constructor(agent: Agent) {
    this.#agent = agent;
    this.#limit = agent.maxSockets;
    this.#add = (agent as unknown as AgentInternals).addRequest.bind(agent);
  }

  /** Counts one connection; returns a function that uncounts it. */
  begin(options: ClientRequestArgs): () => void {
    const name = this.#agent.getName(options);
    this.#counts.set(name, this.#count(name) + 1);
    return () => {
      const count = this.#count(name) - 1;
      if (count === 0) this.#counts.delete(name);
      else this.#counts.set(name, count);
    };
  }

  #count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  readonly addRequest: AgentInternals['addRequest'] = (request, options) => {
    // A request without room waits in the agent's own queue.
    this.#agent.maxSockets = this.#limit - this.#count(this.#agent.getName(options));
    try {
      this.#add(request, options);
    } finally {
      this.#agent.maxSockets = this.#limit;
    }
  };

  /**
   * Gives the place of a failed connection to the first waiting request, which Node.js does not.
   *
   * @param failed the request that was told of the failure. Node.js leaves it in the queue where it waited there.
   */
  next(options: ClientRequestArgs, failed: ClientRequest | null): void {
    const queues = this.#agent.requests as unknown as Record<string, ClientRequest[] | undefined>;
    const name = this.#agent.getName(options);
    const queue = queues[name];
    if (queue === undefined) return;
    const left = failed === null ? -1 : queue.indexOf(failed);
    if (left >= 0) queue.splice(left, 1);
    const request = queue.shift();
    if (queue.length === 0) delete queues[name];
    if (request !== undefined) this.addRequest(request, options);
  }
}
