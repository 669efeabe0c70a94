import { checkBoolean, checkDelay, checkNumber, checkOneOf, checkOptions, ownCopy } from '../core/checks.ts';
import { invalidOption } from '../core/errors.ts';
import type { AccountInput, AccountLimits } from './account.ts';
import { type AccountOutcomes, type ResolvedOutcome, resolveOutcomes } from './account-outcomes.ts';
import { type Clock, systemClock } from './clock.ts';
import type { LaneLimits } from './proxy-lane.ts';
import { type Rotation, rotations } from './ready-accounts.ts';

/** Options of {@link createPool}. Times are milliseconds. */
export interface PoolOptions {
  /** Ids of sessions of the registry, or ids with the options they are created with. */
  readonly accounts: readonly AccountInput[];
  /**
   * Jobs that may use one account at the same time.
   * @default 1
   */
  readonly perAccount?: number | undefined;
  /**
   * Which free account is next: the one that was used `least`, the one `longest` ago, a `random` one, or with
   * `until-failure` the one that was used last.
   * @default 'longest'
   */
  readonly rotate?: Rotation | undefined;
  /** Jobs after which an account is retired. @default no limit */
  readonly maxUses?: number | undefined;
  /** Time after its first job at which an account is retired. @default no limit */
  readonly maxAge?: number | undefined;
  /**
   * Longest time of one job. After it the job fails with ERR_TIMEOUT, and its account is free once no request is in
   * progress. @default no limit
   */
  readonly leaseTimeout?: number | undefined;
  /**
   * The effect of responses and errors on the account, by status or code, in addition to the defaults: 429 and
   * ERR_PROXY let it rest, 401, 403 and ERR_LOGIN_FAILED let it rest for long and add to its score, 503 counts with
   * its Retry-After. `null` has no effect. For an account with a `baseUrl`, only responses of that site count.
   */
  readonly outcomes?: AccountOutcomes | undefined;
  /**
   * Score at which an account is retired; a good response lowers it by half a point.
   * @default 3
   */
  readonly maxScore?: number | undefined;
  /** Shortest time from the start of an account's job to that of its next. @default 0 */
  readonly accountDelay?: number | undefined;
  /** Shortest time from the start of a job through a proxy to that of the next through it. @default 0 */
  readonly proxyDelay?: number | undefined;
  /** Jobs that may use one proxy at the same time, over all accounts. @default no limit */
  readonly perProxy?: number | undefined;
  /**
   * True: an account is leased as by `registry.lease`, so that no one else uses it in any process with the store.
   * Cannot be combined with `perAccount`.
   * @default false
   */
  readonly exclusive?: boolean | undefined;
  /** Called with the changes of the accounts. */
  readonly onEvent?: ((event: PoolEvent) => void) | undefined;
  /** The source of time, for tests. @default the registry's: the store's clock, where it has one */
  readonly clock?: Clock | undefined;
}

/** A change of an account. */
export type PoolEvent =
  | {
      readonly type: 'rest';
      readonly id: string;
      /** The status or code that makes it rest, or `'rest'` from the job itself. */
      readonly reason: string;
      /** Epoch milliseconds. */
      readonly until: number;
    }
  | { readonly type: 'retire'; readonly id: string; readonly reason: string }
  | { readonly type: 'revive' | 'add' | 'remove'; readonly id: string };

/** The options of a pool, complete. */
export interface ResolvedPool {
  readonly accounts: readonly AccountInput[];
  readonly rotate: Rotation;
  readonly limits: AccountLimits;
  readonly lanes: LaneLimits;
  readonly leaseTimeout: number | null;
  readonly outcomes: ReadonlyMap<string, ResolvedOutcome>;
  readonly exclusive: boolean;
  readonly onEvent: (event: PoolEvent) => void;
  readonly clock: Clock;
}

const keys: ReadonlySet<string> = new Set([
  ...['accounts', 'perAccount', 'rotate', 'maxUses', 'maxAge', 'leaseTimeout', 'outcomes', 'maxScore'],
  ...['accountDelay', 'proxyDelay', 'perProxy', 'exclusive', 'onEvent', 'clock'],
]);

/**
 * @param time where the options name no clock
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolvePool(given: PoolOptions, time: Clock = systemClock): ResolvedPool {
  checkOptions(given, 'Pool options', keys);
  const options = ownCopy('Pool options', given);
  const { accounts, perAccount = 1, rotate = 'longest', outcomes = {}, onEvent = () => {} } = options;
  if (!Array.isArray(accounts) || accounts.length === 0) {
    throw invalidOption('accounts', 'a list of ids that is not empty', accounts);
  }
  if (typeof onEvent !== 'function') throw invalidOption('onEvent', 'a function', onEvent);
  const exclusive = checkBoolean('exclusive', options.exclusive ?? false);
  if (exclusive && perAccount !== 1)
    throw invalidOption('perAccount', '1 where exclusive is set', perAccount);
  const { maxScore = 3, leaseTimeout, clock = time } = options;
  return {
    accounts,
    rotate: checkOneOf('rotate', rotate, rotations),
    limits: {
      perAccount: count('perAccount', perAccount),
      maxUses: count('maxUses', options.maxUses),
      maxAge: options.maxAge === undefined ? Number.POSITIVE_INFINITY : checkDelay('maxAge', options.maxAge),
      maxScore: checkNumber('maxScore', maxScore, { least: 1, integer: false }),
      accountDelay: spacing('accountDelay', options.accountDelay),
    },
    lanes: {
      perProxy: count('perProxy', options.perProxy),
      proxyDelay: spacing('proxyDelay', options.proxyDelay),
    },
    leaseTimeout: leaseTimeout === undefined ? null : checkDelay('leaseTimeout', leaseTimeout),
    outcomes: resolveOutcomes(outcomes),
    exclusive,
    onEvent,
    clock,
  };
}

/** A number of at least 1; none for `undefined`. */
export function count(name: string, value: number | undefined): number {
  return value === undefined
    ? Number.POSITIVE_INFINITY
    : checkNumber(name, value, { least: 1, integer: true });
}

function spacing(name: string, value: number | undefined): number {
  return value === undefined || value === 0 ? 0 : checkDelay(name, value);
}
