/**
 * Where an option may be given: `session` is createSession(), `call` the init of a fetch, `oneShot` the options from
 * which the one-shot fetch() creates its session, `seam` its options for middleware, observers and the like,
 * `connection` the options that must be equal for sessions to share connections, `pool` those of a transport only,
 * `transport` createTransport(), `save` the session's save().
 */
export type OptionScope =
  | 'session'
  | 'call'
  | 'oneShot'
  | 'seam'
  | 'connection'
  | 'pool'
  | 'transport'
  | 'webSocket'
  | 'eventStream'
  | 'save';

/** One option: where it may be given, its check, its default, and how two values are merged. */
export interface OptionRow {
  readonly scopes: readonly OptionScope[];
  /** Checks a value and returns the value to keep. Absent where the option is resolved together with others. */
  readonly check?: (name: string, value: unknown) => unknown;
  /** The default. Absent where there is none, or where it is created for each session. */
  readonly default?: unknown;
  /**
   * How a call's value is merged with its session's: `replace` replaces it, `parts` replaces it member by member,
   * `fixed` must be the same. Absent where only one of them may set it.
   */
  readonly merge?: 'replace' | 'parts' | 'fixed';
  /** The name of a `fixed` option in the error for a different value. */
  readonly called?: string;
  /** True where the checked value applies to all hops of a call and is one of its settings. */
  readonly setting?: true;
  /** The name of that setting where it differs. */
  readonly as?: string;
  /** Turns the checked value into the setting, where they differ. */
  readonly keep?: (checked: never) => unknown;
}

/** Options by name. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

/** The names of a table that may be given in a scope. */
export type OptionIn<Table extends OptionTable, Scope extends OptionScope> = {
  [Name in keyof Table & string]: Scope extends Table[Name]['scopes'][number] ? Name : never;
}[keyof Table & string];

/** Lists the options of a table that may be given in a scope, in the table's order. */
export function optionsIn<Table extends OptionTable, Scope extends OptionScope>(
  table: Table,
  scope: Scope,
): readonly OptionIn<Table, Scope>[] {
  return Object.keys(table).filter(
    (name): name is OptionIn<Table, Scope> => table[name]?.scopes.includes(scope) === true,
  );
}
