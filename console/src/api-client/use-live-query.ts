import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useRefresh } from '../time/refresh.tsx';
import { isLive, type TimeRange } from '../time/time-range.ts';
import { get, type Parameters } from './http.ts';

interface LiveQuery {
  /** Asked anew at the pace that the reader chose, as long as the range moves with the clock. */
  range?: TimeRange | undefined;
  enabled?: boolean;
  /** Keep showing the answer before while another is fetched. */
  keep?: boolean;
}

/** A GET that renews itself. `range` becomes `start` and `end`. */
export function useLiveQuery<Answer>(
  path: string,
  parameters: Parameters = {},
  options: LiveQuery = {},
): UseQueryResult<Answer> {
  const { seconds } = useRefresh();
  const { range, enabled = true, keep = true } = options;
  const all = range ? { ...parameters, start: range.start, end: range.end } : parameters;
  const live = seconds > 0 && (range === undefined || isLive(range));
  return useQuery({
    queryKey: [path, all],
    queryFn: ({ signal }) => get<Answer>(path, all, signal),
    refetchInterval: live ? seconds * 1000 : false,
    enabled,
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}
