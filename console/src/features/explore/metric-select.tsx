import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { MetricsAnswer } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';

interface MetricSelectProps {
  value: string;
  onChange: (metric: string) => void;
  /** A name was chosen, or Enter pressed. */
  onCommit?: (metric: string) => void;
  error?: string | undefined;
  label?: string;
}

/** The name of a metric, found by parts of its name or help. */
export function MetricSelect({ value, onChange, onCommit, error, label = 'Metric' }: MetricSelectProps) {
  const [search] = useDebouncedValue(value, 200);
  const { data } = useLiveQuery<MetricsAnswer>('api/monitoring/metrics', { search, limit: 50 });
  const exact = data?.items.find((item) => item.name === value);
  return (
    <Autocomplete
      size="xs"
      label={label}
      placeholder="host_cpu_usage_percent"
      description={exact ? describe(exact.help, exact.type, exact.series_count) : undefined}
      data={(data?.items ?? []).map((item) => item.name)}
      // The service has searched already, in the help texts as well.
      filter={({ options }) => options}
      maxDropdownHeight={320}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      value={value}
      error={error}
      onChange={onChange}
      {...(onCommit ? { onOptionSubmit: onCommit } : {})}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && exact) onCommit?.(value);
      }}
    />
  );
}

function describe(help: string, type: string, series: number): string {
  return `${help ? `${help} ` : ''}${type}, ${series} series`;
}
