import type { AlertForm } from '../rules/alert-rule.ts';
import { absence } from './absence/absence.ts';
import type { AbsenceCondition } from './absence/condition.ts';
import { composite } from './composite/composite.ts';
import type { CompositeCondition } from './composite/condition.ts';
import { type ExternalCondition, external } from './external/external.ts';
import { type LogsCondition, logs } from './logs/logs.ts';
import { type ManualCondition, manual } from './manual/manual.ts';
import { type PromqlCondition, promql } from './promql/promql.ts';
import { type RedCondition, red } from './red/red.ts';
import type { RuleKind } from './rule-kind.ts';
import { type SqlCondition, sql } from './sql/sql.ts';

export type Condition =
  | AbsenceCondition
  | CompositeCondition
  | RedCondition
  | LogsCondition
  | SqlCondition
  | ManualCondition
  | ExternalCondition
  | PromqlCondition;

type Kinds = { readonly [Name in Condition['kind']]: RuleKind<Extract<Condition, { kind: Name }>> };

/** Every kind of rule; a form is of the first that claims it. */
const KINDS: Kinds = { absence, alerts: composite, red, logs, sql, manual, external, promql };

/** The kind of a condition; it understands that condition. */
export function kindOf(condition: Pick<Condition, 'kind'>): RuleKind<Condition> {
  return KINDS[condition.kind] as unknown as RuleKind<Condition>;
}

export function kindOfForm(form: AlertForm): RuleKind<Condition> {
  return Object.values(KINDS as unknown as Record<string, RuleKind<Condition>>).find((kind) => kind.claims(form))!;
}

/** What a condition watches, in a line. */
export function describeCondition(condition: Condition): string {
  return kindOf(condition).describe(condition);
}

/** PromQL that gives what fires; `undefined` where no PromQL decides. */
export function expressionOf(condition: Condition): string | undefined {
  return kindOf(condition).expression?.(condition);
}
