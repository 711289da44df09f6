import { Button, SegmentedControl } from '@mantine/core';
import { IconBellOff, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { remove } from '../../api-client/http.ts';
import type { Silence } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Badge, capital, type Tone } from '../../components/badges.tsx';
import { Page } from '../../components/page.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { useToast } from '../../components/toasts.tsx';
import { formatFull } from '../../format/time.ts';
import { AlertTabs } from '../alerts/alert-tabs.tsx';
import { SilenceForm } from './silence-form.tsx';

const STATES = [
  { value: '', label: 'Current' },
  { value: 'active', label: 'Active' },
  { value: 'pending', label: 'Pending' },
  { value: 'expired', label: 'Expired' },
];

/** What nobody is told of for a time, and why. */
export function SilencesPage() {
  const [{ state }, change] = useSearchState<{ state?: string | undefined }>();
  const [isAdding, setAdding] = useState(false);
  const { query, items } = usePages<Silence>('api/silences', { state, limit: 100 });
  const add = (
    <Button leftSection={<IconPlus size={14} aria-hidden="true" />} onClick={() => setAdding(true)}>
      New silence
    </Button>
  );
  return (
    <Page title="Silences" actions={isAdding ? undefined : add}>
      <AlertTabs />
      {isAdding ? <SilenceForm onDone={() => setAdding(false)} /> : null}
      <div className={surface.bar}>
        <SegmentedControl
          aria-label="State"
          value={state ?? ''}
          onChange={(value) => change({ state: value })}
          data={STATES}
        />
      </div>
      <div className={surface.surface}>
        {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
        {!items && !query.error ? <LoadingRows rows={4} /> : null}
        {items?.length === 0 ? (
          <EmptyState icon={IconBellOff} title="Nothing is silenced">
            While a silence lasts, nobody is told of the alerts that match it. They still fire, and are told of when it
            is over.
          </EmptyState>
        ) : null}
        {items && items.length > 0 ? <SilenceTable silences={items} /> : null}
        {query.hasNextPage ? (
          <div className={surface.more}>
            <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Load older silences
            </Button>
          </div>
        ) : null}
      </div>
    </Page>
  );
}

function SilenceTable({ silences }: { silences: readonly Silence[] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Alerts with</th>
          <th scope="col" className={table.number}>
            Silenced now
          </th>
          <th scope="col" className={table.minor}>
            By
          </th>
          <th scope="col">Until</th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {silences.map((silence) => (
          <SilenceRow key={silence.id} silence={silence} />
        ))}
      </tbody>
    </table>
  );
}

const TONES: Record<Silence['state'], Tone> = { active: 'accent', pending: 'info', expired: 'unknown' };

function SilenceRow({ silence }: { silence: Silence }) {
  const client = useQueryClient();
  const toast = useToast();
  const expire = useMutation({
    mutationFn: () => remove(`api/silences/${silence.id}`),
    onSuccess: () => toast({ title: 'Silence ended', text: silence.comment, tone: 'ok' }),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'api/silences' }),
  });
  return (
    <tr>
      <td className={table.tight}>
        <Badge tone={TONES[silence.state]}>{capital(silence.state)}</Badge>
      </td>
      <th scope="row" className={table.wide}>
        <span className="mono">{silence.matcher_text}</span>
        <div className={table.detail}>{silence.comment}</div>
      </th>
      <td className={table.number}>{silence.alert_count}</td>
      <td className={`${table.tight} ${table.minor}`}>{silence.created_by}</td>
      <td className={table.tight}>
        <time dateTime={silence.ends_at}>{formatFull(silence.ends_at)}</time>
      </td>
      <td className={table.tight}>
        {silence.state === 'expired' ? null : (
          <Button
            size="compact-xs"
            variant="default"
            loading={expire.isPending}
            aria-label={`End now: ${silence.matcher_text}`}
            onClick={() => expire.mutate()}
          >
            End now
          </Button>
        )}
      </td>
    </tr>
  );
}
