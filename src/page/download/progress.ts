import type { Progress } from '../../index.ts';

type Listener = (progress: Progress) => void;

/**
 * Progress of a file of which a part exists. The response decides how much of the part counts, so events before the
 * response wait.
 */
export class DownloadProgress {
  readonly #listener: Listener;
  #offset: number | null = null;
  #total: number | null = null;
  #waiting: Progress | null = null;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** The function for the option `onProgress` of the request. */
  readonly tell = (progress: Progress): void => {
    if (progress.direction === 'upload') this.#listener(progress);
    else if (this.#offset === null) this.#waiting = progress;
    else this.#pass(progress, this.#offset);
  };

  /** Called before another request: the facts of the last response do not apply to it. */
  restart(): void {
    this.#offset = null;
    this.#waiting = null;
  }

  /**
   * @param offset bytes of the part, which are not sent again
   * @param total bytes of the file, where they are known
   */
  begin(offset: number, total: number | null): void {
    this.#offset = offset;
    this.#total = total;
    if (this.#waiting !== null) this.#pass(this.#waiting, offset);
  }

  #pass(progress: Progress, offset: number): void {
    const sent = progress.total === null ? null : progress.total + offset;
    const [loaded, total] = [progress.loaded + offset, this.#total ?? sent];
    const { rate } = progress;
    const eta = rate === null || total === null ? null : Math.max(0, ((total - loaded) / rate) * 1000);
    this.#listener({ ...progress, loaded, total, eta });
  }
}
