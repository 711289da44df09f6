import type { Executor } from './control-store.ts';
import type { CorrelationRulesTable, ServiceVersionsTable } from './schema/incidents.ts';

export type StoredCorrelationRule = CorrelationRulesTable;
export type StoredServiceVersion = ServiceVersionsTable;

/** A service and one that it calls. */
export interface StoredDependency {
  readonly source: string;
  readonly target: string;
}

const BATCH = 100;

/** Oldest first: the order in which they are tried. */
export function listCorrelationRules(db: Executor): Promise<StoredCorrelationRule[]> {
  return db.selectFrom('correlation_rules').selectAll().orderBy('id').execute();
}

/** Adds a rule or replaces what is stored of it. */
export async function saveCorrelationRule(db: Executor, row: StoredCorrelationRule): Promise<void> {
  const { id: _, created_at: _at, created_by: _by, ...changed } = row;
  await db
    .insertInto('correlation_rules')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute();
}

export async function deleteCorrelationRule(db: Executor, id: string): Promise<void> {
  await db.deleteFrom('correlation_rules').where('id', '=', id).execute();
}

export function listDependencies(db: Executor): Promise<StoredDependency[]> {
  return db
    .selectFrom('service_dependencies')
    .select(['source', 'target'])
    .orderBy('source')
    .orderBy('target')
    .execute();
}

/** Remembers that these were seen at a time, and forgets those that were not seen since `forgetBefore`. */
export async function saveDependencies(
  db: Executor,
  seen: readonly StoredDependency[],
  at: number,
  forgetBefore: number,
): Promise<void> {
  for (let from = 0; from < seen.length; from += BATCH) {
    await db
      .insertInto('service_dependencies')
      .values(seen.slice(from, from + BATCH).map(({ source, target }) => ({ source, target, seen_at: at })))
      .onConflict((conflict) =>
        conflict.columns(['source', 'target']).doUpdateSet((is) => ({ seen_at: is.ref('excluded.seen_at') })),
      )
      .execute();
  }
  await db.deleteFrom('service_dependencies').where('seen_at', '<', forgetBefore).execute();
}

/** Versions of these services. */
export async function listServiceVersions(db: Executor, services: readonly string[]): Promise<StoredServiceVersion[]> {
  const found: StoredServiceVersion[] = [];
  for (let from = 0; from < services.length; from += BATCH) {
    const batch = services.slice(from, from + BATCH);
    found.push(...(await db.selectFrom('service_versions').selectAll().where('service', 'in', batch).execute()));
  }
  return found;
}

/**
 * Takes a version that is new, or was seen last at `before`, as seen at `row.seen_at`. False where another process has
 * done so: of several that find the same deploy, one tells of it.
 */
export async function claimServiceVersion(
  db: Executor,
  row: StoredServiceVersion,
  before: number | undefined,
): Promise<boolean> {
  if (before === undefined) {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('service_versions')
      .values(row)
      .onConflict((conflict) => conflict.columns(['service', 'environment', 'version']).doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }
  const { service, environment, version, seen_at } = row;
  const { numUpdatedRows } = await db
    .updateTable('service_versions')
    .set({ seen_at })
    .where((is) => is.and({ service, environment, version, seen_at: before }))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Remembers when versions were seen last, and forgets those that were not seen since `forgetBefore`. */
export async function saveServiceVersions(
  db: Executor,
  rows: readonly StoredServiceVersion[],
  forgetBefore: number,
): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH) {
    await db
      .insertInto('service_versions')
      .values(rows.slice(from, from + BATCH))
      .onConflict((conflict) =>
        conflict
          .columns(['service', 'environment', 'version'])
          .doUpdateSet((is) => ({ seen_at: is.ref('excluded.seen_at') })),
      )
      .execute();
  }
  await db.deleteFrom('service_versions').where('seen_at', '<', forgetBefore).execute();
}
