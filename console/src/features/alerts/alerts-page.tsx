import { Button, Checkbox, SegmentedControl, Select, Switch } from '@mantine/core';
import { IconSearchOff, IconShieldCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import type { Alert } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useSearchState } from '../../app/search-state.ts';
import { AlertStateBadge, capital, SeverityBadge } from '../../components/badges.tsx';
import { EXAMPLES } from '../../components/example-commands.ts';
import { Page } from '../../components/page.tsx';
import { PagedList } from '../../components/paged-list.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { EmptyState } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { AlertTabs, NewAlertButton } from './alert-tabs.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { describeCondition, describeSubject, formatAlertValue, shownSeverity, shownState } from './condition.ts';
import { mostUrgentFirst } from './most-urgent-first.ts';
import { useAlertActions } from './use-alert-actions.ts';

interface AlertFilters {
  state?: string | undefined;
  severity?: string | undefined;
  search?: string | undefined;
}

const STATES = [
  { value: '', label: 'All' },
  { value: 'firing', label: 'Firing' },
  { value: 'pending', label: 'Pending' },
  { value: 'inactive', label: 'OK' },
];

/** Every alert and its state. */
export function AlertsPage() {
  const [{ state, severity, search }, change] = useSearchState<AlertFilters>();
  const pages = usePages<Alert>('api/alerts', { state, severity, search, limit: 200 });
  const { items } = pages;
  const find = useCallback((text: string) => change({ search: text.trim() }, true), [change]);
  const filtered = Boolean(state || severity || search);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // What a filter has taken out of sight is not acted on.
  const ids = (items ?? []).map(({ id }) => id).filter((id) => chosen.has(id));
  return (
    <Page title="Alerts" actions={<NewAlertButton />}>
      <AlertTabs />
      <div className={surface.bar}>
        <SearchField label="Search alerts" placeholder="Name or description" value={search ?? ''} onSearch={find} />
        <SegmentedControl
          aria-label="State"
          value={state ?? ''}
          onChange={(value) => change({ state: value })}
          data={STATES}
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
      </div>
      {ids.length > 0 ? <BulkBar ids={ids} onDone={() => setChosen(new Set())} /> : null}
      <PagedList
        pages={pages}
        rows={8}
        more="Load more alerts"
        empty={
          filtered ? (
            <EmptyState
              icon={IconSearchOff}
              title="No alert matches"
              action={
                <Button
                  variant="default"
                  onClick={() => change({ state: undefined, severity: undefined, search: undefined })}
                >
                  Remove all filters
                </Button>
              }
            />
          ) : (
            <EmptyState
              icon={IconShieldCheck}
              title="No alerts yet"
              action={<NewAlertButton />}
              snippet={EXAMPLES.alert()}
            >
              An alert watches a figure and tells people when it leaves its bounds: by mail, webhook, and at the bell
              above.
            </EmptyState>
          )
        }
      >
        {(items) => <AlertTable alerts={mostUrgentFirst(items)} chosen={chosen} onChoose={setChosen} />}
      </PagedList>
    </Page>
  );
}

interface AlertTableProps {
  alerts: readonly Alert[];
  /** Ids. */
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

function AlertTable({ alerts, chosen, onChoose }: AlertTableProps) {
  const all = alerts.every(({ id }) => chosen.has(id));
  const choose = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">
            <Checkbox
              size="xs"
              aria-label="Choose all alerts"
              checked={all}
              indeterminate={!all && alerts.some(({ id }) => chosen.has(id))}
              onChange={() => onChoose(new Set(all ? [] : alerts.map(({ id }) => id)))}
            />
          </th>
          <th scope="col">State</th>
          <th scope="col">Alert</th>
          <th scope="col">Severity</th>
          <th scope="col" className={table.minor}>
            Condition
          </th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Value
          </th>
          <th scope="col" className={table.minor}>
            Evaluated
          </th>
          <th scope="col">Enabled</th>
        </tr>
      </thead>
      <tbody>
        {alerts.map((alert) => (
          <AlertRow key={alert.id} alert={alert} isChosen={chosen.has(alert.id)} onChoose={() => choose(alert.id)} />
        ))}
      </tbody>
    </table>
  );
}

interface AlertRowProps {
  alert: Alert;
  isChosen: boolean;
  onChoose: () => void;
}

function AlertRow({ alert, isChosen, onChoose }: AlertRowProps) {
  const { enable } = useAlertActions(alert);
  const worst = alert.instances[0];
  const state = shownState(alert);
  return (
    <tr>
      <td className={table.tight}>
        <Checkbox size="xs" aria-label={`Choose ${alert.name}`} checked={isChosen} onChange={onChoose} />
      </td>
      <td className={table.tight}>
        <AlertStateBadge state={state} />
      </td>
      <th scope="row" className={table.wide}>
        <Link to="/alerts/$alertId" params={{ alertId: alert.id }}>
          {alert.name}
        </Link>
        <div className={table.detail}>
          {alert.health === 'error' ? <span style={{ color: 'var(--error)' }}>{alert.last_error} · </span> : null}
          {alert.health === 'no_data' ? 'No data yet · ' : null}
          {alert.service ? `${alert.service} · ` : null}
          <span className="mono">{describeSubject(alert)}</span>
        </div>
      </th>
      <td className={table.tight}>
        <SeverityBadge severity={shownSeverity(alert)} soft={false} />
      </td>
      <td className={`${table.tight} ${table.minor}`}>{describeCondition(alert)}</td>
      <td className={`${table.number} ${table.minor}`}>{formatAlertValue(alert, worst?.value)}</td>
      <td className={`${table.tight} ${table.minor} muted`}>
        <RelativeTime time={alert.last_evaluated_at} />
      </td>
      <td className={table.tight}>
        {state === 'ended' ? null : (
          <Switch
            size="xs"
            aria-label={`${alert.name} enabled`}
            checked={alert.enabled}
            disabled={enable.isPending}
            onChange={(event) => enable.mutate(event.currentTarget.checked)}
          />
        )}
      </td>
    </tr>
  );
}
