import { Select } from '@mantine/core';
import type { EscalationPolicy, Page } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';

interface EscalationSelectProps {
  /** Id of a policy; empty: none. */
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** Who is told one after the other until somebody acknowledges; nothing where there are no policies. */
export function EscalationSelect({ value, error, onChange }: EscalationSelectProps) {
  const { data } = useLiveQuery<Page<EscalationPolicy>>('api/escalation-policies', { limit: 1000 });
  const policies = data?.items ?? [];
  if (policies.length === 0 && value === '') return null;
  return (
    <Select
      label="Escalation policy"
      placeholder="None"
      clearable
      data={policies.map(({ id, name }) => ({ value: id, label: name }))}
      value={value === '' ? null : value}
      error={error}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  );
}
