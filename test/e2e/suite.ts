/** What a suite of end-to-end steps is, and how one is run. */

export interface Suite {
  readonly name: string;
  run(context: SuiteContext): Promise<void>;
}

export interface SuiteContext {
  /** Runs one step, prints its line and counts it. A failed step throws, which ends what depends on it. */
  step<T>(title: string, action: () => T | Promise<T>): Promise<T>;
  /** Registers what must be done when the suite ends, however it ends. The last registered is done first. */
  defer(cleanup: () => void | Promise<void>): void;
  /** Aborted when the time is up or the run is interrupted. */
  readonly signal: AbortSignal;
}

export interface Tally {
  passed: number;
  failed: number;
}

/** Thrown by a step that failed, was printed and counted. */
class StepFailed extends Error {}

/** Runs a suite and its cleanups. Never rejects: whatever goes wrong is printed and counted. */
export async function runSuite(suite: Suite, signal: AbortSignal, tally: Tally): Promise<void> {
  const cleanups: (() => void | Promise<void>)[] = [];
  const context: SuiteContext = {
    signal,
    defer: (cleanup) => void cleanups.unshift(cleanup),
    step: async (title, action) => {
      signal.throwIfAborted();
      const start = performance.now();
      try {
        const result = await action();
        tally.passed++;
        console.log(`✓ ${suite.name}: ${title} (${Math.round(performance.now() - start)} ms)`);
        return result;
      } catch (error) {
        reportFailure(`${suite.name}: ${title}`, error, tally);
        throw new StepFailed(title, { cause: error });
      }
    },
  };
  try {
    await Promise.race([suite.run(context), rejectOnAbort(signal)]);
  } catch (error) {
    if (!(error instanceof StepFailed)) reportFailure(`${suite.name}: runs to its end`, error, tally);
  }
  for (const cleanup of cleanups) {
    try {
      await cleanup();
    } catch (error) {
      reportFailure(`${suite.name}: cleans up`, error, tally);
    }
  }
}

export function reportFailure(title: string, error: unknown, tally: Tally): void {
  tally.failed++;
  console.log(`✗ ${title}`);
  console.log(describe(error).replace(/^/gm, '    '));
}

/** Waits for all, so that nothing is still under way when the first failure is thrown. */
export async function allDone<T>(actions: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(actions);
  return Promise.all(actions);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  const cause = error.cause === undefined ? '' : `\ncaused by ${describe(error.cause)}`;
  return `${error.name}${code}: ${error.message}${cause}`;
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
