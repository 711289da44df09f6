import { useQuery } from '@tanstack/react-query';
import { get } from './http.ts';

/** Whether this service offers a path: read from its own description, so that nothing is asked in vain. */
export function useCapability(path: string): boolean {
  const { data } = useQuery({
    queryKey: ['openapi.json'],
    queryFn: ({ signal }) => get<{ paths?: Record<string, unknown> }>('openapi.json', {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return data?.paths?.[path] !== undefined;
}
