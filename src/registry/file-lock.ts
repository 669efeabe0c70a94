/** A lock of a dead holder is taken over after so long, in milliseconds; a live one renews it twice in that time. */
const staleAfter = 4000;

/** How a lock is waited for: soon at first, by chance so that many waiters do not meet again and again. */
const waiting = { retries: 100_000, factor: 1.3, minTimeout: 1, maxTimeout: 40, randomize: true };

/**
 * Runs `action` while no other process holds the lock of this file.
 *
 * @param timeout longest wait for it in milliseconds
 * @param action gets what throws when the lock was lost: this process was stopped for longer than a lock is kept
 */
export async function withFileLock<T>(
  path: string,
  timeout: number,
  action: (checkHeld: () => void) => Promise<T>,
): Promise<T> {
  // Loaded with the first use: it listens for signals from then on.
  const { default: lockfile } = await import('proper-lockfile');
  let lost: Error | null = null;
  const release = await lockfile.lock(path, {
    // The file need not be there.
    realpath: false,
    stale: staleAfter,
    retries: { ...waiting, maxRetryTime: timeout },
    onCompromised: (error) => {
      lost = error;
    },
  });
  try {
    return await action(() => {
      if (lost !== null) throw lost;
    });
  } finally {
    // A lock that was lost is another's.
    await release().catch(() => {});
  }
}
