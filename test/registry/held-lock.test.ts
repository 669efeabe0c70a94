import { describe, expect, it } from 'vitest';
import { HeldLock, lockLife } from '../../src/registry/held-lock.ts';
import type { SessionStore } from '../../src/registry/index.ts';
import { FakeClock } from '../helpers/registry.ts';

type Lock = NonNullable<SessionStore['lock']>;

/** A lock that notes what is done to it. */
async function holdLock(extend: () => Promise<boolean>) {
  const clock = new FakeClock();
  const steps: string[] = [];
  const lock: Lock = async (id, { name, ttl }) => {
    steps.push(`take ${name} of ${id} for ${ttl}`);
    return {
      name,
      fence: 7,
      extend: (longer) => {
        steps.push(`extend for ${longer}`);
        return extend();
      },
      release: async () => void steps.push('release'),
    };
  };
  const held = await HeldLock.take(lock, 'ada', { name: 'login', wait: 1 }, clock);
  const pass = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { held, steps, clock, pass };
}

describe('a lock that is held', () => {
  it('is renewed until it is released', async () => {
    const { held, steps, clock, pass } = await holdLock(async () => true);
    for (let third = 0; third < 6; third++) await pass(lockLife / 3);
    await held.release();
    await pass(10 * lockLife);
    expect(steps.filter((step) => step === `extend for ${lockLife}`)).toHaveLength(6);
    expect([steps.at(0), steps.at(-1)]).toEqual([`take login of ada for ${lockLife}`, 'release']);
    expect([held.lost.aborted, held.fence, clock.waiting]).toEqual([false, 7, 0]);
  });

  it('is reported as lost when it has expired, and is no longer renewed', async () => {
    const { held, clock, pass } = await holdLock(async () => false);
    await pass(lockLife);
    expect([held.lost.aborted, clock.waiting]).toEqual([true, 0]);
  });

  it('is not given up during a short outage of the store', async () => {
    let tries = 0;
    const { held, pass } = await holdLock(async () => {
      if (++tries < 3) throw new Error('away');
      return true;
    });
    for (let third = 0; third < 3; third++) await pass(lockLife / 3);
    expect([tries, held.lost.aborted]).toEqual([3, false]);
  });
});
