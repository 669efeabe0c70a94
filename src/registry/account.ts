import { ownCopy } from '../core/checks.ts';
import { invalidOption } from '../core/errors.ts';
import { checkSessionKeys } from '../core/session/options.ts';
import type { AccountStanding } from '../core/session/saved-session.ts';
import type { Clock } from './clock.ts';
import { checkId } from './ids.ts';
import type { ProxyLane } from './proxy-lane.ts';
import { type RegistrySessionOptions, resolveBeginning } from './session-options.ts';

/** An account of a pool: the id of a session, or an id with the options it is created with. */
export type AccountInput = string | (RegistrySessionOptions & { readonly id: string });

/** The state of an account as a pool shows it. */
export interface AccountInfo {
  readonly id: string;
  /** Jobs that use it at the moment. */
  readonly leases: number;
  /** Jobs that have used it, current ones included. */
  readonly uses: number;
  /** Why it is retired: the reason given to `markBad`, `maxUses`, `maxAge` or `maxScore`; `null` when it is not. */
  readonly retired: string | null;
  /** Epoch milliseconds until which it rests; `null` when it does not. */
  readonly restsUntil: number | null;
  /** Grows with responses that refuse the account, and shrinks with good ones. */
  readonly score: number;
}

/** How long an account may be used. */
export interface AccountLimits {
  readonly perAccount: number;
  readonly maxUses: number;
  /** Milliseconds. */
  readonly maxAge: number;
  readonly maxScore: number;
  /** Shortest time in milliseconds from the start of one job to that of the next. */
  readonly accountDelay: number;
}

/** How much a good response lowers the score. */
const forgiveness = 0.5;

const unknown: AccountStanding = {
  restsUntil: 0,
  failures: 0,
  score: 0,
  uses: 0,
  firstUsedAt: 0,
  retired: null,
  changedAt: 0,
};

/** One account of a pool: its use, and its standing with the site. */
export class Account {
  readonly id: string;
  readonly options: RegistrySessionOptions;
  /** Its index in the list of accounts. */
  readonly order: number;
  readonly lane: ProxyLane | null;
  readonly #limits: AccountLimits;
  readonly #clock: Clock;
  #standing = unknown;
  /** Monotonic milliseconds until which the pool does not lease it, independent of the site. */
  #pausesUntil = Number.NEGATIVE_INFINITY;
  leases = 0;
  /** Counts the leases of the pool; 0 for none yet. */
  lastTurn = 0;
  /** True once it was removed from the pool. */
  isRemoved = false;

  constructor(
    input: AccountInput,
    order: number,
    {
      limits,
      clock,
      laneOf,
    }: {
      readonly limits: AccountLimits;
      readonly clock: Clock;
      readonly laneOf: (proxy: unknown) => ProxyLane | null;
    },
  ) {
    const isId = typeof input === 'string';
    if (!isId && (typeof input !== 'object' || input === null))
      throw invalidOption('account', 'an id', input);
    const { id, ...options } = isId ? { id: input } : ownCopy('account', input);
    this.id = checkId(id);
    // A mistake is told now, not by the first job that gets the account.
    checkSessionKeys(resolveBeginning(options).session);
    this.options = options;
    this.order = order;
    this.lane = laneOf(options.proxy);
    this.#limits = limits;
    this.#clock = clock;
  }

  get uses(): number {
    return this.#standing.uses;
  }

  get standing(): AccountStanding {
    return this.#standing;
  }

  /** Why it will never be leased again; `null` when it can be. */
  get retired(): string | null {
    const { retired, uses, score, firstUsedAt } = this.#standing;
    const { maxUses, maxAge, maxScore } = this.#limits;
    if (retired !== null) return retired;
    if (uses >= maxUses) return 'maxUses';
    if (score >= maxScore) return 'maxScore';
    return firstUsedAt > 0 && this.#clock.wall() - firstUsedAt >= maxAge ? 'maxAge' : null;
  }

  get isAlive(): boolean {
    return this.retired === null && !this.isRemoved;
  }

  get hasRoom(): boolean {
    return this.leases < this.#limits.perAccount;
  }

  /** Monotonic milliseconds from which it may be used. */
  get readyOn(): number {
    const now = this.#clock.monotonic();
    const rest = this.#standing.restsUntil - this.#clock.wall();
    return Math.max(this.#pausesUntil, rest > 0 ? now + rest : now);
  }

  begin(turn: number): void {
    const now = this.#clock.wall();
    this.leases++;
    this.lastTurn = turn;
    this.#pausesUntil = Math.max(this.#pausesUntil, this.#clock.monotonic() + this.#limits.accountDelay);
    const { uses, firstUsedAt } = this.#standing;
    this.#standing = { ...this.#standing, uses: uses + 1, firstUsedAt: firstUsedAt || now };
    // Counts that a limit depends on are saved at once. Others are saved with the next change.
    if (Number.isFinite(this.#limits.maxUses) || (firstUsedAt === 0 && Number.isFinite(this.#limits.maxAge)))
      this.#note({});
  }

  end(): void {
    this.leases--;
  }

  /** Does not lease it for a number of milliseconds. This does not count against the account. */
  pause(milliseconds: number): void {
    this.#pausesUntil = Math.max(this.#pausesUntil, this.#clock.monotonic() + milliseconds);
  }

  /** Lets it rest for a number of milliseconds, unless it already rests longer. */
  rest(milliseconds: number): void {
    const until = this.#clock.wall() + milliseconds;
    this.#note({ restsUntil: Math.max(this.#standing.restsUntil, Math.ceil(until)) });
  }

  retire(reason: string): void {
    if (this.#standing.retired === null) this.#note({ retired: reason });
  }

  /** Resets its rest, its failures and its score. */
  revive(): void {
    const { uses, firstUsedAt } = unknown;
    this.#note({ ...unknown, uses, firstUsedAt });
    this.#pausesUntil = Number.NEGATIVE_INFINITY;
  }

  /** Counts a good response. */
  forgive(): void {
    const { score, failures } = this.#standing;
    if (score > 0 || failures > 0) this.#note({ score: Math.max(0, score - forgiveness), failures: 0 });
  }

  /** @returns the number of refusals in a row */
  blame(score: number): number {
    const failures = this.#standing.failures + 1;
    this.#note({ failures, score: this.#standing.score + score });
    return failures;
  }

  #note(change: Partial<AccountStanding>): void {
    // Of two changes in one millisecond, the later one must be the newer.
    const changedAt = Math.max(this.#clock.wall(), this.#standing.changedAt + 1);
    this.#standing = { ...this.#standing, ...change, changedAt };
  }

  /** Takes over the saved state of another or an earlier process. */
  adopt(noted: AccountStanding): void {
    if (noted.changedAt <= this.#standing.changedAt) return;
    const uses = Math.max(noted.uses, this.#standing.uses);
    this.#standing = { ...noted, uses };
  }

  info(): AccountInfo {
    const { uses, score, restsUntil } = this.#standing;
    const rests = restsUntil > this.#clock.wall();
    const { id, leases, retired } = this;
    return { id, leases, uses, retired, restsUntil: rests ? restsUntil : null, score };
  }
}
