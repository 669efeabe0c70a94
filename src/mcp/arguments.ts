/** The arguments of a call, which match the tool's schema. */
export class ToolArguments {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** A required text. */
  text(name: string): string {
    return String(this.#values[name]);
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  number(name: string, otherwise: number): number {
    const value = this.#values[name];
    return typeof value === 'number' ? value : otherwise;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** The members of an object; none where it is left out. */
  members(name: string): Readonly<Record<string, unknown>> {
    return Object(this.#values[name] ?? {});
  }

  /** Any value; `undefined` where it is left out. */
  value(name: string): unknown {
    return this.#values[name];
  }
}
