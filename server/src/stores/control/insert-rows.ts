import { type Compilable, CompiledQuery } from 'kysely';
import type { Executor } from './control-store.ts';

/** Rows of one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 100;

const MOST_KNOWN = 256;

/** Texts of statements, by database. */
const KNOWN = new WeakMap<object, Map<string, string>>();

/**
 * Runs a statement that inserts rows, all with the same columns and nothing but their values as parameters. Its text is
 * worked out once for each `name` (one for each call site), number of rows and set of columns: for rows of many columns
 * that takes as long as the database needs to store them. Columns that are null in all rows are left out: they must
 * have no default.
 */
export async function insertRows<Row extends object>(
  db: Executor,
  name: string,
  rows: readonly Row[],
  statement: (batch: readonly Row[]) => Compilable,
): Promise<void> {
  const known = knownOf(db);
  let from = 0;
  while (from < rows.length) {
    const batch = rows.slice(from, from + sizeOfNext(rows.length - from));
    from += batch.length;
    const columns = filledColumns(batch);
    const key = `${name}:${batch.length}:${columns.join()}`;
    let sql = known.get(key);
    if (sql === undefined) {
      sql = statement(batch.map((row) => only(row, columns))).compile().sql;
      if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value!);
      known.set(key, sql);
    }
    await db.executeQuery({ ...CompiledQuery.raw(sql), parameters: parametersOf(batch, columns) });
  }
}

/** Few different sizes, so that their statements are known. */
function sizeOfNext(left: number): number {
  return left >= BATCH ? BATCH : 2 ** Math.floor(Math.log2(left));
}

function filledColumns<Row extends object>(batch: readonly Row[]): (keyof Row)[] {
  const columns = Object.keys(batch[0]!) as (keyof Row)[];
  return columns.filter((column) => isFilled(batch, column));
}

function isFilled<Row extends object>(batch: readonly Row[], column: keyof Row): boolean {
  for (let index = 0; index < batch.length; index++) if (batch[index]![column] !== null) return true;
  return false;
}

/** By indexes: iterators of that many values would be a tenth of what an alert that comes in leaves to be collected. */
function parametersOf<Row extends object>(batch: readonly Row[], columns: readonly (keyof Row)[]): unknown[] {
  const parameters: unknown[] = new Array(batch.length * columns.length);
  let at = 0;
  for (let index = 0; index < batch.length; index++) {
    const row = batch[index]!;
    for (let column = 0; column < columns.length; column++) parameters[at++] = row[columns[column]!];
  }
  return parameters;
}

function only<Row extends object>(row: Row, columns: readonly (keyof Row)[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column]])) as Row;
}

function knownOf(db: Executor): Map<string, string> {
  const { adapter } = db.getExecutor();
  const known = KNOWN.get(adapter) ?? new Map<string, string>();
  KNOWN.set(adapter, known);
  return known;
}
