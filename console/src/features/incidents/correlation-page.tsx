import { Button } from '@mantine/core';
import { IconGitMerge, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { put, remove } from '../../api-client/http.ts';
import type { CorrelationRule, CorrelationRuleList } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Badge } from '../../components/badges.tsx';
import form from '../../components/form.module.css';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import table from '../../components/table.module.css';
import { useToast } from '../../components/toasts.tsx';
import { CorrelationForm } from './correlation-form.tsx';
import { IncidentTabs } from './incident-tabs.tsx';

/** Which alerts are one incident: the rules, and what holds where none matches. */
export function CorrelationPage() {
  const [edited, setEdited] = useState<CorrelationRule | 'new' | undefined>();
  const rules = useLiveQuery<CorrelationRuleList>('api/alerts/correlation-rules', { limit: 200 });
  const add = (
    <Button leftSection={<IconPlus size={14} aria-hidden="true" />} onClick={() => setEdited('new')}>
      New rule
    </Button>
  );
  return (
    <Page title="Correlation" actions={edited ? undefined : add}>
      <IncidentTabs />
      {edited ? (
        <CorrelationForm
          key={edited === 'new' ? 'new' : edited.id}
          rule={edited === 'new' ? undefined : edited}
          onDone={() => setEdited(undefined)}
        />
      ) : null}
      <Panel title="Rules" note="the first that matches an alert decides" flush>
        <Loaded
          query={rules}
          isEmpty={({ items }) => items.length === 0}
          empty={
            <EmptyState icon={IconGitMerge} title="No correlation rules">
              Without rules, alerts of one service, and of services that depend on each other, are one incident. A rule
              joins others: all of one cluster, of one customer, of one rack.
            </EmptyState>
          }
        >
          {({ items }) => <RuleTable rules={items} onEdit={setEdited} />}
        </Loaded>
      </Panel>
      {rules.data ? <Defaults defaults={rules.data.defaults} /> : null}
    </Page>
  );
}

function RuleTable({ rules, onEdit }: { rules: readonly CorrelationRule[]; onEdit: (rule: CorrelationRule) => void }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Rule</th>
          <th scope="col">Same values of</th>
          <th scope="col">Within</th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <RuleRow key={rule.id} rule={rule} onEdit={() => onEdit(rule)} />
        ))}
      </tbody>
    </table>
  );
}

function RuleRow({ rule, onEdit }: { rule: CorrelationRule; onEdit: () => void }) {
  const path = `api/alerts/correlation-rules/${rule.id}`;
  const change = useRuleChange(() => put(path, { enabled: !rule.enabled }));
  const drop = useRuleChange(() => remove(path));
  return (
    <tr>
      <td className={table.tight}>
        <Badge tone={rule.enabled ? 'ok' : 'unknown'}>{rule.enabled ? 'On' : 'Off'}</Badge>
      </td>
      <th scope="row" className={table.wide}>
        {rule.name}
        <div className={table.detail}>
          {rule.matcher_text === '' ? 'every alert that has these labels' : rule.matcher_text}
        </div>
      </th>
      <td className={table.tight}>
        {rule.keys.length === 0 ? <span className="faint">nothing</span> : rule.keys.join(', ')}
      </td>
      <td className={table.tight}>{rule.window}</td>
      <td className={table.tight}>
        {rule.configured ? (
          <span className="muted">from the configuration file</span>
        ) : (
          <div className={form.buttons} style={{ flexWrap: 'nowrap' }}>
            <Button size="compact-xs" variant="default" aria-label={`Edit ${rule.name}`} onClick={onEdit}>
              Edit
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              loading={change.isPending}
              aria-label={`Switch ${rule.name} ${rule.enabled ? 'off' : 'on'}`}
              onClick={() => change.mutate()}
            >
              {rule.enabled ? 'Switch off' : 'Switch on'}
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              loading={drop.isPending}
              aria-label={`Remove ${rule.name}`}
              onClick={() => drop.mutate()}
            >
              Remove
            </Button>
          </div>
        )}
      </td>
    </tr>
  );
}

function useRuleChange(work: () => Promise<unknown>) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: work,
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: ['api/alerts/correlation-rules'] }),
  });
}

function Defaults({ defaults }: { defaults: CorrelationRuleList['defaults'] }) {
  return (
    <Panel title="Where no rule matches" note="set in the configuration file">
      <ol style={{ margin: 0, paddingLeft: 20, display: 'grid', gap: 6 }}>
        <li>Alerts of one service within {defaults.window} of each other are one incident.</li>
        <li>
          An alert within {defaults.topology_window} of one of a service that its own depends on, or that depends on it,
          joins that. Who depends on whom is learned from traces.
        </li>
        <li>An incident that ended by itself is opened again within {defaults.reopen_window}.</li>
      </ol>
    </Panel>
  );
}
