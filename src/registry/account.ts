import { ownCopy } from '../core/checks.ts';
import { invalidOption } from '../core/errors.ts';
import { checkId } from './ids.ts';
import type { RegistrySessionOptions } from './session-options.ts';

/** An account of a pool: the id of a session, or an id with the options it is created with. */
export type AccountInput = string | (RegistrySessionOptions & { readonly id: string });

/** What a pool tells of an account. */
export interface AccountInfo {
  readonly id: string;
  /** Jobs that use it now. */
  readonly leases: number;
  /** Jobs that have used it, those included. */
  readonly uses: number;
  /** Why it is retired: what `markBad` was told, `maxUses` or `maxAge`; `null` when it is not. */
  readonly retired: string | null;
}

/** How long an account lasts. */
export interface AccountLimits {
  readonly perAccount: number;
  readonly maxUses: number;
  /** Milliseconds. */
  readonly maxAge: number;
}

/** One account of a pool and how it is used. */
export class Account {
  readonly id: string;
  readonly options: RegistrySessionOptions;
  readonly #limits: AccountLimits;
  #leases = 0;
  #firstUse = Number.POSITIVE_INFINITY;
  #retired: string | null = null;
  /** Monotonic milliseconds until which nobody gets it. */
  #restsUntil = Number.NEGATIVE_INFINITY;
  uses = 0;
  /** Counts the leases of the pool. */
  lastTurn = 0;

  constructor(input: AccountInput, limits: AccountLimits) {
    const isId = typeof input === 'string';
    if (!isId && (typeof input !== 'object' || input === null))
      throw invalidOption('account', 'an id', input);
    const { id, ...options } = isId ? { id: input } : ownCopy('account', input);
    this.id = checkId(id);
    this.options = options;
    this.#limits = limits;
  }

  /** @param now monotonic milliseconds */
  isAlive(now: number): boolean {
    const { maxAge } = this.#limits;
    if (this.#retired === null && now - this.#firstUse >= maxAge) this.#retired = 'maxAge';
    return this.#retired === null;
  }

  isFree(now: number): boolean {
    return this.isAlive(now) && this.#leases < this.#limits.perAccount && now >= this.#restsUntil;
  }

  /** Nobody gets it until then; a rest that is longer already stays. */
  rest(until: number): void {
    this.#restsUntil = Math.max(this.#restsUntil, until);
  }

  /** Monotonic milliseconds at which its rest is over; `Infinity` when it does not rest, or will never be free. */
  wakesOn(now: number): number {
    return this.isAlive(now) && this.#restsUntil > now ? this.#restsUntil : Number.POSITIVE_INFINITY;
  }

  begin(now: number, turn: number): void {
    this.#leases++;
    this.uses++;
    this.lastTurn = turn;
    this.#firstUse = Math.min(this.#firstUse, now);
    if (this.uses >= this.#limits.maxUses) this.retire('maxUses');
  }

  end(): void {
    this.#leases--;
  }

  retire(reason: string): void {
    this.#retired ??= reason;
  }

  info(): AccountInfo {
    return { id: this.id, leases: this.#leases, uses: this.uses, retired: this.#retired };
  }
}
