/** Collects the values of a statement: text of users reaches SQL only by way of it. */
export class SqlParameters {
  readonly values: Record<string, unknown> = {};
  #count = 0;

  /** The placeholder that stands for `value` in the SQL. */
  add(value: unknown, type = 'String'): string {
    const name = `p${++this.#count}`;
    this.values[name] = value;
    return `{${name}:${type}}`;
  }
}

/** A statement with its values. */
export interface Statement {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}
