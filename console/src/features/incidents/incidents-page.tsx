import { Button, SegmentedControl, Select } from '@mantine/core';
import { IconFlame, IconSearchOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { IncidentList, IncidentSummary } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { useSearchState } from '../../app/search-state.ts';
import { capital, SeverityBadge } from '../../components/badges.tsx';
import { FilterChip } from '../../components/filter-chip.tsx';
import { Page } from '../../components/page.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatSeconds } from '../../format/number.ts';
import { IncidentStatus } from './incident-status.tsx';
import { IncidentTabs } from './incident-tabs.tsx';

interface IncidentFilters {
  status?: string | undefined;
  severity?: string | undefined;
  service?: string | undefined;
  assignee?: string | undefined;
  search?: string | undefined;
}

const NO_FILTERS = {
  status: undefined,
  severity: undefined,
  service: undefined,
  assignee: undefined,
  search: undefined,
};

/** Alerts that belong together, and who deals with them. */
export function IncidentsPage() {
  const [filters, change] = useSearchState<IncidentFilters>();
  const { status, severity, service, assignee, search } = filters;
  const { userId } = useCurrentUser();
  const { query, first, items } = usePages<IncidentSummary, IncidentList>('api/incidents', {
    status,
    severity,
    service,
    assignee,
    search,
    limit: 100,
  });
  const find = useCallback((text: string) => change({ search: text.trim() }, true), [change]);
  const filtered = Boolean(status || severity || service || assignee || search);
  const counts = first?.counts;
  return (
    <Page
      title="Incidents"
      note={counts ? `${counts.open} open, ${counts.acknowledged} acknowledged` : null}
      actions={
        assignee === userId ? null : (
          <Button variant="default" onClick={() => change({ assignee: userId })}>
            Assigned to me
          </Button>
        )
      }
    >
      <IncidentTabs />
      <div className={surface.bar}>
        <SearchField label="Search incidents" placeholder="Title" value={search ?? ''} onSearch={find} />
        <SegmentedControl
          aria-label="Status"
          value={status ?? ''}
          onChange={(value) => change({ status: value })}
          data={[
            { value: '', label: 'All' },
            { value: 'open', label: 'Open' },
            { value: 'acknowledged', label: 'Acknowledged' },
            { value: 'resolved', label: 'Resolved' },
          ]}
        />
        <Select
          aria-label="Severity"
          placeholder="All severities"
          size="sm"
          w={150}
          clearable
          data={['info', 'warning', 'error', 'critical'].map((value) => ({ value, label: capital(value) }))}
          value={severity ?? null}
          onChange={(value) => change({ severity: value ?? undefined })}
        />
        {service ? <FilterChip name="service" value={service} onRemove={() => change({ service: undefined })} /> : null}
        {assignee ? (
          <FilterChip name="assigned to" value={assignee} onRemove={() => change({ assignee: undefined })} />
        ) : null}
      </div>
      <div className={surface.surface}>
        {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
        {!items && !query.error ? <LoadingRows rows={8} /> : null}
        {items?.length === 0 ? <Nothing filtered={filtered} onClear={() => change(NO_FILTERS)} /> : null}
        {items && items.length > 0 ? (
          <IncidentTable incidents={items} onService={(name) => change({ service: name })} />
        ) : null}
        {query.hasNextPage ? (
          <div className={surface.more}>
            <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Load older incidents
            </Button>
          </div>
        ) : null}
      </div>
    </Page>
  );
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (!filtered) {
    return (
      <EmptyState icon={IconFlame} title="No incidents yet">
        Every alert that fires belongs to an incident: alerts of one service, of services that depend on each other, or
        that a correlation rule joins, are one.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={IconSearchOff}
      title="No incident matches"
      action={
        <Button variant="default" onClick={onClear}>
          Remove all filters
        </Button>
      }
    />
  );
}

function IncidentTable({
  incidents,
  onService,
}: {
  incidents: readonly IncidentSummary[];
  onService: (service: string) => void;
}) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Incident</th>
          <th scope="col">Severity</th>
          <th scope="col" className={table.minor}>
            Services
          </th>
          <th scope="col" className={table.number}>
            Alerts
          </th>
          <th scope="col">Opened</th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Lasted
          </th>
          <th scope="col" className={table.minor}>
            Assigned to
          </th>
        </tr>
      </thead>
      <tbody>
        {incidents.map((incident) => (
          <tr key={incident.id}>
            <td className={table.tight}>
              <IncidentStatus incident={incident} />
            </td>
            <th scope="row" className={table.wide}>
              <Link to="/incidents/$incidentId" params={{ incidentId: incident.id }}>
                {incident.title}
              </Link>
              {incident.acknowledged_by ? (
                <div className={table.detail}>in the hands of {incident.acknowledged_by}</div>
              ) : null}
            </th>
            <td className={table.tight}>
              <SeverityBadge severity={incident.severity} soft={false} />
            </td>
            <td className={`${table.tight} ${table.minor}`}>
              {incident.services.slice(0, 3).map((service, index) => (
                <span key={service}>
                  {index > 0 ? ', ' : ''}
                  <button type="button" className={table.choose} onClick={() => onService(service)}>
                    {service}
                  </button>
                </span>
              ))}
              {incident.services.length > 3 ? ` and ${incident.services.length - 3} more` : null}
            </td>
            <td className={table.number}>
              {incident.firing_count > 0 ? `${incident.firing_count} of ${incident.alert_count}` : incident.alert_count}
            </td>
            <td className={`${table.tight} muted`}>
              <RelativeTime time={incident.opened_at} />
            </td>
            <td className={`${table.number} ${table.minor}`}>{formatSeconds(incident.duration_seconds)}</td>
            <td className={`${table.tight} ${table.minor}`}>
              {incident.assignee ?? <span className="faint">nobody</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
