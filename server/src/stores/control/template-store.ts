import type { Executor } from './control-store.ts';
import type { NotificationTemplateVersionsTable } from './schema/notification-centre.ts';

export type StoredTemplateVersion = NotificationTemplateVersionsTable;

/** The newest version of every template, those that are deleted too. */
export function listNewestTemplates(db: Executor): Promise<StoredTemplateVersion[]> {
  return db
    .selectFrom('notification_template_versions as newest')
    .selectAll()
    .where(({ eb, selectFrom }) =>
      eb(
        'version',
        '=',
        selectFrom('notification_template_versions as other')
          .select((where) => where.fn.max('other.version').as('version'))
          .whereRef('other.template_id', '=', 'newest.template_id'),
      ),
    )
    .orderBy('template_id')
    .execute();
}

/** Newest first. */
export function listTemplateVersions(db: Executor, templateId: string): Promise<StoredTemplateVersion[]> {
  return db
    .selectFrom('notification_template_versions')
    .selectAll()
    .where('template_id', '=', templateId)
    .orderBy('version', 'desc')
    .execute();
}

/** False where that version is there already; nothing is written then. Of each template the newest `keep` stay. */
export async function insertTemplateVersion(db: Executor, row: StoredTemplateVersion, keep: number): Promise<boolean> {
  const result = await db
    .insertInto('notification_template_versions')
    .values(row)
    .onConflict((conflict) => conflict.columns(['template_id', 'version']).doNothing())
    .executeTakeFirst();
  if ((result.numInsertedOrUpdatedRows ?? 0n) === 0n) return false;
  await db
    .deleteFrom('notification_template_versions')
    .where('template_id', '=', row.template_id)
    .where('version', '<=', row.version - keep)
    .execute();
  return true;
}
