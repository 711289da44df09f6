import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { usePages } from '../api-client/use-pages.ts';
import { Sideways } from './sideways.tsx';
import { ErrorState, LoadingRows } from './states.tsx';
import surface from './surface.module.css';

interface PagedListProps<Item> {
  pages: Pick<ReturnType<typeof usePages<Item>>, 'query' | 'items'>;
  /** Of the placeholder while the first page is fetched. */
  rows?: number;
  empty: ReactNode;
  /** On the button for the next page. */
  more: string;
  children: (items: Item[]) => ReactNode;
}

/** A list that is fetched page by page, in its states: loading, failed, empty, there, with more to come. */
export function PagedList<Item>({ pages, rows = 8, empty, more, children }: PagedListProps<Item>) {
  const { query, items } = pages;
  return (
    <Sideways className={surface.surface}>
      {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {!items && !query.error ? <LoadingRows rows={rows} /> : null}
      {items?.length === 0 ? empty : null}
      {items && items.length > 0 ? children(items) : null}
      {query.hasNextPage ? (
        <div className={surface.more}>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {more}
          </Button>
        </div>
      ) : null}
    </Sideways>
  );
}
