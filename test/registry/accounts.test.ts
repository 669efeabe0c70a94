import { describe, expect, it } from 'vitest';
import { createPool, memoryStore, type PoolEvent, type PoolOptions } from '../../src/registry/index.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';
import { startServer } from '../helpers/servers.ts';

const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index);

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A pool over a site that answers with what `answers` has for the user of the cookie, once each. */
async function openPool(options: Partial<PoolOptions> = {}) {
  const answers = new Map<string, number[]>();
  const headers: Record<string, string> = {};
  const server = await startServer((request, response) => {
    const user = /user=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    response.writeHead(answers.get(user)?.shift() ?? 200, headers).end(user);
  });
  const clock = new FakeClock();
  const events: PoolEvent[] = [];
  const registry = openRegistry({ store: memoryStore(), saveInterval: false });
  const accounts = ['ada', 'bob', 'eve'].map((id) => ({
    id,
    baseUrl: server.url,
    cookies: [
      {
        name: 'user',
        value: id,
        domain: '127.0.0.1',
        path: '/',
        hostOnly: true,
        secure: false,
        httpOnly: false,
      },
    ],
  }));
  const pool = createPool(registry, { accounts, clock, onEvent: (event) => events.push(event), ...options });
  const state = (id: string) => pool.accounts.find((account) => account.id === id);
  return { pool, clock, registry, answers, headers, events, accounts, state, server };
}

const fetchUser = async (session: { fetch(path: string): Promise<Response> }): Promise<string> =>
  (await session.fetch('/')).text();

function idsOf(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.code));
}

describe('an answer of 429', () => {
  it('F25 does not retire an account: it rests, and others are used', async () => {
    const { pool, answers, state, clock } = await openPool();
    for (const id of ['ada', 'bob', 'eve']) answers.set(id, [200, 429]);
    const first = pool.run(numbers(6), fetchUser);
    await first;
    expect(pool.accounts.map(({ restsUntil, retired, score }) => [restsUntil, retired, score])).toEqual(
      Array(3).fill([clock.wall() + 60_000, null, 0]),
    );
    const rest = pool.run(numbers(3), fetchUser);
    await settled();
    clock.advance(60_000);
    expect(idsOf(await rest).sort()).toEqual(['ada', 'bob', 'eve']);
    expect(state('ada')?.restsUntil).toBe(null);
  });

  it('lengthens the rest each time in a row, and follows Retry-After', async () => {
    const { pool, answers, headers, clock, state } = await openPool();
    const rests: number[] = [];
    answers.set('ada', [429, 429, 200, 429, 429]);
    const use = async (): Promise<void> => {
      const lease = await pool.lease({ id: 'ada' });
      await fetchUser(lease.session);
      lease.release();
      const until = state('ada')?.restsUntil;
      if (until == null) return;
      rests.push(until - clock.wall());
      clock.advance(until - clock.wall());
    };
    for (let round = 0; round < 4; round++) await use();
    headers['retry-after'] = '7000';
    await use();
    expect(rests).toEqual([60_000, 120_000, 60_000, 7_000_000]);
  });
});

