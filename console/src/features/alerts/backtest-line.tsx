import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { ApiError, post } from '../../api-client/http.ts';
import type { AlertTest } from '../../api-client/types.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import { type AlertDraft, bodyOf, missingThreshold } from './alert-draft.ts';
import { describeTest } from './describe-test.ts';

/** How often the alert would have fired over the global range, and whom it would have told. */
export function BacktestLine({ draft }: { draft: AlertDraft }) {
  const [range] = useTimeRange();
  const [settled] = useDebouncedValue(draft, 600);
  const body = JSON.stringify({ ...bodyOf(settled), name: settled.name || 'Preview' });
  const { data, error, isError } = useQuery({
    queryKey: ['api/alerts/preview', body, range],
    queryFn: () => {
      const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      return post<AlertTest>('api/alerts/preview', { ...JSON.parse(body), ...range, time_zone });
    },
    enabled: hasHistory(settled) && !missingThreshold(settled),
    retry: false,
    staleTime: 30_000,
  });
  const text = isError ? describeRefusal(error, settled) : data && describeTest(data);
  if (text === undefined) return null;
  return (
    <Text size="sm" role="status" aria-label="Backtest">
      {text}
    </Text>
  );
}

/** Why there is no backtest; nothing where the chart above says what is wrong with the query. */
function describeRefusal(error: Error, { watch }: AlertDraft): string | undefined {
  const faults = error instanceof ApiError ? error.fields : [];
  if (watch === 'query' && faults.length > 0 && faults.every(({ path }) => path === 'query')) return undefined;
  const why = faults.map(({ path, message }) => (path === 'query' ? message : `${path}: ${message}`)).join('; ');
  return `Cannot be tried: ${why || error.message}`;
}

/** Whether enough of the alert is written to be tested. */
function hasHistory({ watch, query, metric, silenceOf }: AlertDraft): boolean {
  if (watch === 'silence') return silenceOf === 'service' || (silenceOf === 'metric' ? metric : query).trim() !== '';
  if (watch === 'manual' || watch === 'words') return false;
  return watch === 'metric' || watch === 'requests' || query.trim() !== '';
}
