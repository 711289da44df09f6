import type { SelectQueryBuilder } from 'kysely';
import type { ControlStore } from './control-store.ts';

/**
 * For claiming work by several processes: `query.$call(skipLocked(store.kind))` passes over rows that another
 * transaction is just claiming (PostgreSQL); SQLite has one writer, so there is nothing to pass over. Select the ids in
 * a CTE and update by it, so that the selection runs exactly once:
 * `db.with('picked', (q) => q.selectFrom(...).limit(n).$call(skipLocked(kind))).updateTable(...).where('id', 'in', ...)`.
 */
export function skipLocked(kind: ControlStore['kind']) {
  return <Db, Table extends keyof Db, Row>(
    query: SelectQueryBuilder<Db, Table, Row>,
  ): SelectQueryBuilder<Db, Table, Row> => (kind === 'postgres' ? query.forUpdate().skipLocked() : query);
}
