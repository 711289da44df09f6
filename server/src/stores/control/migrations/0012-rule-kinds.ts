import { type Kysely, sql } from 'kysely';

interface Row {
  readonly id: string;
  readonly version: number;
  readonly definition: string;
}

/** What a rule without a kind of its own said nothing of. */
const ADDED = {
  queryLanguage: 'promql',
  windowMs: null,
  red: null,
  absence: null,
  onError: 'keep_last',
  missingTolerance: 2,
  seriesNoData: 'resolve',
  seriesNoDataAfterMs: 3_600_000,
};

/** Conditions name their kind, and how a value is compared stands beside it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const rules = await sql<Row>`select id, version, definition from alert_rules`.execute(db);
  for (const { id, definition } of rules.rows) {
    await sql`update alert_rules set definition = ${renewed(definition)} where id = ${id}`.execute(db);
  }
  const versions = await sql<Row>`select rule_id as id, version, definition from alert_rule_versions`.execute(db);
  for (const { id, version, definition } of versions.rows) {
    await sql`update alert_rule_versions set definition = ${renewed(definition)}
      where rule_id = ${id} and version = ${version}`.execute(db);
  }
}

function renewed(definition: string): string {
  const rule = JSON.parse(definition) as { readonly condition: { readonly kind: string } };
  return JSON.stringify({ ...ADDED, ...rule, condition: renewedCondition(rule.condition) });
}

function renewedCondition(condition: { readonly kind: string; readonly [field: string]: unknown }) {
  switch (condition.kind) {
    case 'threshold': {
      const { query, operator, levels, recoveryThreshold } = condition;
      return { kind: 'promql', query, comparison: { operator, levels, recoveryThreshold } };
    }
    case 'presence':
      return { kind: 'promql', query: condition.query, comparison: null };
    default:
      return { ...condition, comparison: null };
  }
}
