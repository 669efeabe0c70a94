import { checkDelay, checkOptions, ownCopy } from '../core/checks.ts';
import { RequestError } from '../core/errors.ts';

/** Options of {@link Registry.close} and {@link Registry.drain}. */
export interface CloseOptions {
  /**
   * Time limit in milliseconds; after it the call fails with ERR_TIMEOUT, whose message has the number of unsaved
   * sessions.
   * @default no limit: until the last request has ended
   */
  readonly timeout?: number | undefined;
}

const closeKeys: ReadonlySet<string> = new Set(['timeout']);

/**
 * @returns the limit in milliseconds, `null` for none
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveClose(options: CloseOptions): number | null {
  checkOptions(options, 'Close options', closeKeys);
  const { timeout } = ownCopy('Close options', options);
  return timeout === undefined ? null : checkDelay('timeout', timeout);
}

/**
 * Waits for the end of a registry, `timeout` milliseconds at most.
 *
 * @param what the expected state, for the message
 * @param unsaved the number of unsaved sessions
 * @throws RequestError ERR_TIMEOUT
 */
export async function endedWithin(
  timeout: number,
  what: 'closed' | 'drained',
  ending: Promise<void>,
  unsaved: () => number,
): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  // This timer keeps the process alive, because there is work to wait for.
  const timer = setTimeout(() => {
    const message = `Registry was not ${what} within ${timeout} ms: ${unsaved()} sessions are not saved`;
    reject(new RequestError('ERR_TIMEOUT', message, { timeout }));
  }, timeout);
  try {
    await Promise.race([ending, late]);
  } finally {
    clearTimeout(timer);
  }
}
