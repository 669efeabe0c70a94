/** Told where sessions come from and go to. */
export interface Passages {
  ended(id: string): void;
  /** It came from the store. */
  loaded(id: string): void;
  /** It went into the store, where it ends after so many milliseconds. */
  unloaded(id: string, lifeLeft: number): void;
}
