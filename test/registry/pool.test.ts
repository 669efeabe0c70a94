import { describe, expect, it } from 'vitest';
import { createPool, type PoolOptions, type PoolProgress } from '../../src/registry/index.ts';
import { refusalOf } from '../helpers/refusals.ts';
import { FakeClock, openRegistry } from '../helpers/registry.ts';

const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index);

function openPool(options: Partial<PoolOptions> = {}) {
  return createPool(openRegistry(), { accounts: ['ada', 'bob', 'eve'], ...options });
}

/** A promise that the test resolves. */
function gate() {
  return Promise.withResolvers<void>();
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('pool.run', () => {
  it('keeps the order of the items, in any order of completion', async () => {
    const gates = numbers(3).map(gate);
    const run = openPool().run(numbers(3), async (_, item) => {
      await gates[item]?.promise;
      return item * 10;
    });
    for (const each of gates.toReversed()) {
      each.resolve();
      await settled();
    }
    expect(await run).toEqual([0, 10, 20].map((value) => ({ status: 'fulfilled', value })));
  });

  it('gives every job its own account while it runs', async () => {
    const used = new Map<string, number>();
    let most = 0;
    await openPool().run(numbers(30), async (session, _, lease) => {
      expect(session.id).toBe(lease.id);
      used.set(session.id, (used.get(session.id) ?? 0) + 1);
      most = Math.max(most, ...used.values());
      await settled();
      used.set(session.id, (used.get(session.id) ?? 0) - 1);
    });
    expect([used.size, most]).toEqual([3, 1]);
  });

  it.each([
    [{ perAccount: 2 }, {}, 6],
    [{ perAccount: 2 }, { concurrency: 4 }, 4],
    [{}, { concurrency: 1 }, 1],
  ])('runs as many jobs at once as accounts and concurrency allow: %o %o', async (pool, run, wanted) => {
    let [now, most] = [0, 0];
    await openPool(pool).run(
      numbers(20),
      async () => {
        most = Math.max(most, ++now);
        await settled();
        now--;
      },
      run,
    );
    expect(most).toBe(wanted);
  });

  it('continues when a job fails, and reports which', async () => {
    const results = await openPool().run([1, 2, 3], (_, item) => {
      if (item === 2) throw new Error('no');
      return item;
    });
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('reports its progress', async () => {
    const clock = new FakeClock();
    const told: PoolProgress[] = [];
    const pool = openPool({ clock, accounts: ['ada'] });
    const job = (_: unknown, item: number): void => {
      clock.advance(500);
      if (item === 1) throw new Error('no');
    };
    await pool.run([0, 1], job, { onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([
      { done: 1, failed: 0, total: 2, perSecond: 2 },
      { done: 1, failed: 1, total: 2, perSecond: 2 },
    ]);
  });

  it('does nothing for no items', async () => {
    expect(await openPool().run([], () => 1)).toEqual([]);
  });
});

it('a run fails with the error of onProgress, after its jobs have ended', async () => {
  const pool = openPool();
  const error = new Error('no more');
  const ended: number[] = [];
  const job = (_: unknown, item: number): void => void ended.push(item);
  const onProgress = (): void => {
    throw error;
  };
  await expect(pool.run(numbers(10), job, { onProgress })).rejects.toBe(error);
  expect(ended).toContain(0);
});

describe('the accounts of a pool', () => {
  it('are created with their options, as one identity', async () => {
    const accounts = [
      { id: 'ada', browser: 'firefox' as const },
      { id: 'bob', browser: 'safari' as const },
    ];
    const seen = await openPool({ accounts }).run([1, 2], (session) => session.browser?.split('_')[0]);
    expect(seen.map((result) => result.status === 'fulfilled' && result.value)).toEqual([
      'firefox',
      'safari',
    ]);
  });

  it.each([
    ['longest', ['ada', 'bob', 'eve', 'ada', 'bob', 'eve']],
    ['least', ['ada', 'bob', 'eve', 'ada', 'bob', 'eve']],
  ] as const)('take turns: %s', async (rotate, wanted) => {
    const pool = openPool({ rotate });
    const results = await pool.run(numbers(6), (session) => session.id, { concurrency: 1 });
    expect(results.map((result) => result.status === 'fulfilled' && result.value)).toEqual(wanted);
  });

  it('are used at random with the option', async () => {
    const pool = openPool({ rotate: 'random' });
    const ids: string[] = [];
    await pool.run(numbers(100), (session) => ids.push(session.id), { concurrency: 1 });
    expect(pool.accounts.every(({ uses }) => uses > 5)).toBe(true);
    expect(ids.some((id, index) => id === ids[index + 1])).toBe(true);
  });

  it('go least used first, not longest ago', async () => {
    const pool = openPool({ rotate: 'least', accounts: ['ada', 'bob'] });
    const ada = await pool.lease();
    for (let round = 0; round < 3; round++) (await pool.lease()).release();
    ada.release();
    for (let round = 0; round < 2; round++) {
      const lease = await pool.lease();
      expect(lease.id).toBe('ada');
      lease.release();
    }
  });

  it('are retired by markBad, and all waiting jobs fail when none is left', async () => {
    const pool = openPool({ accounts: ['ada', 'bob'] });
    const results = await pool.run(numbers(5), (session, _, lease) => {
      lease.markBad('banned');
      return session.id;
    });
    const codes = results.map((result) =>
      result.status === 'fulfilled' ? result.value : result.reason.code,
    );
    expect(codes).toEqual(['ada', 'bob', ...Array(3).fill('ERR_NO_ACCOUNT')]);
    const retired = { leases: 0, uses: 1, retired: 'banned' };
    expect(pool.accounts).toMatchObject([
      { id: 'ada', ...retired },
      { id: 'bob', ...retired },
    ]);
  });

  it('are retired after maxUses', async () => {
    const pool = openPool({ accounts: ['ada'], maxUses: 2 });
    const results = await pool.run(numbers(3), () => 'ok');
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(pool.accounts).toMatchObject([{ id: 'ada', leases: 0, uses: 2, retired: 'maxUses' }]);
  });

  it('are retired after maxAge, counted from their first job', async () => {
    const clock = new FakeClock();
    const pool = openPool({ accounts: ['ada'], maxAge: 1000, clock });
    clock.advance(5000);
    (await pool.lease()).release();
    clock.advance(999);
    (await pool.lease()).release();
    clock.advance(1);
    expect((await refusalOf(() => pool.lease())).code).toBe('ERR_NO_ACCOUNT');
    expect(pool.accounts[0]?.retired).toBe('maxAge');
  });

  it('are released when the session cannot be made', async () => {
    const accounts = [{ id: 'ada', url: 'http://127.0.0.1:1/' }];
    const pool = openPool({ accounts });
    for (let round = 0; round < 2; round++) {
      expect((await refusalOf(() => pool.lease())).code).toBe('ERR_CONNECT');
    }
    expect(pool.accounts[0]?.leases).toBe(0);
  });
});

describe('a lease', () => {
  it('is released once, with any number of calls', async () => {
    const pool = openPool({ accounts: ['ada'] });
    const lease = await pool.lease();
    const [second, third] = [pool.lease(), pool.lease()];
    lease.release();
    lease.release();
    lease[Symbol.dispose]();
    await second;
    const order: string[] = [];
    void third.then(() => order.push('third'));
    await settled();
    expect([order, pool.accounts[0]?.leases]).toEqual([[], 1]);
  });

  it('ends after leaseTimeout when it was taken by hand', async () => {
    const clock = new FakeClock();
    const pool = openPool({ accounts: ['ada'], leaseTimeout: 1000, clock });
    const lease = await pool.lease();
    clock.advance(1000);
    expect([lease.signal.aborted, (await pool.lease()).id]).toEqual([true, 'ada']);
  });

  it('ends after leaseTimeout: the job fails, and the account is free', async () => {
    const clock = new FakeClock();
    const pool = openPool({ accounts: ['ada'], leaseTimeout: 1000, clock });
    let aborted: unknown;
    const started = gate();
    const run = pool.run([1, 2], (_, item, { signal }) => {
      if (item === 2) return 'ok';
      signal.addEventListener('abort', () => {
        aborted = signal.reason;
      });
      started.resolve();
      return new Promise<string>(() => {});
    });
    await started.promise;
    clock.advance(1000);
    const [first, second] = await run;
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'ERR_TIMEOUT', timeout: 1000 } });
    expect(second).toEqual({ status: 'fulfilled', value: 'ok' });
    expect(aborted).toBe(first?.status === 'rejected' && first.reason);
    expect(clock.waiting).toBe(0);
  });
});

describe('an account that rests', () => {
  it('is not leased until the rest ends, while others are', async () => {
    const clock = new FakeClock();
    const pool = openPool({ accounts: ['ada', 'bob'], clock });
    const results = await pool.run(numbers(10), (session, item, lease) => {
      // One 429 burns no account.
      if (item === 0) lease.rest(5000);
      return session.id;
    });
    const ids = results.map((result) => result.status === 'fulfilled' && result.value);
    expect([ids.filter((id) => id === 'ada').length, ids.includes(false)]).toEqual([1, false]);
    clock.advance(5000);
    expect((await pool.lease()).id).toBe('ada');
  });

  it('is waited for when all rest, and the first available one is used', async () => {
    const clock = new FakeClock();
    const pool = openPool({ accounts: ['ada', 'bob'], clock });
    for (const pause of [5000, 3000]) {
      const lease = await pool.lease();
      lease.rest(pause);
      lease.release();
    }
    const waiting = [pool.lease(), pool.lease()];
    const seen: string[] = [];
    for (const each of waiting) void each.then(({ id }) => seen.push(id));
    clock.advance(2999);
    await settled();
    expect(seen).toEqual([]);
    clock.advance(1);
    await settled();
    expect(seen).toEqual(['bob']);
    clock.advance(2000);
    await settled();
    expect([seen, clock.waiting]).toEqual([['bob', 'ada'], 0]);
  });

  it('keeps the longer of two rests, and refuses an invalid one', async () => {
    const clock = new FakeClock();
    const pool = openPool({ accounts: ['ada'], clock });
    const lease = await pool.lease();
    lease.rest(5000);
    lease.rest(10);
    expect((await refusalOf(() => lease.rest(-1))).message).toContain('rest');
    lease.release();
    const next = pool.lease();
    clock.advance(4999);
    await settled();
    expect(pool.accounts[0]?.leases).toBe(0);
    clock.advance(1);
    expect((await next).id).toBe('ada');
  });
});

describe('a wait for an account', () => {
  it("ends with ERR_TIMEOUT after `wait`, and does not take another job's turn", async () => {
    const clock = new FakeClock();
    const pool = openPool({ accounts: ['ada'], clock });
    const first = await pool.lease({ wait: 100 });
    const late = refusalOf(() => pool.lease({ wait: 100 }));
    const patient = pool.lease();
    clock.advance(100);
    expect(await late).toMatchObject({ code: 'ERR_TIMEOUT', message: 'No account was free within 100 ms' });
    first.release();
    expect([(await patient).id, clock.waiting]).toEqual(['ada', 0]);
  });

  it('ends with the reason of the signal', async () => {
    const pool = openPool({ accounts: ['ada'] });
    await pool.lease();
    const giveUp = new AbortController();
    const waiting = pool.lease({ signal: giveUp.signal }).catch((reason: unknown) => reason);
    giveUp.abort('enough');
    expect(await waiting).toBe('enough');
    const before = pool.lease({ signal: AbortSignal.abort('before') });
    expect(await before.catch((reason: unknown) => reason)).toBe('before');
  });

  it.each([
    ['wait', { wait: -1 }],
    ['signal', { signal: 'soon' }],
    ['nonsense', { nonsense: 1 }],
  ])('makes no sense of nonsense: %s', async (name, options) => {
    const error = await refusalOf(() => openPool().lease(options as object));
    expect([error.code, error.message]).toEqual(['ERR_INVALID_OPTION', expect.stringContaining(name)]);
  });
});

describe('close', () => {
  it('rejects waiting jobs, and waits for the held leases', async () => {
    const pool = openPool({ accounts: ['ada'] });
    const lease = await pool.lease();
    const waiting = refusalOf(() => pool.lease());
    let isClosed = false;
    const closed = pool.close().then(() => {
      isClosed = true;
    });
    expect((await waiting).code).toBe('ERR_POOL_CLOSED');
    expect((await refusalOf(() => pool.lease())).code).toBe('ERR_POOL_CLOSED');
    expect([isClosed, lease.session.closed]).toEqual([false, false]);
    lease.release();
    await closed;
    expect(lease.session.closed).toBe(false);
    await pool[Symbol.asyncDispose]();
  });
});

describe('options of a pool', () => {
  it.each([
    ['accounts', { accounts: [] }],
    ['id', { accounts: ['../evil'] }],
    ['account', { accounts: [5] }],
    ['different ids', { accounts: ['ada', { id: 'ada' }] }],
    ['perAccount', { perAccount: 0 }],
    ['rotate', { rotate: 'never' }],
    ['maxUses', { maxUses: 0.5 }],
    ['maxAge', { maxAge: 0 }],
    ['leaseTimeout', { leaseTimeout: -1 }],
    ['size', { size: 3 }],
  ])('are refused by their name: %s', async (name, options) => {
    const error = await refusalOf(() => openPool(options as object));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) });
  });

  it.each([
    ['concurrency', { concurrency: 0 }],
    ['speed', { speed: 9 }],
  ])('are refused by their name in run: %s', async (name, options) => {
    const error = await refusalOf(() => openPool().run([1], () => 1, options as object));
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(name) });
  });
});

describe('an invalid account', () => {
  it.each<[string, unknown]>([
    ['a number', 5],
    ['null', null],
    ['undefined', undefined],
    ['an empty id', ''],
    ['an id with a path', '../evil'],
    ['a list', ['ada']],
    ['a function', () => 'ada'],
    ['options without an id', { baseUrl: 'https://example.com' }],
    ['an id that is a number', { id: 7 }],
    ['an option that there is not', { id: 'ada', baseURL: 'https://example.com' }],
  ])('is refused with a sentence, to create and to add: %s', async (_, account) => {
    const pool = openPool();
    for (const attempt of [
      () => openPool({ accounts: ['bob', account] as string[] }),
      () => pool.add(account as string),
    ]) {
      const error = await refusalOf(attempt);
      expect([error.code, error.message]).toEqual([
        'ERR_INVALID_OPTION',
        expect.stringMatching(/account|\bid must be|baseURL/),
      ]);
    }
    expect(pool.accounts.map(({ id }) => id)).toEqual(['ada', 'bob', 'eve']);
  });
});