describe('a refusal', () => {
  it.each([401, 403])(
    'rests an account on %i, and retires it after three refusals in a row',
    async (status) => {
      const { pool, answers, clock, events, state } = await openPool();
      answers.set('ada', [status, status, status]);
      for (let round = 0; round < 3; round++) {
        const lease = await pool.lease({ id: 'ada' });
        await fetchUser(lease.session);
        expect(lease.isBlocked).toBe(true);
        lease.release();
        clock.advance(3_600_000);
      }
      expect(state('ada')).toMatchObject({ retired: 'maxScore', score: 3 });
      expect(events.map(({ type }) => type)).toEqual(['rest', 'rest', 'rest', 'retire']);
      expect(events.at(-1)).toEqual({ type: 'retire', id: 'ada', reason: 'maxScore' });
      expect((await refusalOf(() => pool.lease({ id: 'ada' }))).code).toBe('ERR_NO_ACCOUNT');
      expect((await pool.lease()).id).toBe('bob');
    },
  );

  it('loses its score by good answers', async () => {
    const { pool, answers, clock, state } = await openPool();
    answers.set('ada', [403]);
    for (let round = 0; round < 3; round++) {
      const lease = await pool.lease({ id: 'ada' });
      await fetchUser(lease.session);
      lease.release();
      clock.advance(600_000);
    }
    expect(state('ada')?.score).toBe(0);
  });

  it('has the effect set in outcomes, for any status or code', async () => {
    const { pool, answers, state } = await openPool({ outcomes: { 403: null, 418: { score: 9 } } });
    answers.set('ada', [403]);
    answers.set('bob', [418]);
    await pool.run(numbers(2), fetchUser);
    expect([state('ada'), state('bob')]).toMatchObject([
      { retired: null, restsUntil: null, score: 0 },
      { retired: 'maxScore', restsUntil: null },
    ]);
  });

  it('of another site has no effect', async () => {
    const { pool, state } = await openPool();
    const other = await startServer((_request, response) => void response.writeHead(403).end());
    const lease = await pool.lease();
    await lease.session.fetch(new URL(other.url.replace('127.0.0.1', 'localhost')));
    expect([lease.isBlocked, state('ada')?.score]).toEqual([false, 0]);
  });
});

describe('a job whose account is blocked', () => {
  it('is run again with another account, up to retries times', async () => {
    const { pool, answers } = await openPool();
    answers.set('ada', [429]);
    answers.set('bob', [403]);
    const seen: string[] = [];
    const results = await pool.run(
      [1],
      async (session) => {
        seen.push(session.id);
        return fetchUser(session);
      },
      { retries: 2 },
    );
    expect([seen, idsOf(results)]).toEqual([['ada', 'bob', 'eve'], ['eve']]);
  });

  it('has its own outcome without retries, and fails when the wait is too long', async () => {
    const { pool, answers, clock } = await openPool();
    for (const id of ['ada', 'bob', 'eve']) answers.set(id, [429]);
    expect(idsOf(await pool.run(numbers(3), fetchUser))).toEqual(['ada', 'bob', 'eve']);
    const late = pool.run([1], fetchUser, { wait: 1000 });
    await settled();
    clock.advance(1000);
    expect(idsOf(await late)).toEqual(['ERR_TIMEOUT']);
  });
});

describe('the standing of an account', () => {
  it('is kept in the store: another process finds it resting, retired, and used', async () => {
    const store = memoryStore();
    const clock = new FakeClock();
    const options = { accounts: ['ada', 'bob', 'eve'], clock, maxUses: 2 };
    const registry = openRegistry({ store });
    const pool = createPool(registry, options);
    const [ada, bob] = [await pool.lease(), await pool.lease()];
    ada.rest(60_000);
    bob.markBad('banned');
    await registry.close();
    const again = createPool(openRegistry({ store }), options);
    const lease = await again.lease();
    expect(lease.id).toBe('eve');
    lease.release();
    expect((await again.lease()).id).toBe('eve');
    expect(again.accounts.map(({ id, retired }) => [id, retired])).toEqual([
      ['ada', null],
      ['bob', 'banned'],
      ['eve', 'maxUses'],
    ]);
    const next = again.lease();
    await settled();
    clock.advance(60_000);
    expect((await next).id).toBe('ada');
    expect(again.accounts[0]).toMatchObject({ uses: 2, retired: 'maxUses' });
  });

  it('is deleted when it is revived, also for other processes', async () => {
    const { pool, state, registry, accounts, clock, events } = await openPool();
    const lease = await pool.lease();
    lease.markBad('banned');
    lease.release();
    await registry.save();
    expect([await pool.revive('ada'), await pool.revive('nobody')]).toEqual([true, false]);
    expect([state('ada')?.retired, events.at(-1)]).toEqual([null, { type: 'revive', id: 'ada' }]);
    await registry.save();
    const other = createPool(registry, { accounts: accounts.slice(0, 1), clock });
    expect((await other.lease()).id).toBe('ada');
  });
});

