import { type Executor, listRuleVersions } from '../../stores/control/index.ts';
import type { PreparedRule } from './prepare-rule.ts';

/** What a rule was, from when on, and by whom. */
export interface RuleVersion {
  readonly version: number;
  /** Unix milliseconds. */
  readonly changedAt: number;
  readonly changedBy: string;
  readonly rule: PreparedRule;
}

/** Newest first. */
export async function readVersions(db: Executor, ruleId: string): Promise<RuleVersion[]> {
  const rows = await listRuleVersions(db, ruleId);
  return rows.map(({ version, changed_at: changedAt, changed_by: changedBy, definition }) => ({
    version,
    changedAt,
    changedBy,
    rule: JSON.parse(definition) as PreparedRule,
  }));
}
