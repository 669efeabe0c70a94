/**
 * Runs `close` when the process is asked to end by SIGINT or SIGTERM, or has nothing left to do. A signal is raised
 * again afterwards, so that the process ends by it as if nobody had listened; `timeout` milliseconds later at the latest.
 *
 * @returns what takes the listeners away
 */
export function closeOnExit(close: () => Promise<void>, timeout: number): () => void {
  const onSignal = async (signal: NodeJS.Signals): Promise<void> => {
    off();
    await within(timeout, close());
    process.kill(process.pid, signal);
  };
  const onIdle = (): void => {
    off();
    void within(timeout, close());
  };
  const off = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    process.off('beforeExit', onIdle);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('beforeExit', onIdle);
  return off;
}

/** Waits for the end of `work`, good or bad, but not longer. */
async function within(timeout: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeout);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
