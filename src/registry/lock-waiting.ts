import { setTimeout as delay } from 'node:timers/promises';
import { RequestError } from '../core/errors.ts';
import type { LockOptions } from './store.ts';

/** First and longest pause between two looks at a lock, in milliseconds; by chance up to half as long again. */
const shortest = 10;
const longest = 250;

/**
 * Waits for a lock: asks again and again, less and less often, so that many waiters do not keep the store busy.
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
  for (let pause = shortest; ; pause = Math.min(pause * 1.4, longest)) {
    const taken = await take();
    if (taken !== null) return taken;
    const left = end - performance.now();
    if (left <= 0) {
      const message = `The ${name} lock of session ${id} was held by another process for ${wait} ms`;
      throw new RequestError('ERR_STORE_LOCKED', message);
    }
    await pauseFor(Math.min(left, pause * (1 + Math.random() / 2)), signal);
  }
}

/** @throws the reason of the signal */
async function pauseFor(milliseconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal == null ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
