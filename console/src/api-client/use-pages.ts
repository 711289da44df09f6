import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useRefresh } from '../time/refresh.tsx';
import { isLive, type TimeRange } from '../time/time-range.ts';
import { get, type Parameters } from './http.ts';
import type { Page } from './types.ts';

/** A list page by page. It renews itself only while the first page is all that is shown. */
export function usePages<Item, Answer extends Page<Item> = Page<Item>>(
  path: string,
  parameters: Parameters,
  range?: TimeRange,
) {
  const { seconds } = useRefresh();
  const all = range ? { ...parameters, start: range.start, end: range.end } : parameters;
  const live = seconds > 0 && (range === undefined || isLive(range));
  const query = useInfiniteQuery({
    queryKey: [path, all, 'pages'],
    queryFn: ({ signal, pageParam }) => get<Answer>(path, { ...all, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: (state) => (live && (state.state.data?.pages.length ?? 0) <= 1 ? seconds * 1000 : false),
    placeholderData: keepPreviousData,
  });
  return { query, first: query.data?.pages[0], items: query.data?.pages.flatMap((page) => page.items) };
}
