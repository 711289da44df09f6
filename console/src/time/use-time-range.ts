import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { DEFAULT_RANGE, resolveInstant, type TimeRange } from './time-range.ts';

/** The global time range; it lives in the address, so that a link shows what its sender saw. */
export function useTimeRange(): [TimeRange, (range: TimeRange) => void] {
  const { start, end } = useSearch({ strict: false }) as Partial<TimeRange>;
  const navigate = useNavigate();
  const range = useMemo(() => readRange(start, end), [start, end]);
  const setRange = useCallback(
    (next: TimeRange) => {
      const search = (before: object) => ({ ...before, ...next, cursor: undefined });
      void navigate({ to: '.', search: search as never });
    },
    [navigate],
  );
  return [range, setRange];
}

function readRange(start: string | undefined, end: string | undefined): TimeRange {
  const valid = (text: string | undefined) => text !== undefined && resolveInstant(text, 0) !== undefined;
  return {
    start: valid(start) ? start! : DEFAULT_RANGE.start,
    end: valid(end) ? end! : DEFAULT_RANGE.end,
  };
}