describe('accounts that are added and removed', () => {
  it('are given to waiting jobs, and not taken from jobs that have one', async () => {
    const { pool, events } = await openPool({ accounts: ['ada'] });
    const ada = await pool.lease();
    const waiting = pool.lease();
    pool.add('zoe');
    expect((await waiting).id).toBe('zoe');
    expect([pool.remove('ada'), pool.remove('ada')]).toEqual([true, false]);
    ada.release();
    const next = pool.lease();
    (await waiting).release();
    expect((await next).id).toBe('zoe');
    pool.remove('zoe');
    expect((await refusalOf(() => pool.lease())).code).toBe('ERR_NO_ACCOUNT');
    expect(events.map(({ type }) => type)).toEqual(['add', 'remove', 'remove']);
    expect((await refusalOf(async () => pool.add('new'))).code).toBe('ERR_INVALID_OPTION');
  });

  it('reject a job that waits for a removed one', async () => {
    const { pool } = await openPool();
    await pool.lease({ id: 'ada' });
    const waiting = refusalOf(() => pool.lease({ id: 'ada' }));
    await settled();
    pool.remove('ada');
    expect(await waiting).toMatchObject({ code: 'ERR_NO_ACCOUNT', message: 'Account ada was removed' });
  });
});

describe('the rotation', () => {
  it('until-failure stays with one account until it is blocked', async () => {
    const { pool, answers } = await openPool({ rotate: 'until-failure' });
    answers.set('ada', [200, 200, 429]);
    const results = await pool.run(numbers(6), fetchUser, { concurrency: 1 });
    expect(idsOf(results)).toEqual(['ada', 'ada', 'ada', 'bob', 'bob', 'bob']);
  });

  it('gives the account that is requested by its id, in order', async () => {
    const { pool } = await openPool();
    const first = await pool.lease({ id: 'bob' });
    const order: string[] = [];
    const others = ['second', 'third'].map((name) =>
      pool.lease({ id: 'bob' }).then((lease) => {
        order.push(name);
        lease.release();
      }),
    );
    expect((await pool.lease()).id).toBe('ada');
    first.release();
    await Promise.all(others);
    expect(order).toEqual(['second', 'third']);
    expect((await refusalOf(() => pool.lease({ id: 'nobody' }))).code).toBe('ERR_NO_ACCOUNT');
  });
});

describe('the rate', () => {
  it('of an account: its jobs begin at least accountDelay apart', async () => {
    const { pool, clock } = await openPool({ accounts: ['ada'], accountDelay: 1000 });
    const starts: number[] = [];
    const run = pool.run(numbers(3), () => starts.push(clock.monotonic()));
    for (let step = 0; step < 30; step++) {
      await settled();
      clock.advance(100);
    }
    await run;
    expect(starts.map((start) => start - (starts[0] ?? 0))).toEqual([0, 1000, 2000]);
  });

  it('of a proxy: limits the jobs at a time and their distance, for all its accounts', async () => {
    const one = { proxy: 'http://name1:c4n4ry@proxy.example:8080' };
    const accounts = [
      { id: 'ada', ...one },
      { id: 'bob', proxy: 'http://name2:c4n4ry@proxy.example:8080' },
      { id: 'eve', ...one },
      { id: 'zoe', proxy: 'http://other.example:8080' },
    ];
    const { pool, clock } = await openPool({ accounts, perProxy: 1, proxyDelay: 1000 });
    const [ada, zoe] = [await pool.lease(), await pool.lease()];
    expect([ada.id, zoe.id]).toEqual(['ada', 'zoe']);
    const order: string[] = [];
    for (const each of [pool.lease(), pool.lease()]) void each.then(({ id }) => order.push(id));
    clock.advance(5000);
    await settled();
    expect(order).toEqual([]);
    ada.release();
    await settled();
    expect(order).toEqual(['bob']);
    clock.advance(1000);
    await settled();
    expect(order).toEqual(['bob']);
  });

  it('of a proxy skips accounts that can no longer be used', async () => {
    const proxy = 'http://proxy.example:8080';
    const accounts = ['ada', 'bob', 'eve', 'zoe'].map((id) => ({ id, proxy }));
    const { pool } = await openPool({ accounts, perProxy: 1 });
    const ada = await pool.lease();
    const next = pool.lease();
    await settled();
    // Bob and Eve wait for the proxy.
    pool.remove('bob');
    ada.rest(60_000);
    ada.release();
    expect((await next).id).toBe('eve');
  });

  it('of a proxy: the next job begins when its time has come', async () => {
    const accounts = ['ada', 'bob'].map((id) => ({ id, proxy: 'http://proxy.example:8080' }));
    const { pool, clock } = await openPool({ accounts, proxyDelay: 1000 });
    await pool.lease();
    const second = pool.lease();
    let isThere = false;
    void second.then(() => {
      isThere = true;
    });
    clock.advance(999);
    await settled();
    expect(isThere).toBe(false);
    clock.advance(1);
    expect((await second).id).toBe('bob');
  });
});

