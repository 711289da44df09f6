import type { Executor } from './control-store.ts';
import { insertRows } from './insert-rows.ts';
import type {
  AlertGroupsTable,
  GroupMembersTable,
  NotificationEpisodesTable,
  RoutedAlertsTable,
} from './schema/alert-routing.ts';

export type StoredRoutedAlert = RoutedAlertsTable;
export type StoredAlertGroup = AlertGroupsTable;
export type StoredGroupMember = GroupMembersTable;

/** Rows of one statement: SQLite and PostgreSQL bound the number of parameters. */
const BATCH = 100;

async function inBatches<Row>(rows: readonly Row[], write: (batch: readonly Row[]) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < rows.length; from += BATCH) await write(rows.slice(from, from + BATCH));
}

export function listRoutedAlerts(db: Executor): Promise<StoredRoutedAlert[]> {
  return db.selectFrom('routed_alerts').selectAll().orderBy('episode_id').execute();
}

/** Adds alerts, or replaces what is stored of them. */
export function saveRoutedAlerts(db: Executor, rows: readonly StoredRoutedAlert[]): Promise<void> {
  return insertRows(db, 'routed alerts', rows, (batch) =>
    db
      .insertInto('routed_alerts')
      .values(batch)
      .onConflict((conflict) =>
        conflict.column('episode_id').doUpdateSet((is) => ({
          fingerprint: is.ref('excluded.fingerprint'),
          labels: is.ref('excluded.labels'),
          annotations: is.ref('excluded.annotations'),
          severity: is.ref('excluded.severity'),
          starts_at: is.ref('excluded.starts_at'),
          ends_at: is.ref('excluded.ends_at'),
          is_timeout: is.ref('excluded.is_timeout'),
          resolved_at: is.ref('excluded.resolved_at'),
          generator_url: is.ref('excluded.generator_url'),
          direct: is.ref('excluded.direct'),
          details: is.ref('excluded.details'),
          updated_at: is.ref('excluded.updated_at'),
        })),
      ),
  );
}

export function deleteRoutedAlerts(db: Executor, ids: readonly string[]): Promise<void> {
  return inBatches(ids, (batch) => db.deleteFrom('routed_alerts').where('episode_id', 'in', batch).execute());
}

export function listAlertGroups(db: Executor): Promise<StoredAlertGroup[]> {
  return db.selectFrom('alert_groups').selectAll().orderBy('id').execute();
}

export function saveAlertGroups(db: Executor, rows: readonly StoredAlertGroup[]): Promise<void> {
  return insertRows(db, 'alert groups', rows, (batch) =>
    db
      .insertInto('alert_groups')
      .values(batch)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((is) => ({
          thread_id: is.ref('excluded.thread_id'),
          sequence: is.ref('excluded.sequence'),
          last_notified_at: is.ref('excluded.last_notified_at'),
        })),
      ),
  );
}

/** Their members are to be deleted by `deleteGroupMembers`. */
export function deleteAlertGroups(db: Executor, ids: readonly string[]): Promise<void> {
  return inBatches(ids, (batch) => db.deleteFrom('alert_groups').where('id', 'in', batch).execute());
}

export function listGroupMembers(db: Executor): Promise<StoredGroupMember[]> {
  return db.selectFrom('group_members').selectAll().orderBy('episode_id').execute();
}

export function saveGroupMembers(db: Executor, rows: readonly StoredGroupMember[]): Promise<void> {
  return insertRows(db, 'group members', rows, (batch) =>
    db
      .insertInto('group_members')
      .values(batch)
      .onConflict((conflict) =>
        conflict.columns(['episode_id', 'group_id']).doUpdateSet((is) => ({
          sent_at: is.ref('excluded.sent_at'),
          sent_severity: is.ref('excluded.sent_severity'),
          hushed: is.ref('excluded.hushed'),
          suppressed_by: is.ref('excluded.suppressed_by'),
        })),
      ),
  );
}

export function deleteGroupMembers(db: Executor, groupId: string, episodeIds: readonly string[]): Promise<void> {
  return inBatches(episodeIds, (batch) =>
    db.deleteFrom('group_members').where('group_id', '=', groupId).where('episode_id', 'in', batch).execute(),
  );
}

/** Remembers which episodes a notification is about. */
export function linkNotifications(db: Executor, rows: readonly NotificationEpisodesTable[]): Promise<void> {
  return insertRows(db, 'notification episodes', rows, (batch) =>
    db
      .insertInto('notification_episodes')
      .values(batch)
      .onConflict((conflict) => conflict.columns(['episode_id', 'notification_id']).doNothing()),
  );
}
