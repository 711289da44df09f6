import type { Executor } from './control-store.ts';
import type { RuleFilesTable } from './schema/alerts.ts';

export type StoredRuleFile = RuleFilesTable;

export function listRuleFiles(db: Executor): Promise<StoredRuleFile[]> {
  return db.selectFrom('rule_files').selectAll().orderBy('name').execute();
}

/** Adds a file or replaces what is stored of it. */
export async function saveRuleFile(db: Executor, file: StoredRuleFile): Promise<void> {
  const { name: _, ...changed } = file;
  await db
    .insertInto('rule_files')
    .values(file)
    .onConflict((conflict) => conflict.column('name').doUpdateSet(changed))
    .execute();
}

/** False where there is no such file. */
export async function deleteRuleFile(db: Executor, name: string): Promise<boolean> {
  const result = await db.deleteFrom('rule_files').where('name', '=', name).executeTakeFirst();
  return result.numDeletedRows > 0n;
}
