/** Who wants to hear of changes of which tables. */
export class TableWatch {
  readonly #listeners = new Map<() => void, ReadonlySet<string>>();

  /** Returns how to end that. */
  add(tables: readonly string[], listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.set(own, new Set(tables));
    return () => this.#listeners.delete(own);
  }

  tell(changed: ReadonlySet<string>): void {
    for (const [listener, tables] of this.#listeners) if (!tables.isDisjointFrom(changed)) listener();
  }
}
