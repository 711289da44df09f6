import { useQueryClient } from '@tanstack/react-query';

/** Asks anew for everything that shows schedules. */
export function useOnCallRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('api/on-call') });
}
