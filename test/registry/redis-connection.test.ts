import { createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { redisStore } from '../../src/registry/index.ts';
import { documentOf } from '../contracts/documents.ts';
import { hasRedis, startRedis } from '../helpers/redis.ts';
import { refusalOf } from '../helpers/refusals.ts';

/** A client that never answers, and counts what it is asked. */
function silentClient() {
  const asked: string[] = [];
  return {
    asked,
    call: (command: string): Promise<unknown> => {
      asked.push(command);
      return new Promise(() => {});
    },
  };
}

describe('A25 a Redis that gives no answer', () => {
  it('is not asked again for some time, so that commands do not pile up', async () => {
    const client = silentClient();
    const store = redisStore(client, { timeout: 20 });
    const first = await Promise.all(['ada', 'bob', 'eve'].map((id) => refusalOf(() => store.load(id))));
    expect(new Set(first.map(({ message }) => message))).toEqual(
      new Set(['redisStore failed at HMGET: no answer within 20 ms']),
    );
    const before = client.asked.length;
    const next = await Promise.all(Array.from({ length: 100 }, () => refusalOf(() => store.load('ada'))));
    expect(new Set(next.map(({ code, message }) => `${code}: ${message}`))).toEqual(
      new Set(['ERR_STORE: redisStore sends nothing for now: Redis gave no answer within 20 ms']),
    );
    expect([before, client.asked.length]).toEqual([3, 3]);
  });

  it('is asked once after the pause, and by all when it answers', async () => {
    let answer: (() => unknown) | null = null;
    let asked = 0;
    const client = {
      call: (): Promise<unknown> => {
        asked++;
        return answer === null ? new Promise(() => {}) : Promise.resolve(answer());
      },
    };
    const store = redisStore(client, { timeout: 20 });
    await refusalOf(() => store.ids());
    answer = () => [];
    // However long the rest lasts, no more than one question goes out until it is answered.
    for (;;) {
      const ends = await Promise.allSettled(Array.from({ length: 10 }, () => store.ids()));
      const good = ends.filter(({ status }) => status === 'fulfilled').length;
      if (good > 0) {
        expect([good, asked]).toEqual([1, 2]);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await Promise.all([store.ids(), store.ids()])).toEqual([[], []]);
  });

  it('loses the connection that the store made itself, with all waiting commands', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket.on('error', () => {})));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const store = redisStore(`redis://127.0.0.1:${port}`, { timeout: 1000 });
    onTestFinished(() => store.close());
    const lost = new Promise<void>((resolve) =>
      server.once('connection', (socket) => socket.resume().once('close', () => resolve())),
    );
    const { message } = await refusalOf(() => store.load('ada'));
    expect(message).toBe('redisStore failed at HMGET: no answer within 1000 ms');
    await lost;
  });
});

describe.skipIf(!hasRedis)('A13 a command that Redis refuses', () => {
  it.each(['redis', 'ioredis'])('shows neither the document nor the password: %s', async (kind) => {
    const server = await startRedis(['--requirepass', 'c4n4ry', '--maxmemory', '1']);
    onTestFinished(() => server.stop());
    const url = server.url.replace('://', '://:c4n4ry@');
    const client = kind === 'redis' ? createClient({ url }) : new Redis(url);
    if (!(client instanceof Redis)) await client.connect();
    onTestFinished(() => void (client instanceof Redis ? client.disconnect() : client.destroy()));
    const document = await documentOf('ada', 'c4n4ry');
    const error = await refusalOf(() => redisStore(client).update('ada', () => document));
    expect([error.code, error.message]).toEqual(['ERR_STORE', expect.stringContaining('OOM')]);
    const shown =
      inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true }) + JSON.stringify(error.cause);
    expect(shown).not.toContain('c4n4ry');
  });

  it('is reported without the URL when that is invalid', async () => {
    const error = await refusalOf(() => redisStore('redis://user:c4n4ry@host:port'));
    expect([error.code, inspect(error)]).toEqual([
      'ERR_INVALID_OPTION',
      expect.not.stringContaining('c4n4ry'),
    ]);
  });
});

