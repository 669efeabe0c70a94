/** Called when sessions move between memory and store. */
export interface Passages {
  ended(id: string): void;
  /** It came from the store. */
  loaded(id: string): void;
  /** It moved into the store, where it ends after so many milliseconds. */
  unloaded(id: string, lifeLeft: number): void;
}
