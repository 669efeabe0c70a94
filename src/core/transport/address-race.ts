import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { RequestError } from '../errors.ts';
import type { AddressJudge } from './address-rules.ts';
import { noAddress } from './lookup.ts';
import type { OpenSocket } from './open-socket.ts';

/** Milliseconds that an address gets before the next one is tried in parallel. RFC 8305 section 5. */
const attemptDelay = 250;

interface Race {
  readonly open: OpenSocket;
  readonly lookup: LookupFunction;
  /** Addresses of the host that are known without a lookup. */
  readonly pinned: readonly string[] | undefined;
  /** Decides which addresses must not be connected to; `null` where all may be. */
  readonly judge: AddressJudge | null;
  readonly onLookup: () => void;
  /** Called before the callback, and before TLS. */
  readonly onConnect: (socket: Socket) => void;
}

/**
 * Connects to the first address of a host that accepts (RFC 8305). A slow attempt continues while the next one
 * starts, and the first connection ends the other attempts. Node.js does the same, but ends a slow attempt when it
 * starts the next.
 *
 * @returns a function that ends all attempts; the callback is not called then
 */
export function raceAddresses(
  options: buildConnector.Options,
  race: Race,
  callback: buildConnector.Callback,
): () => void {
  const run = new AddressRace(options, race, callback);
  run.begin();
  return run.giveUp;
}

class AddressRace {
  readonly #options: buildConnector.Options;
  readonly #race: Race;
  readonly #callback: buildConnector.Callback;
  readonly #sockets = new Set<Socket>();
  /** The address that the lookup found first. */
  #first: string | null = null;
  readonly #failures: Error[] = [];
  /** Addresses that were not tried yet; `null` until a slow attempt makes a second one necessary. */
  #others: string[] | null = null;
  readonly #isTunnelled: boolean;
  #isAsking = false;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: buildConnector.Options, race: Race, callback: buildConnector.Callback) {
    this.#options = options;
    this.#race = race;
    this.#callback = callback;
    const { hostname } = options;
    // Only an own property: an inherited one may come from a polluted prototype.
    this.#isTunnelled = Object.hasOwn(options, 'httpSocket');
    if (race.pinned !== undefined) this.#others = interleave(race.pinned);
    if (isIP(hostname) !== 0 || this.#isTunnelled) this.#others = [];
  }

  readonly giveUp = (): void => {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  };

