import { sql } from 'kysely';
import type { Executor } from './control-store.ts';
import type { AnnotationsTable } from './schema/annotations.ts';

export type StoredAnnotation = AnnotationsTable;

export interface AnnotationFilter {
  /** Those that lie in `start <= t < end` at least in part; Unix milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly kinds?: readonly string[] | undefined;
  /** About one of these services; with an empty one among them also what is about none in particular. */
  readonly services?: readonly string[] | undefined;
  /** About this environment or about every one. */
  readonly environment?: string | undefined;
  /** All of them. */
  readonly tags?: readonly string[] | undefined;
  /** Only what comes after this one in the list. */
  readonly after?: { readonly at: number; readonly id: string } | undefined;
  readonly limit: number;
}

export interface DeployFilter {
  readonly service: string;
  /** Empty for every one. */
  readonly environment: string;
  readonly version: string;
  readonly createdBy: string;
  readonly start: number;
  readonly end: number;
}

/** Newest first, by their beginning. */
export function listAnnotations(db: Executor, filter: AnnotationFilter): Promise<StoredAnnotation[]> {
  const { start, end, kinds, services, environment, tags, after, limit } = filter;
  let query = db
    .selectFrom('annotations')
    .selectAll()
    .where('at', '<', end)
    .where((is) => is.or([is('at', '>=', start), is('until', '>=', start)]));
  if (kinds !== undefined) query = query.where('kind', 'in', kinds);
  if (services !== undefined) query = query.where('service', 'in', services);
  if (environment !== undefined) query = query.where('environment', 'in', [environment, '']);
  for (const tag of tags ?? []) query = query.where(holds(tag));
  if (after !== undefined) {
    query = query.where((is) =>
      is.or([is('at', '<', after.at), is.and([is('at', '=', after.at), is('id', '<', after.id)])]),
    );
  }
  return query.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute();
}

export function findAnnotation(db: Executor, id: string): Promise<StoredAnnotation | undefined> {
  return db.selectFrom('annotations').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertAnnotation(db: Executor, row: StoredAnnotation): Promise<void> {
  await db.insertInto('annotations').values(row).execute();
}

export async function updateAnnotation(db: Executor, { id, ...changed }: StoredAnnotation): Promise<void> {
  await db.updateTable('annotations').set(changed).where('id', '=', id).execute();
}

/** False where there is none of this id. */
export async function deleteAnnotation(db: Executor, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('annotations').where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Deletes the deploys of a version that `createdBy` has written and that lie in `start <= t < end`. */
export async function deleteDeploys(
  db: Executor,
  { service, environment, version, createdBy, start, end }: DeployFilter,
): Promise<void> {
  let query = db
    .deleteFrom('annotations')
    .where('kind', '=', 'deploy')
    .where('created_by', '=', createdBy)
    .where('service', '=', service)
    .where('version', '=', version)
    .where('at', '>=', start)
    .where('at', '<', end);
  if (environment !== '') query = query.where('environment', '=', environment);
  await query.execute();
}

/** Deletes those that ended before `time`, at most `limit`; returns how many. */
export async function deleteAnnotationsBefore(db: Executor, time: number, limit: number): Promise<number> {
  const old = await db
    .selectFrom('annotations')
    .select('id')
    .where('at', '<', time)
    .where((is) => is.or([is('until', 'is', null), is('until', '<', time)]))
    .limit(limit)
    .execute();
  const ids = old.map((row) => row.id);
  if (ids.length > 0) await db.deleteFrom('annotations').where('id', 'in', ids).execute();
  return ids.length;
}

/** True for a JSON list with this word in it. Not `like`, which heeds the case in one of the databases only. */
function holds(tag: string) {
  return sql<boolean>`replace(tags, ${JSON.stringify(tag)}, '') <> tags`;
}
