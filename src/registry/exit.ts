/**
 * Runs `close` when the process is asked to end by SIGINT or SIGTERM, or has nothing left to do. A signal is raised
 * again afterwards, so that the process ends by it as without listeners; after `timeout` milliseconds at the latest.
 *
 * @param onError told what could not be saved
 * @returns what takes the listeners away
 */
export function closeOnExit(
  close: (timeout: number) => Promise<void>,
  timeout: number,
  onError: (error: unknown) => void,
): () => void {
  const onSignal = async (signal: NodeJS.Signals): Promise<void> => {
    off();
    await close(timeout).catch(onError);
    // What was told may be on its way out: a warning is written a turn later.
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(process.pid, signal);
  };
  const onIdle = (): void => {
    off();
    void close(timeout).catch(onError);
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