  begin(): void {
    const { pinned, judge, lookup, onLookup } = this.#race;
    const { hostname } = this.#options;
    if (judge === null || this.#isTunnelled) this.start(pinned?.[0] ?? null);
    else if (pinned !== undefined) this.#startAllowed(pinned, judge);
    else if (isIP(hostname) !== 0) this.#startAllowed([hostname], judge);
    else {
      // All at once, so that the addresses that were checked are those that are connected to.
      lookup(hostname, { all: true }, (error, found) => {
        if (this.#isOver) return;
        onLookup();
        const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [];
        if (error === null) this.#startAllowed(addresses, judge);
        else this.#finish(null, error);
      });
    }
  }

  /** Leaves out the addresses that must not be connected to. */
  #startAllowed(addresses: readonly string[], judge: AddressJudge): void {
    let refusal: RequestError | null = null;
    const allowed: string[] = [];
    for (const address of addresses) {
      const said = judge(address);
      if (said === null) allowed.push(address);
      else refusal ??= said;
    }
    const [first] = allowed;
    if (first === undefined) {
      this.#finish(null, refusal ?? noAddress(this.#options.hostname));
      return;
    }
    this.#others = interleave(allowed);
    this.start(first);
  }

  /** @param address `null` looks the host up and uses the first address */
  start(address: string | null): void {
    const { open, onLookup } = this.#race;
    const socket = open(this.#options, address, (...[error]) => {
      if (error === null) this.#finish(socket);
      else this.#fail(socket, error);
    });
    this.#sockets.add(socket);
    if (address === null) {
      socket.once('lookup', (error: Error | null, found: string) => {
        onLookup();
        // A host without an address has no further ones.
        if (error === null) this.#first = found;
        else this.#others = [];
        this.#arm();
      });
    } else this.#arm();
    if (this.#isTunnelled) {
      // Such a connection would bypass the proxy and reveal the caller's own address.
      if (socket.connecting) this.#finish(socket, tunnelNotUsed());
      return;
    }
    // Before undici's listener, which starts the request and reads the times then.
    socket.prependOnceListener('connect', () => this.#win(socket));
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#isOver || this.#others?.length === 0) return;
    this.#timer = setTimeout(() => this.#next(), attemptDelay);
    this.#timer.unref();
  }

  #win(winner: Socket): void {
    if (this.#isOver) return;
    const refusal = this.#refusalOf(winner);
    if (refusal !== null) {
      // Before TLS, and before undici writes, so that the peer gets no byte.
      winner.destroy();
      this.#finish(null, refusal);
      return;
    }
    clearTimeout(this.#timer);
    this.#others = [];
    for (const socket of this.#sockets) if (socket !== winner) socket.destroy();
    this.#sockets.clear();
    this.#sockets.add(winner);
    this.#failures.length = 0;
    this.#race.onConnect(winner);
  }

  /** Checks the address that a socket has really connected to. A system may have chosen another one than requested. */
  #refusalOf(socket: Socket): Error | null {
    const { judge } = this.#race;
    if (judge === null) return null;
    // A peer that has closed the connection has no address.
    return socket.remoteAddress === undefined ? connectionReset() : judge(socket.remoteAddress);
  }

  #fail(socket: Socket, error: Error): void {
    if (this.#isOver || !this.#sockets.delete(socket)) return;
    socket.destroy();
    this.#failures.push(error);
    this.#next();
  }

  /** Tries the next address; fails when there is none and no attempt is running. */
  #next(): void {
    clearTimeout(this.#timer);
    if (this.#others === null && this.#first !== null) {
      this.#ask();
      return;
    }
    const address = this.#others?.shift();
    if (address !== undefined) this.start(address);
    else if (this.#sockets.size === 0) this.#finish(null, failureOf(this.#failures));
  }

  #ask(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#race.lookup(this.#options.hostname, { all: true }, (_error, found) => {
      if (this.#isOver || this.#others !== null) return;
      const first = this.#first ?? '';
      const all = Array.isArray(found) ? found.map(({ address }) => address) : [];
      this.#others = interleave([first, ...all.filter((address) => address !== first)]);
      this.#next();
    });
  }

  #finish(socket: Socket | null, error: Error | null = null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (error === null && socket !== null) this.#callback(null, socket);
    else this.#callback(error ?? new Error('no socket'), null);
  }
}

/** The order after the first address: the families alternate, starting with the other one. RFC 8305 section 4. */
function interleave([first = '', ...others]: readonly string[]): string[] {
  const same = others.filter((address) => isIP(address) === isIP(first));
  const other = others.filter((address) => isIP(address) !== isIP(first));
  const ordered: string[] = [];
  while (same.length > 0 || other.length > 0) {
    for (const address of [other.shift(), same.shift()]) if (address !== undefined) ordered.push(address);
  }
  return ordered;
}

/** A single failure is returned unchanged; several become one error with the code of the first, as in node:net. */
function failureOf(failures: readonly Error[]): Error {
  const [first, ...others] = failures;
  if (first === undefined || others.length === 0) return first ?? new Error('no address');
  return Object.assign(new AggregateError(failures, first.message), { code: Reflect.get(first, 'code') });
}

function connectionReset(): Error {
  return Object.assign(new Error('the peer closed the connection at once'), { code: 'ECONNRESET' });
}

function tunnelNotUsed(): RequestError {
  const message =
    'TLS was not started in the tunnel of the proxy: this version of undici is not supported, install the one that jarfetch names';
  return new RequestError('ERR_PROXY', message, { phase: 'proxy' });
}