describe('F8 a client through which keys cannot be found', () => {
  it('is refused by its name', async () => {
    const client = new Redis({ lazyConnect: true, keyPrefix: 'app:' });
    onTestFinished(() => client.disconnect());
    expect(await refusalOf(() => redisStore(client))).toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining('keyPrefix'),
    });
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 6379],
    ['options', { host: '127.0.0.1', port: 6379 }],
    ['a Map', new Map()],
    ['a function', () => {}],
    ['a client without commands by name', { get: async () => null, set: async () => 'OK' }],
    [
      'a client of redis 3',
      { sendCommand: (_a: unknown, _b: unknown, _c: unknown) => true, send_command: 1 },
    ],
    ['a URL of something else', 'https://example.com'],
    ['a port', ':6379'],
  ])('F8 is refused with what redisStore takes: %s', async (_, client) => {
    const error = await refusalOf(() => redisStore(client as string));
    expect([error.code, error.message]).toEqual([
      'ERR_INVALID_OPTION',
      expect.stringMatching(/^redisStore takes a redis: URL, a client, .*, got /),
    ]);
  });

  it.skipIf(!hasRedis)('is refused when it answers with bytes', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = createClient({ url: server.url, commandOptions: { typeMapping: { 36: Buffer } } });
    await client.connect();
    onTestFinished(() => client.destroy());
    const document = await documentOf('ada');
    const store = redisStore(client);
    await store.update('ada', () => document);
    expect([await store.load('ada'), await store.ids()]).toEqual([document, ['ada']]);
  });
});

describe.skipIf(!hasRedis)('encryption in Redis', () => {
  it('leaves nothing of a session readable, with one salt for all processes', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    const stores = ['a', 'b'].map(() => redisStore(client, { encryptionKey: 'c4n4ry horse' }));
    const ids = ['ada', 'bob'];
    for (const [index, id] of ids.entries()) {
      const document = await documentOf(id, 'c4n4ry');
      await stores[index]?.update(id, () => document);
      expect(await stores[1 - index]?.load(id)).toEqual(document);
    }
    const texts = await Promise.all(ids.map((id) => client.hget(`jarfetch:{${id}}:session`, 'document')));
    expect(texts.join()).not.toMatch(/c4n4ry|sid|example/);
    expect(new Set(texts.map((text) => JSON.parse(text ?? '').salt)).size).toBe(1);
    expect((await refusalOf(() => redisStore(client).load('ada'))).code).toBe('ERR_STORE_KEY');
    const other = redisStore(client, { encryptionKey: 'c4n4ry other' });
    expect((await refusalOf(() => other.load('ada'))).code).toBe('ERR_STORE_KEY');
    expect((await refusalOf(() => redisStore(client, { encryptionKey: undefined } as object))).code).toBe(
      'ERR_INVALID_OPTION',
    );
  });

  it('F4 never removes the expiry of a key, also during a request', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const { openRegistry } = await import('../helpers/registry.ts');
    const { startServer } = await import('../helpers/servers.ts');
    const client = new Redis(server.url);
    onTestFinished(() => client.disconnect());
    const arrived = Promise.withResolvers<() => void>();
    const site = await startServer((_, response) => arrived.resolve(() => void response.end()));
    const registry = openRegistry({ store: redisStore(client), idleTimeout: 60_000, maxAge: 3_600_000 });
    const session = await registry.create('ada');
    const answer = session.fetch(site.url);
    const respond = await arrived.promise;
    await registry.save('ada');
    const left = await client.pttl('jarfetch:{ada}:session');
    expect([left > 50_000, left <= 72_000]).toEqual([true, true]);
    respond();
    await answer;
  });
});
