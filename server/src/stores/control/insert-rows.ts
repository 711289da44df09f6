import { type Compilable, CompiledQuery } from 'kysely';
import { withoutNul } from './connection/replace-nul.ts';
import type { Executor } from './control-store.ts';

/** Rows of one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 100;

interface KnownStatement {
  readonly sql: string;
  readonly columns: readonly string[];
}

/** By database, then by name and number of rows. */
const KNOWN = new WeakMap<object, Map<string, KnownStatement>>();

/**
 * Runs a statement that inserts rows, all with the same columns and nothing but their values as parameters. Its text is
 * worked out once for each `name` (one for each call site) and number of rows: for rows of many columns that takes as
 * long as the database needs to store them.
 */
export async function insertRows<Row extends object>(
  db: Executor,
  name: string,
  rows: readonly Row[],
  statement: (batch: readonly Row[]) => Compilable,
): Promise<void> {
  const known = knownOf(db);
  for (let from = 0; from < rows.length; from += BATCH) {
    const batch = rows.slice(from, from + BATCH);
    const key = `${name}:${batch.length}`;
    let found = known.get(key);
    if (!found) {
      found = { sql: statement(batch).compile().sql, columns: Object.keys(batch[0]!) };
      known.set(key, found);
    }
    const { sql, columns } = found;
    const parameters: unknown[] = [];
    for (const row of batch) for (const column of columns) parameters.push(withoutNul(row[column as keyof Row]));
    await db.executeQuery({ ...CompiledQuery.raw(sql), parameters });
  }
}

function knownOf(db: Executor): Map<string, KnownStatement> {
  const { adapter } = db.getExecutor();
  const known = KNOWN.get(adapter) ?? new Map<string, KnownStatement>();
  KNOWN.set(adapter, known);
  return known;
}
