import type { Executor } from './control-store.ts';
import type { AlertIdempotencyKeysTable, AlertRulesTable } from './schema/alerts.ts';

export type StoredRule = AlertRulesTable;

/** Every rule that was not deleted. */
export function listRules(db: Executor): Promise<StoredRule[]> {
  return db.selectFrom('alert_rules').selectAll().where('deleted_at', 'is', null).orderBy('id').execute();
}

/** Adds a rule and its first version. */
export async function insertRule(db: Executor, rule: StoredRule, by: string): Promise<void> {
  await db.insertInto('alert_rules').values(rule).execute();
  await insertVersion(db, rule, by);
}

/** Stores the next version of a rule. False where `rule.version - 1` is not the stored version, or the rule is gone. */
export async function updateRule(db: Executor, rule: StoredRule, by: string): Promise<boolean> {
  const { id, created_at: _, ...changed } = rule;
  const result = await db
    .updateTable('alert_rules')
    .set(changed)
    .where('id', '=', id)
    .where('version', '=', rule.version - 1)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (result.numUpdatedRows === 0n) return false;
  await insertVersion(db, rule, by);
  return true;
}

async function insertVersion(db: Executor, rule: StoredRule, by: string): Promise<void> {
  const { id, version, definition, updated_at } = rule;
  await db
    .insertInto('alert_rule_versions')
    .values({ rule_id: id, version, definition, changed_at: updated_at, changed_by: by })
    .execute();
}

/** Newest first, at most a thousand. */
export function listRuleVersions(db: Executor, ruleId: string) {
  return db
    .selectFrom('alert_rule_versions')
    .selectAll()
    .where('rule_id', '=', ruleId)
    .orderBy('version', 'desc')
    .limit(1000)
    .execute();
}

/** Takes a rule out of use; its history stays. */
export async function markRuleDeleted(db: Executor, id: string, at: number): Promise<void> {
  await db.updateTable('alert_rules').set({ deleted_at: at, enabled: 0 }).where('id', '=', id).execute();
}

/** Removes rules that were deleted before `time` and have left no history. */
export async function deleteForgottenRules(db: Executor, time: number): Promise<void> {
  const forgotten = await db
    .selectFrom('alert_rules')
    .select('id')
    .where('deleted_at', '<', time)
    .where((is) =>
      is.not(is.exists(is.selectFrom('alert_episodes').select('id').whereRef('rule_id', '=', 'alert_rules.id'))),
    )
    .limit(1000)
    .execute();
  if (forgotten.length === 0) return;
  const ids = forgotten.map(({ id }) => id);
  await db.deleteFrom('alert_rule_versions').where('rule_id', 'in', ids).execute();
  await db.deleteFrom('alert_rules').where('id', 'in', ids).execute();
}

/** True where this call is the first with the key: the caller goes on; else `findIdempotencyKey` tells what came of it. */
export async function claimIdempotencyKey(db: Executor, entry: AlertIdempotencyKeysTable): Promise<boolean> {
  const result = await db
    .insertInto('alert_idempotency_keys')
    .values(entry)
    .onConflict((conflict) => conflict.column('key').doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export function findIdempotencyKey(db: Executor, key: string): Promise<AlertIdempotencyKeysTable | undefined> {
  return db.selectFrom('alert_idempotency_keys').selectAll().where('key', '=', key).executeTakeFirst();
}

export async function deleteIdempotencyKeysBefore(db: Executor, time: number): Promise<void> {
  await db.deleteFrom('alert_idempotency_keys').where('created_at', '<', time).execute();
}
