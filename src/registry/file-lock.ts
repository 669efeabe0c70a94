import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** A lock of a dead holder is taken over after so long, in milliseconds; a live one renews it twice in that time. */
const staleAfter = 4000;

/** Longest pause between two tries, in milliseconds. */
const longestPause = 40;

/**
 * Runs `action` while no other process holds the lock of this file.
 *
 * @param timeout longest wait for it in milliseconds
 * @param action gets a function that throws when the lock was lost, because this process was stopped for too long
 */
export async function withFileLock<T>(
  path: string,
  timeout: number,
  action: (checkHeld: () => Promise<void>) => Promise<T>,
): Promise<T> {
  let lost: Error | null = null;
  const release = await take(path, timeout, (error) => {
    lost = error;
  });
  try {
    const own = await lockOf(path);
    return await action(async () => {
      if (lost !== null) throw lost;
      const now = await lockOf(path).catch(() => null);
      // A process that was stopped notices the loss here, before its timer does.
      const isOurs = now !== null && now.ino === own.ino && now.birthtimeMs === own.birthtimeMs;
      if (!isOurs || Date.now() - now.mtimeMs > staleAfter) {
        throw Object.assign(new Error('The lock was lost: the process stood still'), {
          code: 'ECOMPROMISED',
        });
      }
    });
  } finally {
    // A lost lock belongs to another process.
    await release().catch(() => {});
  }
}

/** The folder that is the lock. */
function lockOf(path: string): Promise<Stats> {
  return lstat(`${path}.lock`);
}

/**
 * Waits here and not in proper-lockfile, which makes a list of all retries for every lock, and which retries after
 * every failure. Waiting only helps when the lock is held.
 */
async function take(
  path: string,
  timeout: number,
  onCompromised: (error: Error) => void,
): Promise<() => Promise<void>> {
  // Loaded at the first use, because it listens for signals from then on.
  const { default: lockfile } = await import('proper-lockfile');
  const end = performance.now() + timeout;
  for (let pause = 1; ; pause = Math.min(pause * 1.3, longestPause)) {
    try {
      // The file need not exist.
      return await lockfile.lock(path, { realpath: false, stale: staleAfter, retries: 0, onCompromised });
    } catch (error) {
      const left = end - performance.now();
      if (!isHeld(error) || left <= 0) throw error;
      // Random, so that many waiters do not try at the same time again and again.
      await delay(Math.min(left, pause * (1 + Math.random())));
    }
  }
}

function isHeld(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED';
}
