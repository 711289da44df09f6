import type { StoredRule } from '../../stores/control/index.ts';
import type { AlertRule } from './alert-rule.ts';

/** A rule as a row; what people search by has columns of its own. */
export function toStored(rule: AlertRule): StoredRule {
  const { id, version, createdAt, updatedAt, ...definition } = rule;
  return {
    id,
    version,
    name: rule.name,
    severity: rule.severity,
    service: rule.service ?? '',
    enabled: rule.enabled ? 1 : 0,
    definition: JSON.stringify(definition),
    created_at: createdAt,
    updated_at: updatedAt,
    deleted_at: null,
  };
}

export function fromStored(row: StoredRule): AlertRule {
  return {
    ...(JSON.parse(row.definition) as Omit<AlertRule, 'id' | 'version' | 'createdAt' | 'updatedAt'>),
    id: row.id,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
