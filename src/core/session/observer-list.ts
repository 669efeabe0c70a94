import { checkObservers, type Observer } from '../flow/observer.ts';

/** The observers of a session: those of its options, and those that were added later. */
export class ObserverList {
  /** `null` for none. Each change makes a new list, so that calls in progress keep theirs. */
  current: readonly Observer[] | null;

  constructor(observers: readonly Observer[] | null) {
    this.current = observers;
  }

  /**
   * @returns a function that removes the observer
   * @throws RequestError ERR_INVALID_OPTION
   */
  add(observer: Observer): () => void {
    const added = checkObservers([observer]) ?? [];
    this.current = [...(this.current ?? []), ...added];
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const at = this.current?.lastIndexOf(observer) ?? -1;
      const left = this.current?.toSpliced(at, 1) ?? [];
      this.current = left.length === 0 ? null : left;
    };
  }
}
