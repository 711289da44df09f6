import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { post } from '../../api-client/http.ts';
import type { AlertTest } from '../../api-client/types.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import { type AlertDraft, bodyOf, missingThreshold } from './alert-draft.ts';
import { describeTest } from './describe-test.ts';

/** How often the alert would have fired over the global range, and whom it would have told. */
export function BacktestLine({ draft }: { draft: AlertDraft }) {
  const [range] = useTimeRange();
  const [body] = useDebouncedValue(JSON.stringify({ ...bodyOf(draft), name: draft.name || 'Preview' }), 600);
  const { data, isError } = useQuery({
    queryKey: ['api/alerts/preview', body, range],
    queryFn: () => {
      const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      return post<AlertTest>('api/alerts/preview', { ...JSON.parse(body), ...range, time_zone });
    },
    enabled: (draft.watch === 'metric' || draft.watch === 'query') && !missingThreshold(draft),
    retry: false,
    staleTime: 30_000,
  });
  // What is wrong with a half-written alert is said when it is saved.
  if (!data || isError) return null;
  return (
    <Text size="sm" role="status" aria-label="Backtest">
      {describeTest(data)}
    </Text>
  );
}
