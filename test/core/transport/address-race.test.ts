import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import net, { type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { raceAddresses } from '../../../src/core/transport/address-race.ts';
import type { AddressJudge } from '../../../src/core/transport/address-rules.ts';
import { createSession, createTransport, RequestError } from '../../../src/index.ts';
import { startServer } from '../../helpers/servers.ts';

describe('F4 two addresses over real sockets', () => {
  it('continues with a slow first one while the second refuses', async () => {
    // A full accept queue drops what comes next: the connection is made when it is tried again, a second later.
    const child = spawn(
      process.execPath,
      [
        '-e',
        `const server = require('node:net').createServer((socket) => {
           socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 200 OK\\r\\ncontent-length: 4\\r\\n\\r\\nslow'));
         });
         server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
           process.send(server.address().port);
           process.once('message', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200));
         });`,
      ],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    );
    onTestFinished(() => void child.kill());
    const [port] = await once(child, 'message');
    child.send('stand still');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const fillers = Array.from({ length: 8 }, () =>
      net.connect(Number(port), '127.0.0.1').on('error', () => {}),
    );
    onTestFinished(() => {
      for (const socket of fillers) socket.destroy();
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await using transport = await createTransport({ resolve: { 'slow.test': ['127.0.0.1', '127.0.0.2'] } });
    await using session = await createSession({ transport });
    const response = await session.fetch(`http://slow.test:${port}/`);
    expect([response.status, await response.text()]).toEqual([200, 'slow']);
  });

  it('takes the second at once when the first refuses', async () => {
    const server = await startServer((_request, response) => void response.end('second'));
    await using transport = await createTransport({ resolve: { 'two.test': ['127.0.0.2', '127.0.0.1'] } });
    await using session = await createSession({ transport });
    expect(await (await session.fetch(`http://two.test:${server.port}/`)).text()).toBe('second');
  });

  it('reports the failure of the first when all refuse', async () => {
    await using transport = await createTransport({ resolve: { 'two.test': ['127.0.0.2', '127.0.0.3'] } });
    await using session = await createSession({ transport });
    await expect(session.fetch('http://two.test:1/')).rejects.toMatchObject({
      code: 'ERR_CONNECT',
      message: 'No connection could be made (two.test:1 at 127.0.0.2, ECONNREFUSED)',
    });
  });
});

describe('a race of addresses', () => {
  interface Fake {
    readonly address: string | null;
    readonly socket: Socket;
    readonly callback: buildConnector.Callback;
  }
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  function race(
    pinned: readonly string[] | undefined,
    found: readonly string[] = [],
    judge: AddressJudge | null = null,
  ) {
    const fakes: Fake[] = [];
    const told: unknown[] = [];
    const giveUp = raceAddresses(
      { hostname: 'a.test', protocol: 'http:', port: '80' } as buildConnector.Options,
      {
        open: (_options, address, callback) => {
          const socket = new EventEmitter() as unknown as Socket;
          socket.destroy = () => {
            told.push(`ended ${address}`);
            return socket;
          };
          fakes.push({ address, socket, callback });
          return socket;
        },
        lookup: (_hostname, _options, callback) =>
          callback(
            null,
            found.map((address) => ({ address, family: net.isIP(address) })),
          ),
        pinned,
        judge,
        onLookup: () => told.push('lookup'),
        onConnect: () => told.push('connect'),
      },
      (...[error, socket]) => told.push(error ?? fakes.find((fake) => fake.socket === socket)?.address),
    );
    const connect = (index: number): void => {
      const fake = fakes[index];
      fake?.socket.emit('connect');
      fake?.callback(null, fake.socket);
    };
    return { fakes, told, giveUp, connect, addresses: () => fakes.map(({ address }) => address) };
  }

  it('tries the next address after 250 ms, the other family first, and ends the other attempts', () => {
    const { told, connect, addresses } = race(['::1', '::2', '1.1.1.1']);
    expect(addresses()).toEqual(['::1']);
    vi.advanceTimersByTime(249);
    expect(addresses()).toEqual(['::1']);
    vi.advanceTimersByTime(1);
    expect(addresses()).toEqual(['::1', '1.1.1.1']);
    vi.advanceTimersByTime(250);
    expect(addresses()).toEqual(['::1', '1.1.1.1', '::2']);
    connect(0);
    expect(told).toEqual(['ended 1.1.1.1', 'ended ::2', 'connect', '::1']);
  });

  it('looks up the other addresses only when the first is slow', () => {
    const { fakes, told, connect, addresses } = race(undefined, ['::1', '1.1.1.1']);
    fakes[0]?.socket.emit('lookup', null, '::1', 6, 'a.test');
    vi.advanceTimersByTime(250);
    expect(addresses()).toEqual([null, '1.1.1.1']);
    connect(1);
    expect(told).toEqual(['lookup', 'ended null', 'connect', '1.1.1.1']);
  });

  it('reports a failed lookup, and looks up no more', () => {
    const { fakes, told, addresses } = race(undefined, ['1.1.1.1']);
    const failure = new Error('not found');
    fakes[0]?.socket.emit('lookup', failure);
    fakes[0]?.callback(failure, null);
    expect([told, addresses()]).toEqual([['lookup', 'ended null', failure], [null]]);
  });

  it('reports a failure after the connection, and tries no other', () => {
    const { fakes, told, addresses } = race(['1.1.1.1', '1.1.1.2']);
    const failure = new Error('of TLS');
    fakes[0]?.socket.emit('connect');
    fakes[0]?.callback(failure, null);
    expect([told, addresses()]).toEqual([['connect', 'ended 1.1.1.1', failure], ['1.1.1.1']]);
  });

  it('ends everything when it is aborted, and reports nothing', () => {
    const { told, giveUp, addresses } = race(['1.1.1.1', '1.1.1.2', '1.1.1.3']);
    vi.advanceTimersByTime(250);
    giveUp();
    vi.advanceTimersByTime(1000);
    expect([told, addresses()]).toEqual([
      ['ended 1.1.1.1', 'ended 1.1.1.2'],
      ['1.1.1.1', '1.1.1.2'],
    ]);
  });

  describe('A15 with addresses that are forbidden', () => {
    const forbid =
      (...addresses: readonly string[]): AddressJudge =>
      (address) =>
        addresses.includes(address) ? new RequestError('ERR_ADDRESS_FORBIDDEN', address) : null;
    const connectAs = ({ fakes, connect }: ReturnType<typeof race>, index: number, remote: string): void => {
      Object.assign(fakes[index]?.socket ?? {}, { remoteAddress: remote });
      connect(index);
    };

    it('starts none of them, neither first nor when the first is slow', () => {
      const { addresses } = race(['10.0.0.1', '1.1.1.1', '::1', '1.1.1.2'], [], forbid('10.0.0.1', '::1'));
      vi.advanceTimersByTime(1000);
      expect(addresses()).toEqual(['1.1.1.1', '1.1.1.2']);
    });

    it('checks all addresses of a lookup, once and together, and connects to no name', () => {
      const { told, addresses } = race(undefined, ['10.0.0.1', '1.1.1.1', '1.1.1.2'], forbid('10.0.0.1'));
      vi.advanceTimersByTime(1000);
      expect([told, addresses()]).toEqual([['lookup'], ['1.1.1.1', '1.1.1.2']]);
    });

    it('reports the first refusal when no address is left, and opens nothing', () => {
      const { told, addresses } = race(['10.0.0.1', '::1'], [], forbid('10.0.0.1', '::1'));
      expect([told, addresses()]).toEqual([
        [expect.objectContaining({ code: 'ERR_ADDRESS_FORBIDDEN', message: '10.0.0.1' })],
        [],
      ]);
    });

    it('checks the address that is actually connected to, and ends the socket before it is reported', () => {
      const given = race(['1.1.1.1', '1.1.1.2'], [], forbid('10.0.0.1'));
      vi.advanceTimersByTime(250);
      connectAs(given, 1, '10.0.0.1');
      expect(given.told).toEqual([
        'ended 1.1.1.2',
        expect.objectContaining({ code: 'ERR_ADDRESS_FORBIDDEN', message: '10.0.0.1' }),
      ]);
      vi.advanceTimersByTime(1000);
      expect(given.addresses()).toEqual(['1.1.1.1', '1.1.1.2']);
    });

    it('uses the second of two when it connects first', () => {
      const given = race(['1.1.1.1', '10.0.0.1', '1.1.1.2'], [], forbid('10.0.0.1'));
      vi.advanceTimersByTime(250);
      connectAs(given, 1, '1.1.1.2');
      expect(given.told).toEqual(['ended 1.1.1.1', 'connect', '1.1.1.2']);
    });

    it('treats a socket without an address as closed', () => {
      const { told, connect } = race(['1.1.1.1'], [], forbid());
      connect(0);
      expect(told).toEqual(['ended 1.1.1.1', expect.objectContaining({ code: 'ECONNRESET' })]);
    });
  });
});
