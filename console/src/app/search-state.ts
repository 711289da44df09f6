import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/**
 * The filters of a page, which live in its address. Setting one to undefined (or an empty text) removes it.
 * `replace` keeps typing out of the browser's history.
 */
export function useSearchState<State extends object>(): [State, (change: Partial<State>, replace?: boolean) => void] {
  const search: object = useSearch({ strict: false });
  const state = search as State;
  const navigate = useNavigate();
  const change = useCallback(
    (values: Partial<State>, replace = false) => {
      const merge = (before: object) => ({ ...before, ...values });
      void navigate({ to: '.', search: merge as never, replace });
    },
    [navigate],
  );
  return [state, change];
}
