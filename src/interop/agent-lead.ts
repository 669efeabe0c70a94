import type { Agent, ClientRequest, ClientRequestArgs } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { buildConnector } from 'undici';
import { withoutBrackets } from '../core/http.ts';

/** Makes a connection to a target; TLS, where there is any, is done when it calls back. */
export type AgentConnect = (options: buildConnector.Options, callback: buildConnector.Callback) => void;

type ConnectionCallback = (error: Error | null, socket?: Duplex) => void;

/** What a client asks an agent for. Node.js's types keep this method to themselves; every agent library builds on it. */
type AddRequest = (request: ClientRequest, options: ClientRequestArgs) => void;

/**
 * Lets an agent of Node.js connect by `connect`.
 *
 * @param idle milliseconds after which an unused connection ends
 */
export function leadAgent<A extends Agent>(
  agent: A,
  protocol: 'http:' | 'https:',
  connect: AgentConnect,
  idle: number,
): A {
  const keep = agent.keepSocketAlive.bind(agent);
  const making = new Making(agent);
  return Object.assign(agent, {
    addRequest: making.addRequest,
    createConnection(options: ClientRequestArgs, callback: ConnectionCallback): void {
      const hostname = withoutBrackets(options.host ?? options.hostname ?? 'localhost');
      const end = making.begin(options);
      connect({ hostname, host: hostname, port: String(options.port ?? ''), protocol }, (error, socket) => {
        end();
        if (error === null) callback(null, socket);
        else callback(error);
        if (error !== null) making.next(options);
      });
    },
    keepSocketAlive(socket: Socket): boolean {
      const isKept = keep(socket) as unknown as boolean;
      // The agent ends a free socket that times out, and no other.
      if (isKept) socket.setTimeout(idle);
      return isKept;
    },
  });
}

/**
 * Connections that are being made. Node.js counts a connection against maxSockets when it is there, which is right for
 * its own sockets alone: of those that are made later it would make one for each request.
 */
class Making {
  readonly #agent: Agent;
  readonly #limit: number;
  readonly #counts = new Map<string, number>();
  readonly #add: AddRequest;

  constructor(agent: Agent) {
    this.#agent = agent;
    this.#limit = agent.maxSockets;
    this.#add = Reflect.get(agent, 'addRequest').bind(agent);
  }

  /** Counts one; returns what ends it. */
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

  readonly addRequest: AddRequest = (request, options) => {
    // Whoever has no room now waits in the agent's own queue.
    this.#agent.maxSockets = this.#limit - this.#count(this.#agent.getName(options));
    try {
      this.#add(request, options);
    } finally {
      this.#agent.maxSockets = this.#limit;
    }
  };

  /** A connection that failed frees nobody in the agent's queue: its place is for the first who waits. */
  next(options: ClientRequestArgs): void {
    const queues = this.#agent.requests as unknown as Record<string, ClientRequest[] | undefined>;
    const name = this.#agent.getName(options);
    const request = queues[name]?.shift();
    if (queues[name]?.length === 0) delete queues[name];
    if (request !== undefined) this.addRequest(request, options);
  }
}
