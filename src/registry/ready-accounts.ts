import type { Account } from './account.ts';
import { type Due, DueQueue } from './due-queue.ts';

/** Which free account is next. */
export type Rotation = 'least' | 'longest' | 'random' | 'until-failure';

export const rotations = ['least', 'longest', 'random', 'until-failure'] as const;

/** Larger than the number of turns of any pool, and exact as a double. */
const manyTurns = 2 ** 32;

interface Place extends Due {
  readonly account: Account;
}

/** Those never used come first, in the order in which they were given. */
const turnOf = ({ lastTurn, order }: Account): number => (lastTurn > 0 ? manyTurns / 2 + lastTurn : order);

/** The lowest comes first. */
const keys: Readonly<Record<Exclude<Rotation, 'random'>, (account: Account) => number>> = {
  longest: turnOf,
  least: (account) => account.uses * manyTurns + turnOf(account),
  'until-failure': ({ lastTurn, order }) => (lastTurn > 0 ? -lastTurn : order),
};

/** The accounts that are free, in the order of their turns. Adding and taking cost the logarithm of their number. */
export class ReadyAccounts {
  readonly #rotate: Rotation;
  readonly #heap = new DueQueue<Place>();
  readonly #drawn: Account[] = [];
  /** The valid entry of each free account. Entries with another place are outdated. */
  readonly #places = new Map<Account, Place>();

  constructor(rotate: Rotation) {
    this.#rotate = rotate;
  }

  has(account: Account): boolean {
    return this.#places.has(account);
  }

  add(account: Account): void {
    if (this.#places.has(account)) return;
    const place = { account, dueAt: Number.POSITIVE_INFINITY };
    this.#places.set(account, place);
    if (this.#rotate === 'random') this.#drawn.push(account);
    else this.#heap.add(place, keys[this.#rotate](account));
  }

  remove(account: Account): void {
    this.#places.delete(account);
  }

  take(): Account | null {
    return this.#rotate === 'random' ? this.#draw() : this.#first();
  }

  #first(): Account | null {
    for (const place of this.#heap.take(Number.MAX_VALUE)) {
      if (this.#places.get(place.account) !== place) continue;
      this.#places.delete(place.account);
      return place.account;
    }
    return null;
  }

  #draw(): Account | null {
    while (this.#drawn.length > 0) {
      const index = Math.floor(Math.random() * this.#drawn.length);
      const account = this.#drawn[index];
      const last = this.#drawn.pop();
      if (last !== undefined && index < this.#drawn.length) this.#drawn[index] = last;
      if (account !== undefined && this.#places.delete(account)) return account;
    }
    return null;
  }
}
