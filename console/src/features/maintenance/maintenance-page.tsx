import { Button } from '@mantine/core';
import { IconCalendarRepeat, IconPlus } from '@tabler/icons-react';
import type { MaintenanceWindow } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Badge } from '../../components/badges.tsx';
import { Page } from '../../components/page.tsx';
import { PagedList } from '../../components/paged-list.tsx';
import { describeRecurrence } from '../../components/recurrence.ts';
import { RemoveButton } from '../../components/remove-button.tsx';
import { EmptyState } from '../../components/states.tsx';
import table from '../../components/table.module.css';
import { AlertTabs } from '../alerts/alert-tabs.tsx';
import { MaintenanceForm } from './maintenance-form.tsx';
import { Occurrences } from './occurrences.tsx';

const PATH = 'api/maintenance-windows';
const NEW = 'new';

/** Silences that come again by the clocks of a time zone. */
export function MaintenancePage() {
  const [{ id }, change] = useSearchState<{ id?: string | undefined }>();
  const pages = usePages<MaintenanceWindow>(PATH, { limit: 100 });
  const { items } = pages;
  const chosen = items?.find((window) => window.id === id);
  return (
    <Page
      title="Maintenance"
      note="nobody is told of alerts meanwhile"
      actions={
        id === NEW ? undefined : (
          <Button leftSection={<IconPlus size={14} aria-hidden="true" />} onClick={() => change({ id: NEW })}>
            New window
          </Button>
        )
      }
    >
      <AlertTabs />
      {id === NEW || chosen ? (
        <MaintenanceForm key={id} window={chosen} onDone={() => change({ id: undefined })} />
      ) : null}
      <PagedList
        pages={pages}
        rows={4}
        more="Load older windows"
        empty={
          <EmptyState icon={IconCalendarRepeat} title="No maintenance is planned">
            A window silences alerts at times that are known before: every Sunday night, or once on a day to come.
          </EmptyState>
        }
      >
        {(items) => <WindowTable windows={items} onEdit={(window) => change({ id: window.id })} />}
      </PagedList>
    </Page>
  );
}

interface WindowTableProps {
  windows: readonly MaintenanceWindow[];
  onEdit: (window: MaintenanceWindow) => void;
}

function WindowTable({ windows, onEdit }: WindowTableProps) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Window</th>
          <th scope="col" className={table.minor}>
            When
          </th>
          <th scope="col">Next</th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {windows.map((window) => (
          <tr key={window.id}>
            <td className={table.tight}>
              <StateBadge window={window} />
            </td>
            <th scope="row" className={table.wide}>
              <button type="button" className={table.choose} onClick={() => onEdit(window)}>
                {window.name}
              </button>
              <div className={`${table.detail} mono`}>{window.matcher_text}</div>
            </th>
            <td className={`${table.tight} ${table.minor}`}>
              {describeRecurrence(window.rrule)}, {window.start.slice(11, 16)} for {window.duration}
              <div className={table.detail}>{window.time_zone}</div>
            </td>
            <td className={table.tight}>
              <Occurrences occurrences={window.next_occurrences.slice(0, 2)} zone={window.time_zone} />
            </td>
            <td className={table.tight}>
              <RemoveButton
                path={`${PATH}/${window.id}`}
                label={`Remove: ${window.name}`}
                done={{ title: 'Maintenance removed', text: window.name }}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function StateBadge({ window }: { window: MaintenanceWindow }) {
  if (!window.enabled) return <Badge tone="unknown">Off</Badge>;
  if (window.active) return <Badge tone="accent">Under way</Badge>;
  return window.next_occurrences.length > 0 ? <Badge tone="info">Planned</Badge> : <Badge tone="unknown">Over</Badge>;
}