describe('an exclusive pool', () => {
  it('F14 shares each account with the pools of other processes, one at a time', async () => {
    const store = memoryStore();
    const pools = numbers(3).map(() =>
      createPool(openRegistry({ store }), { accounts: ['ada', 'bob'], exclusive: true }),
    );
    const using = new Map<string, number>();
    let most = 0;
    const results = await Promise.all(
      pools.map((pool) =>
        pool.run(numbers(6), async (session) => {
          most = Math.max(most, (using.get(session.id) ?? 0) + 1);
          using.set(session.id, (using.get(session.id) ?? 0) + 1);
          await settled();
          using.set(session.id, (using.get(session.id) ?? 0) - 1);
          return 'ok';
        }),
      ),
    );
    expect([most, new Set(results.flatMap(idsOf))]).toEqual([1, new Set(['ok'])]);
  });
});

describe('a job that is ended by leaseTimeout', () => {
  it('F25 keeps its account from the next job while its request is under way', async () => {
    const { server } = await openPool();
    const answered = Promise.withResolvers<void>();
    const slow = await startServer(
      (_request, response) => void answered.promise.then(() => response.end('late')),
    );
    const clock = new FakeClock();
    const pool = createPool(openRegistry(), { accounts: ['ada'], leaseTimeout: 1000, clock });
    const arrived = Promise.withResolvers<unknown>();
    let late: Promise<string> | undefined;
    const run = pool.run([1], async (session) => {
      late = session.fetch(slow.url).then((response) => response.text());
      arrived.resolve(late);
      await late;
    });
    await Promise.race([arrived.promise, settled()]);
    await settled();
    clock.advance(1000);
    expect(idsOf(await run)).toEqual(['ERR_TIMEOUT']);
    const next = pool.lease();
    let isThere = false;
    void next.then(() => {
      isThere = true;
    });
    await settled();
    expect(isThere).toBe(false);
    answered.resolve();
    expect(await late).toBe('late');
    expect((await next).id).toBe('ada');
    expect(server.seen.length).toBe(0);
  });
});

describe('run', () => {
  it('takes items as they come, and waits with only one', async () => {
    const { pool } = await openPool();
    let asked = 0;
    async function* items() {
      for (; asked < 20; asked++) yield asked;
    }
    const gate = Promise.withResolvers<void>();
    const run = pool.run(items(), async (_, item) => {
      await gate.promise;
      return item;
    });
    await settled();
    // Three that run, and the one that waits.
    expect(asked).toBe(3);
    gate.resolve();
    expect(idsOf(await run)).toEqual(numbers(20));
  });
});

describe('options of accounts', () => {
  it.each([
    ['outcomes', { outcomes: { soon: {} } }],
    ['rest', { outcomes: { 429: { rest: -1 } } }],
    ['nap', { outcomes: { 429: { nap: 1 } } }],
    ['maxScore', { maxScore: 0 }],
    ['accountDelay', { accountDelay: -1 }],
    ['proxyDelay', { proxyDelay: 'x' }],
    ['perProxy', { perProxy: 0 }],
    ['perAccount', { exclusive: true, perAccount: 2 }],
    ['onEvent', { onEvent: 'log' }],
  ])('are refused by their name: %s', async (name, options) => {
    const given = { accounts: ['ada'], ...options } as unknown as PoolOptions;
    const error = await refusalOf(() => createPool(openRegistry(), given));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) });
  });
});
