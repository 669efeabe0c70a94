/**
 * Where an option may be given: `session` is createSession(), `call` the init of a fetch, `oneShot` what the one-shot
 * fetch() makes its session of, `seam` what it takes to work around or watch its call, `connection` what sessions with shared connections agree on, `pool` what a transport
 * alone decides, `transport` createTransport(), `save` the session's save().
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

/** One option: where it may be given, how it is checked, what holds without it, and how two values are merged. */
export interface OptionRow {
  readonly scopes: readonly OptionScope[];
  /** Checks a value and returns what is kept of it. Absent where it is resolved together with other options. */
  readonly check?: (name: string, value: unknown) => unknown;
  /** The default. Absent where there is none, or where it is made for each session. */
  readonly default?: unknown;
  /**
   * A call's value beside its session's: `replace` goes over it, `parts` goes over it member by member, `fixed` must
   * be the same. Absent where only one of them may say it.
   */
  readonly merge?: 'replace' | 'parts' | 'fixed';
  /** The name of a `fixed` option in the error for another value. */
  readonly called?: string;
  /** True where the checked value holds for all hops of a call and is one of its settings. */
  readonly setting?: true;
  /** The name of that setting where it is another. */
  readonly as?: string;
  /** Makes the setting of the checked value, where it is not the value itself. */
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
