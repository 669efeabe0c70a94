import { RequestError } from '../core/errors.ts';
import { pause } from '../core/pause.ts';
import type { LockOptions } from './store.ts';

/** First and longest interval between two tries, in milliseconds; a random part of up to a half is added. */
const shortest = 10;
const longest = 250;

/**
 * Waits for a lock: tries at growing intervals, so that many waiters do not overload the store.
 *
 * @param take tries once; `null` where another holds it
 * @throws RequestError ERR_STORE_LOCKED; the reason of the signal
 */
export async function waitForLock<T>(
  id: string,
  { name, wait, signal }: LockOptions,
  take: () => Promise<T | null>,
): Promise<T> {
  signal?.throwIfAborted();
  const end = performance.now() + wait;
  for (let interval = shortest; ; interval = Math.min(interval * 1.4, longest)) {
    const taken = await take();
    if (taken !== null) return taken;
    const left = end - performance.now();
    if (left <= 0) {
      const message = `The ${name} lock of session ${id} was held by another process for ${wait} ms`;
      throw new RequestError('ERR_STORE_LOCKED', message);
    }
    await pause(Math.min(left, interval * (1 + Math.random() / 2)), signal);
  }
}
