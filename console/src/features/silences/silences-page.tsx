import { Button, Menu, SegmentedControl } from '@mantine/core';
import { IconBellOff, IconClockPlus, IconPencil, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { put, remove } from '../../api-client/http.ts';
import type { Silence } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Badge, capital, type Tone } from '../../components/badges.tsx';
import { Page } from '../../components/page.tsx';
import { PagedList } from '../../components/paged-list.tsx';
import { EmptyState } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { Moment } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';
import { formatMoment } from '../../format/time.ts';
import { AlertTabs } from '../alerts/alert-tabs.tsx';
import { SilenceForm } from './silence-form.tsx';

const STATES = [
  { value: '', label: 'Current' },
  { value: 'active', label: 'Active' },
  { value: 'pending', label: 'Pending' },
  { value: 'expired', label: 'Expired' },
];

const NEW = 'new';
const EXTENSIONS = [
  { ms: 3_600_000, label: '1 hour more' },
  { ms: 4 * 3_600_000, label: '4 hours more' },
  { ms: 86_400_000, label: '1 day more' },
];

/** What nobody is told of for a time, and why. */
export function SilencesPage() {
  const [{ state }, change] = useSearchState<{ state?: string | undefined }>();
  const [edited, setEdited] = useState<Silence | typeof NEW>();
  const pages = usePages<Silence>('api/silences', { state, limit: 100 });
  const add = (
    <Button leftSection={<IconPlus size={14} aria-hidden="true" />} onClick={() => setEdited(NEW)}>
      New silence
    </Button>
  );
  return (
    <Page title="Silences" actions={edited ? undefined : add}>
      <AlertTabs />
      {edited ? (
        <SilenceForm
          key={edited === NEW ? NEW : edited.id}
          silence={edited === NEW ? undefined : edited}
          onDone={() => setEdited(undefined)}
        />
      ) : null}
      <div className={surface.bar}>
        <SegmentedControl
          aria-label="State"
          value={state ?? ''}
          onChange={(value) => change({ state: value })}
          data={STATES}
        />
      </div>
      <PagedList
        pages={pages}
        rows={4}
        more="Load older silences"
        empty={
          <EmptyState icon={IconBellOff} title="Nothing is silenced">
            While a silence lasts, nobody is told of the alerts that match it. They still fire, and are told of when it
            is over.
          </EmptyState>
        }
      >
        {(items) => <SilenceTable silences={items} onEdit={setEdited} />}
      </PagedList>
    </Page>
  );
}

interface SilenceTableProps {
  silences: readonly Silence[];
  onEdit: (silence: Silence) => void;
}

function SilenceTable({ silences, onEdit }: SilenceTableProps) {
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
          <SilenceRow key={silence.id} silence={silence} onEdit={() => onEdit(silence)} />
        ))}
      </tbody>
    </table>
  );
}

const TONES: Record<Silence['state'], Tone> = { active: 'accent', pending: 'info', expired: 'unknown' };

function SilenceRow({ silence, onEdit }: { silence: Silence; onEdit: () => void }) {
  const client = useQueryClient();
  const toast = useToast();
  const renew = () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'api/silences' });
  const extend = useMutation({
    mutationFn: (ms: number) => {
      const ends_at = new Date(Date.parse(silence.ends_at) + ms).toISOString();
      return put<Silence>(`api/silences/${silence.id}`, { ends_at });
    },
    onSuccess: ({ ends_at }) =>
      toast({ title: 'Silence extended', text: `until ${formatMoment(ends_at)}`, tone: 'ok' }),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: renew,
  });
  const expire = useMutation({
    mutationFn: () => remove(`api/silences/${silence.id}`),
    onSuccess: () => toast({ title: 'Silence ended', text: silence.comment, tone: 'ok' }),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: renew,
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
        <Moment time={silence.ends_at} />
      </td>
      <td className={table.tight}>
        {silence.state === 'expired' ? null : (
          <Button.Group>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button
                  size="compact-xs"
                  variant="default"
                  loading={extend.isPending}
                  leftSection={<IconClockPlus size={13} aria-hidden="true" />}
                  aria-label={`Extend: ${silence.matcher_text}`}
                >
                  Extend
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {EXTENSIONS.map(({ ms, label }) => (
                  <Menu.Item key={ms} onClick={() => extend.mutate(ms)}>
                    {label}
                  </Menu.Item>
                ))}
                <Menu.Item leftSection={<IconPencil size={13} aria-hidden="true" />} onClick={onEdit}>
                  Edit
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
            <Button
              size="compact-xs"
              variant="default"
              loading={expire.isPending}
              aria-label={`End now: ${silence.matcher_text}`}
              onClick={() => expire.mutate()}
            >
              End now
            </Button>
          </Button.Group>
        )}
      </td>
    </tr>
  );
}
